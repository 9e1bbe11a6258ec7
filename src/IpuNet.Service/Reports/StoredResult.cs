using System.Text.Json;
using IpuNet.Contract;
using IpuNet.Faces.Reports;

namespace IpuNet.Service.Reports;

/// <summary>
/// The parts of a result that a report shows. The result may be that of an image, of an archive, or of a refused upload.
/// </summary>
/// <param name="Reason">Why there is no face; null if there is one.</param>
/// <param name="Faces">The faces.</param>
/// <param name="Refused">The refused entries of an archive, with the reasons.</param>
internal sealed record StoredResult(string? Reason, IReadOnlyList<FaceAnswer> Faces, IReadOnlyList<(string Name, string Reason)> Refused)
{
    public static StoredResult FromJson(ReadOnlyMemory<byte> json, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, StrictJson.Document);
            JsonElement root = document.RootElement;
            string? reason = root.TryGetProperty("reason", out JsonElement text) ? text.GetString() : null;
            bool hasFaces = root.TryGetProperty("faces", out JsonElement faces) && faces.GetArrayLength() > 0;
            return new StoredResult(reason, hasFaces ? ImageAnswer.FromJson(json.Span, name).Faces : [], RefusedEntries(root));
        }
        catch (Exception damage) when (damage is JsonException or FaceDataException or InvalidOperationException)
        {
            return new StoredResult("its result is damaged: upload the image again", [], []);
        }
    }

    private static (string Name, string Reason)[] RefusedEntries(JsonElement root) =>
        root.TryGetProperty("entries", out JsonElement entries) && entries.ValueKind == JsonValueKind.Object
        && entries.TryGetProperty("refused", out JsonElement refused) && refused.ValueKind == JsonValueKind.Array
            ? [.. refused.EnumerateArray().Select(entry => (Text(entry, "name"), Text(entry, "reason")))]
            : [];

    private static string Text(JsonElement entry, string member) =>
        entry.TryGetProperty(member, out JsonElement value) ? value.GetString() ?? "" : "";
}

/// <summary>An image in a report.</summary>
/// <param name="Entry">The result's entry in the listing.</param>
/// <param name="Result">The parts of the result.</param>
/// <param name="Faces">The faces with their pictures.</param>
internal sealed record ReportedImage(BatchEntry Entry, StoredResult Result, IReadOnlyList<ReportedFace> Faces)
{
    /// <summary>The approximate size in memory, in bytes.</summary>
    public long Size => 2048 + Faces.Sum(face => 1024L + (face.Probe?.Data.Length ?? 0) + (face.Enhanced?.Data.Length ?? 0));
}

/// <summary>A face in a report.</summary>
/// <param name="Answer">The result of the face.</param>
/// <param name="Probe">The face in the upload; null if the upload no longer exists.</param>
/// <param name="Enhanced">The super-resolved face; null if the face was not super-resolved.</param>
internal sealed record ReportedFace(FaceAnswer Answer, ReportPicture? Probe, ReportPicture? Enhanced);
