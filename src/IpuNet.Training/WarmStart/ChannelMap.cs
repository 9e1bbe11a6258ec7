using IpuNet.Faces.Networks;

namespace IpuNet.Training.WarmStart;

/// <summary>A feature map of a widened network: its shape there, and which channel of the narrow network each of its channels repeats.</summary>
/// <param name="Shape">Its shape in the widened network.</param>
/// <param name="From">The narrow network's channels, one for each channel here.</param>
/// <param name="Narrow">How many channels it has in the narrow network.</param>
internal sealed record ChannelMap(FeatureShape Shape, int[] From, int Narrow)
{
    /// <summary>What each channel counts where channels are summed: those that repeat one share its weight.</summary>
    public float[] Shares()
    {
        var repeats = new int[Narrow];
        foreach (int channel in From)
            repeats[channel]++;
        return [.. From.Select(channel => 1f / repeats[channel])];
    }
}
