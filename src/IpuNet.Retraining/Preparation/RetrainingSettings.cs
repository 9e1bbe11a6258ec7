using IpuNet.Faces.Models;

namespace IpuNet.Retraining.Preparation;

/// <summary>How jobs of retraining are worked on.</summary>
/// <param name="Folder">Where images, faces and runs are kept; it may be lost at any time.</param>
/// <param name="Minimum">The least that is learned from.</param>
/// <param name="Far">The false acceptance rate that thresholds are calibrated for; null for that of the model in use.</param>
/// <param name="Steps">Steps in place of the experiment's; null for those.</param>
/// <param name="Inference">How models are run.</param>
public sealed record RetrainingSettings(string Folder, RetrainingMinimum Minimum, double? Far, int? Steps, InferenceSettings Inference);
