using System.ComponentModel.DataAnnotations;

namespace IpuNet.Service.Retraining;

/// <summary>What a scheduled retraining is.</summary>
/// <remarks>Configuration section <see cref="Section"/>. When it is due is said by the timer of the Functions app.</remarks>
public sealed class RetrainingScheduleOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Retraining";

    /// <summary>Name of the experiment.</summary>
    /// <value>"default" by default; 1 to 64 characters.</value>
    [Required]
    [StringLength(64, MinimumLength = 1)]
    public string Experiment { get; set; } = ExperimentName.Default;
}
