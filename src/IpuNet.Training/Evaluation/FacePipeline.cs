using IpuNet.Faces.Imaging;

namespace IpuNet.Training.Evaluation;

/// <summary>The models under evaluation: a recogniser, and optionally an enhancer.</summary>
/// <param name="Recogniser">Id of the recogniser.</param>
/// <param name="Embed">Turns aligned faces [128, 128, 3] into unit vectors.</param>
/// <param name="Enhancer">Id of the enhancer; null without one.</param>
/// <param name="Enhance">Turns faces of any size into super-resolved faces [128, 128, 3]; null without an enhancer.</param>
public sealed record FacePipeline(
    string Recogniser,
    Func<IReadOnlyList<RgbImage>, float[][]> Embed,
    string? Enhancer = null,
    Func<IReadOnlyList<RgbImage>, IReadOnlyList<RgbImage>>? Enhance = null)
{
    /// <summary>Maximum number of faces in a batch.</summary>
    /// <value>Default 32.</value>
    public int BatchSize { get; init; } = 32;
}
