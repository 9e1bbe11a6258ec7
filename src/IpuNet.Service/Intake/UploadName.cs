using System.Text;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Intake;

/// <summary>Where an upload is: <c>{batch}/{file}</c> in <see cref="StorageNames.Uploads"/>.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="File">The file's name within the batch; it may have folders.</param>
public sealed record UploadName(string Batch, string File)
{
    /// <summary>Most characters of a file's name. Names of results are longer by some, and storage takes 1,024 for all of it.</summary>
    public const int MaxFileLength = 900;

    // Storage takes 254 of them in a name.
    private const int MaxSegments = 200;

    // What results of a batch hold beside those of its files: no file's result may have such a name.
    private const string SummaryFile = "summary";
    private static readonly string[] ReservedFolders = ["messages", "trials"];

    /// <summary>Name of the blob, within <see cref="StorageNames.Uploads"/>.</summary>
    public string Blob => $"{Batch}/{File}";

    /// <summary>The upload as messages and results name it: with the container.</summary>
    public string Image => $"{StorageNames.Uploads}/{Blob}";

    /// <summary>Takes a blob's name apart.</summary>
    /// <param name="blob">The name, within <see cref="StorageNames.Uploads"/>.</param>
    /// <param name="fault">What is wrong with it and the way out; null where nothing is.</param>
    /// <returns>Null where something is wrong with it.</returns>
    public static UploadName? Parse(string blob, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(blob);
        int slash = blob.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            fault = $"it is in no batch. Upload it as {StorageNames.Uploads}/BATCH/FILE";
            return null;
        }

        var name = new UploadName(blob[..slash], blob[(slash + 1)..]);
        fault = BatchId.FaultOf(name.Batch) is { } wrong
            ? $"the batch's name {wrong}. {BatchId.Rule}"
            : (FaultOf(name.File) ?? ReservedFaultOf(name.File)) is { } faulty ? $"the file's name {faulty}" : null;
        return fault is null ? name : null;
    }

    /// <summary>Whether an upload of this name is taken for an archive.</summary>
    public static bool IsArchive(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What is wrong with a file's name within a batch.</summary>
    /// <returns>Null where nothing is.</returns>
    public static string? FaultOf(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.Length > MaxFileLength)
            return $"has {file.Length} characters; at most {MaxFileLength} are allowed";
        if (file.Contains('\\', StringComparison.Ordinal))
            return "has a backslash; folders are separated by '/'";
        if (!file.EnumerateRunes().All(IsAllowed))
            return "has a character that is not allowed in names (a control character, or half of a pair)";
        if (file.Length > 1 && char.IsAsciiLetter(file[0]) && file[1] == ':')
            return "begins with a drive";
        string[] segments = file.Split('/');
        if (segments.Length > MaxSegments)
            return $"has {segments.Length} folders; at most {MaxSegments} are allowed";
        if (Array.Exists(segments, segment => segment.Length == 0))
            return "has a folder or a file without a name";
        return Array.Exists(segments, segment => segment[^1] == '.') ? "has a folder or a file whose name ends with a full stop" : null;
    }

    /// <summary>A name as messages may show it: short, and with nothing that changes a terminal.</summary>
    public static string Shown(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        const int most = 120;
        string clean = string.Concat(name.EnumerateRunes().Select(rune => IsAllowed(rune) ? rune.ToString() : "\uFFFD").Take(most));
        return clean.Length < name.Length ? clean + "..." : clean;
    }

    private static string? ReservedFaultOf(string file) =>
        file == SummaryFile || ReservedFolders.Contains(file.Split('/')[0]) ? "is one that results need for themselves" : null;

    // What a listing of blobs, which is XML, can hold. Halves of a surrogate pair are enumerated as U+FFFD, which shows a name whose bytes nobody could read.
    private static bool IsAllowed(Rune rune) => !Rune.IsControl(rune) && rune.Value is not (0xFFFD or 0xFFFE or 0xFFFF);
}
