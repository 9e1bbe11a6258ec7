using System.Numerics;

namespace IpuNet.Faces.Imaging;

/// <summary>
/// A grid of points in an image, in pixels from its top left corner: point (x, y) is Origin + x * StepX + y * StepY. Plain sums and products
/// rather than a matrix, whose multiplication rounds differently from processor to processor.
/// </summary>
/// <param name="Origin">Point (0, 0).</param>
/// <param name="StepX">From a point to the next in its row.</param>
/// <param name="StepY">From a point to the one below.</param>
internal readonly record struct SamplingGrid(Vector2 Origin, Vector2 StepX, Vector2 StepY);
