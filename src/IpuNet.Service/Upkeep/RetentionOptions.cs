using System.ComponentModel.DataAnnotations;

namespace IpuNet.Service.Upkeep;

/// <summary>For how long batches are kept.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class RetentionOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Retention";

    /// <summary>Days for which a batch is kept after it was last written to: its uploads and its results. Answers to enrolments and retrainings are kept as long, and trainings that nobody goes on with.</summary>
    /// <value>0 by default: for ever. At most 36,500.</value>
    [Range(0, 36_500)]
    public int Days { get; set; }
}
