using System.Text;

namespace IpuNet.Contract;

/// <summary>The place of an upload: <c>{batch}/{file}</c> in <see cref="StorageNames.Uploads"/>.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="File">The file's name within the batch; it may have folders.</param>
public sealed record UploadName(string Batch, string File)
{
    /// <summary>
    /// The maximum length of a file's name, in characters. Result names are a little longer, and storage allows 1,024 in all.
    /// </summary>
    public const int MaxFileLength = 900;

    // Storage allows 254 segments in a blob name.
    private const int MaxSegments = 200;

    // The names that a batch's other result blobs use. No file's result may have such a name.
    private const string SummaryFile = "summary";
    private static readonly string[] ReservedFolders = ["messages", "trials"];

    /// <summary>The name of the blob within <see cref="StorageNames.Uploads"/>.</summary>
    public string Blob => $"{Batch}/{File}";

    /// <summary>The upload as messages and results name it, with the container.</summary>
    public string Image => $"{StorageNames.Uploads}/{Blob}";

    /// <summary>Parses a blob's name.</summary>
    /// <param name="blob">The name, within <see cref="StorageNames.Uploads"/>.</param>
    /// <param name="fault">What is wrong with the name and the way out; null if the name is valid.</param>
    /// <returns>Null if the name is not valid.</returns>
    public static UploadName? Parse(string blob, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(blob);
        int slash = blob.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            fault = $"it is not in a batch. Upload it as {StorageNames.Uploads}/BATCH/FILE";
            return null;
        }

        var name = new UploadName(blob[..slash], blob[(slash + 1)..]);
        fault = BatchId.FaultOf(name.Batch) is { } wrong
            ? $"the batch's name {wrong}. {BatchId.Rule}"
            : (FaultOf(name.File) ?? ReservedFaultOf(name.File)) is { } faulty ? $"the file's name {faulty}" : null;
        return fault is null ? name : null;
    }

    /// <summary>Whether a file of this name counts as an archive.</summary>
    public static bool IsArchive(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What is wrong with a file's name within a batch.</summary>
    /// <returns>Null if the name is valid.</returns>
    public static string? FaultOf(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.Length > MaxFileLength)
            return $"has {file.Length} characters; at most {MaxFileLength} are allowed";
        if (file.Contains('\\', StringComparison.Ordinal))
            return "has a backslash; folders are separated by '/'";
        if (!file.EnumerateRunes().All(IsAllowed))
            return "has a character that is not allowed in names (a control character or half of a surrogate pair)";
        if (file.Length > 1 && char.IsAsciiLetter(file[0]) && file[1] == ':')
            return "begins with a drive letter";
        string[] segments = file.Split('/');
        if (segments.Length > MaxSegments)
            return $"has {segments.Length} folders; at most {MaxSegments} are allowed";
        if (Array.Exists(segments, segment => segment.Length == 0))
            return "has a folder or a file without a name";
        return Array.Exists(segments, segment => segment[^1] == '.') ? "has a folder or a file whose name ends with a full stop" : null;
    }

    /// <summary>Makes a name safe to show in a message: short, and without characters that control a terminal.</summary>
    public static string Shown(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        const int most = 120;
        string clean = string.Concat(name.EnumerateRunes().Select(rune => IsAllowed(rune) ? rune.ToString() : "\uFFFD").Take(most));
        return clean.Length < name.Length ? clean + "..." : clean;
    }

    private static string? ReservedFaultOf(string file) =>
        file == SummaryFile || ReservedFolders.Contains(file.Split('/')[0]) ? "is reserved for results" : null;

    // A listing of blobs is XML and cannot hold these characters. Half of a surrogate pair is enumerated as U+FFFD, so a U+FFFD means bytes
    // that cannot be read.
    private static bool IsAllowed(Rune rune) => !Rune.IsControl(rune) && rune.Value is not (0xFFFD or 0xFFFE or 0xFFFF);
}
