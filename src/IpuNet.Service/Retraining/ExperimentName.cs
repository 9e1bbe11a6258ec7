using System.Text.RegularExpressions;
using IpuNet.Service.Intake;

namespace IpuNet.Service.Retraining;

/// <summary>The rule for names of experiments, of which files are called: no path is one.</summary>
public static partial class ExperimentName
{
    /// <summary>The experiment where none is named.</summary>
    public const string Default = "default";

    /// <summary>The rule, as messages tell it.</summary>
    public const string Rule = "Use 1 to 64 letters a-z, digits, '-' or '_', such as 'default'.";

    /// <summary>What is wrong with a name.</summary>
    /// <returns>Null where nothing is.</returns>
    public static string? FaultOf(string experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        return experiment.Length == 0 ? "is empty" : Pattern().IsMatch(experiment) ? null : $"'{UploadName.Shown(experiment)}' is not allowed";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
