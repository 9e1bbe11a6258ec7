using System.Text.Json;
using IpuNet.Faces;
using IpuNet.Faces.Files;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Reports;

/// <summary>What a report takes from a result, whoever wrote it: the recognition's, an archive's, or of an upload that was refused.</summary>
/// <param name="Reason">Why there is no face; null where there is one.</param>
/// <param name="Faces">The faces.</param>
/// <param name="Refused">What an archive had that was refused, with the reason.</param>
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
            return new StoredResult("its result is damaged: have it recognised again", [], []);
        }
    }

    private static (string Name, string Reason)[] RefusedEntries(JsonElement root) =>
        root.TryGetProperty("entries", out JsonElement entries) && entries.ValueKind == JsonValueKind.Object
        && entries.TryGetProperty("refused", out JsonElement refused) && refused.ValueKind == JsonValueKind.Array
            ? [.. refused.EnumerateArray().Select(entry => (Text(entry, "name"), Text(entry, "reason")))]
            : [];

    private static string Text(JsonElement entry, string member) => entry.TryGetProperty(member, out JsonElement value) ? value.GetString() ?? "" : "";
}
