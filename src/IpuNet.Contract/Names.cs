using System.Globalization;
using System.Text.RegularExpressions;

namespace IpuNet.Contract;

/// <summary>
/// The rule for batch names. A batch is a folder of <see cref="StorageNames.Uploads"/> and of <see cref="StorageNames.Results"/>.
/// </summary>
public static partial class BatchId
{
    /// <summary>The rule, as messages state it.</summary>
    public const string Rule =
        "Use 1 to 64 letters a-z, digits, '.', '_' or '-'; begin with a letter or digit and do not end with '.'. Example: 'cam-7'.";

    /// <summary>What is wrong with a name.</summary>
    /// <returns>Null if nothing is wrong.</returns>
    public static string? FaultOf(string batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Length == 0)
            return "is empty";
        if (!Pattern().IsMatch(batch))
            return $"'{UploadName.Shown(batch)}' is not allowed";
        return StorageNames.ReservedBatches.Contains(batch) ? $"'{batch}' is reserved for the service" : null;
    }

    /// <summary>The whole rule as a regular expression of ECMAScript.</summary>
    internal static string SchemaPattern { get; } = $"^(?!(?:{string.Join('|', StorageNames.ReservedBatches)})$){Form}$";

    private const string Form = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?";

    [GeneratedRegex($@"\A{Form}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>The rule for gallery names. A gallery is a folder of <see cref="StorageNames.Galleries"/>.</summary>
public static partial class GalleryName
{
    /// <summary>The rule, as messages state it.</summary>
    public const string Rule = "Use 1 to 63 letters a-z, digits or '-', such as 'default'.";

    /// <summary>What is wrong with a name.</summary>
    /// <returns>Null if nothing is wrong.</returns>
    public static string? FaultOf(string gallery)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        return gallery.Length == 0 ? "is empty" : Pattern().IsMatch(gallery) ? null : $"'{UploadName.Shown(gallery)}' is not allowed";
    }

    /// <summary>Returns the name if it follows the rule.</summary>
    /// <exception cref="FaceDataException">The name breaks the rule. The message says how.</exception>
    public static string Require(string gallery) =>
        FaultOf(gallery) is not { } fault ? gallery : throw new FaceDataException($"The gallery's name {fault}. {Rule}");

    /// <summary>The whole rule as a regular expression of ECMAScript.</summary>
    internal const string SchemaPattern = $"^{Form}$";

    private const string Form = "[a-z0-9-]{1,63}";

    [GeneratedRegex($@"\A{Form}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>
/// The rule for subject ids. An id is a file name, a blob name and a report column, so it must mean the same in all of them.
/// </summary>
/// <remarks>
/// An id has 1 to 128 characters: ASCII letters, digits, space, full stop, underscore and hyphen. Other scripts are not allowed: file
/// systems disagree about their bytes (é is one character or two), and look-alike letters would make different subjects. An id neither
/// begins nor ends with a full stop or a space. It is not a Windows device name (<c>con</c>, <c>lpt1</c>).
/// </remarks>
public static partial class SubjectId
{
    /// <summary>The maximum length, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>The rule, as messages state it.</summary>
    public const string Rule = "Use 1 to 128 letters a-z, digits, spaces, '.', '_' or '-', such as 'ada-lovelace'.";

    private const string Ends = "A-Za-z0-9_-", Allowed = $" .{Ends}";

    private const string WindowsDevices = "(?:con|prn|aux|nul|(?:com|lpt)[0-9]) *";

    /// <summary>The whole rule as a regular expression of ECMAScript.</summary>
    internal static string SchemaPattern { get; } =
        $@"^(?!{InAnyCase(WindowsDevices)}(?:\.|$))[{Ends}](?:[{Allowed}]{{0,{MaxLength - 2}}}[{Ends}])?$";

    /// <summary>Whether the id follows the rule.</summary>
    public static bool IsValid(string id) => FaultOf(id) is null;

    /// <summary>Returns the id if it follows the rule.</summary>
    /// <exception cref="FaceDataException">The id breaks the rule. The message says how.</exception>
    public static string Require(string id) =>
        FaultOf(id) is not { } fault
            ? id
            : throw new FaceDataException($"The subject id '{Shown(id)}' cannot be used: {fault}. {Rule}");

    /// <summary>What is wrong with an id. The text does not contain the id.</summary>
    /// <returns>Null if nothing is wrong.</returns>
    public static string? FaultOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length == 0)
            return "it is empty";
        if (id.Length > MaxLength)
            return $"it has {id.Length} characters";
        if (NotAllowed().Match(id) is { Success: true, Value: [var sign, ..] })
            return sign is > ' ' and < '\x7f'
                ? $"the character '{sign}' (U+{(int)sign:X4}) is not allowed"
                : $"the character U+{(int)sign:X4} is not allowed";
        if (id[0] is '.' or ' ' || id[^1] is '.' or ' ')
            return "it begins or ends with a full stop or a space";
        if (WindowsDevice().IsMatch(id))
            return "Windows keeps this name for a device";
        return null;
    }

    [GeneratedRegex($"[^{Allowed}]", RegexOptions.CultureInvariant)]
    private static partial Regex NotAllowed();

    [GeneratedRegex($@"\A{WindowsDevices}(?:\.|\z)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex WindowsDevice();

    // A pattern of a schema cannot ask to ignore the case.
    private static string InAnyCase(string pattern) =>
        string.Concat(pattern.Select(sign => char.IsLetter(sign) ? $"[{sign}{char.ToUpperInvariant(sign)}]" : $"{sign}"));

    private static string Shown(string id) =>
        string.Concat(id.Take(MaxLength).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
}

/// <summary>
/// The rule for model ids: "name@version", such as "dlib-resnet29@1". Name and version are folder names on disk and in storage.
/// </summary>
public static partial class ModelId
{
    /// <summary>The rule, as messages state it.</summary>
    public const string Rule = "A name has lower-case letters, digits and '-'; versions count from 1; such as 'ipunet@3'.";

    /// <summary>Whether the text is a model id.</summary>
    public static bool IsValid(string id) => Pattern().IsMatch(id);

    /// <summary>Returns the id if it is valid.</summary>
    /// <exception cref="FaceDataException">The text is not a model id.</exception>
    public static string Require(string id) => IsValid(id) ? id : throw new FaceDataException($"'{id}' cannot be a model's id: {Rule}");

    /// <summary>The name in an id.</summary>
    public static string NameOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return id[..id.IndexOf('@', StringComparison.Ordinal)];
    }

    /// <summary>The version in an id, from 1.</summary>
    public static int VersionOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return int.Parse(id.AsSpan(id.IndexOf('@', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}@[1-9][0-9]{0,8}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>The rule for experiment names. Files are named after experiments, so a name cannot be a path.</summary>
public static partial class ExperimentName
{
    /// <summary>The default experiment.</summary>
    public const string Default = "default";

    /// <summary>The rule, as messages state it.</summary>
    public const string Rule = "Use 1 to 64 letters a-z, digits, '-' or '_', such as 'default'.";

    /// <summary>What is wrong with a name.</summary>
    /// <returns>Null if nothing is wrong.</returns>
    public static string? FaultOf(string experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        return experiment.Length == 0 ? "is empty"
            : Pattern().IsMatch(experiment) ? null : $"'{UploadName.Shown(experiment)}' is not allowed";
    }

    /// <summary>The whole rule as a regular expression of ECMAScript.</summary>
    internal const string SchemaPattern = $"^{Form}$";

    private const string Form = "[A-Za-z0-9_-]{1,64}";

    [GeneratedRegex($@"\A{Form}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>The names of the resolution bands, by the height of a face in pixels of the image.</summary>
public static class BandName
{
    /// <summary>The smallest height in each band, smallest faces first.</summary>
    public static IReadOnlyList<int> LeastHeights { get; } = [0, 12, 20, 32, 48, 96];

    /// <summary>All names, in the order of <see cref="LeastHeights"/>: "&lt;12", "12-19" ... "&gt;=96".</summary>
    public static IReadOnlyList<string> All { get; } = [.. LeastHeights.Select(NameOf)];

    private static string NameOf(int least, int i) =>
        i == 0 ? $"<{LeastHeights[1]}"
        : i == LeastHeights.Count - 1 ? $">={least}"
        : $"{least}-{LeastHeights[i + 1] - 1}";
}

/// <summary>The words for the decision about a face.</summary>
public static class FaceDecision
{
    /// <summary>The best match reaches the threshold.</summary>
    public const string Known = "known";

    /// <summary>No match reaches the threshold.</summary>
    public const string Unknown = "unknown";
}
