using System.Runtime.InteropServices;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;

namespace IpuNet.Faces.Recognition;

/// <summary>Brings aligned faces into the form that somebody else's graph wants.</summary>
/// <param name="graph">What it wants; faces in <see cref="InsightFaceFrame"/>.</param>
internal sealed class ForeignFaceWriter(ForeignGraph graph)
{
    /// <summary>Writes a face.</summary>
    /// <param name="aligned">[128, 128, 3].</param>
    /// <param name="target">float32 [3, 112, 112].</param>
    public void Write(RgbImage aligned, Span<byte> target)
    {
        ReadOnlySpan<byte> pixels = InsightFaceFrame.FromAligned(aligned).Pixels;
        Span<float> planes = MemoryMarshal.Cast<byte, float>(target);
        const int area = InsightFaceFrame.Size * InsightFaceFrame.Size;
        for (int channel = 0; channel < RgbImage.Channels; channel++)
        {
            Span<float> plane = planes.Slice(channel * area, area);
            int from = graph.Channels == ChannelOrder.Rgb ? channel : RgbImage.Channels - 1 - channel;
            for (int i = 0; i < area; i++)
                plane[i] = (pixels[i * RgbImage.Channels + from] - graph.Mean) / graph.Deviation;
        }
    }
}
