using System.Globalization;
using System.Text.RegularExpressions;

namespace IpuNet.Faces.Models;

/// <summary>The rule for ids of models: "name@version", such as "dlib-resnet29@1". Name and version are folders of disks and of storage.</summary>
public static partial class ModelId
{
    /// <summary>The rule, as messages tell it.</summary>
    public const string Rule = "A name is of lower-case letters, digits and '-', and versions count from 1, such as ipunet@3.";

    /// <summary>Whether it is a model's id.</summary>
    public static bool IsValid(string id) => Pattern().IsMatch(id);

    /// <summary>The id itself, where it is one.</summary>
    /// <exception cref="FaceDataException">It is none.</exception>
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
