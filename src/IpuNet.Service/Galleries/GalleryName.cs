using System.Text.RegularExpressions;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>The rule for names of galleries: a gallery is a folder of <see cref="StorageNames.Galleries"/>.</summary>
public static partial class GalleryName
{
    /// <summary>The rule, as messages tell it.</summary>
    public const string Rule = "Use 1 to 63 of the letters a-z, digits and '-', such as 'default'.";

    /// <summary>What is wrong with a name.</summary>
    /// <returns>Null where nothing is.</returns>
    public static string? FaultOf(string gallery)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        return gallery.Length == 0 ? "is empty" : Pattern().IsMatch(gallery) ? null : $"'{UploadName.Shown(gallery)}' is not allowed";
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
