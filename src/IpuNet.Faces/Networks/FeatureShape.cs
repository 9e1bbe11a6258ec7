namespace IpuNet.Faces.Networks;

/// <summary>The shape of one feature map without its batch: [channels, height, width]. A vector is [n, 1, 1].</summary>
public readonly record struct FeatureShape(int Channels, int Height, int Width)
{
    /// <inheritdoc/>
    public override string ToString() => $"[{Channels}, {Height}, {Width}]";
}
