using System.Text.RegularExpressions;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Intake;

/// <summary>The rule for names of batches: a batch is a folder of <see cref="StorageNames.Uploads"/> and of <see cref="StorageNames.Results"/>.</summary>
public static partial class BatchId
{
    /// <summary>The rule, as messages tell it.</summary>
    public const string Rule = "Use 1 to 64 letters a-z, digits, '.', '_' or '-', the first a letter or digit and the last no '.', such as 'cam-7'.";

    /// <summary>What is wrong with a name.</summary>
    /// <returns>Null where nothing is.</returns>
    public static string? FaultOf(string batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Length == 0)
            return "is empty";
        if (!Pattern().IsMatch(batch))
            return $"'{UploadName.Shown(batch)}' is not allowed";
        return StorageNames.ReservedBatches.Contains(batch) ? $"'{batch}' is one that the service needs for itself" : null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
