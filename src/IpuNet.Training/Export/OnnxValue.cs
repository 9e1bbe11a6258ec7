using IpuNet.Faces.Networks;

namespace IpuNet.Training.Export;

/// <summary>A feature map [N, C, H, W], float, in an <see cref="OnnxGraph"/>.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Shape">Its shape, without the batch.</param>
public sealed record OnnxValue(string Name, FeatureShape Shape);
