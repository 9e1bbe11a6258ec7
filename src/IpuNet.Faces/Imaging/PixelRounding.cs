using System.Runtime.Intrinsics;

namespace IpuNet.Faces.Imaging;

/// <summary>From float colours to 8 bit.</summary>
internal static class PixelRounding
{
    /// <summary>Rounds red, green and blue (0-255) to the nearest level, halves up, clamped to 0-255.</summary>
    public static void Store(Vector128<float> colour, Span<byte> pixel)
    {
        var limited = Vector128.Min(Vector128.Max(colour, Vector128<float>.Zero), Vector128.Create(255f));
        Vector128<int> levels = Vector128.ConvertToInt32(limited + Vector128.Create(0.5f));
        pixel[2] = (byte)levels[2];
        pixel[1] = (byte)levels[1];
        pixel[0] = (byte)levels[0];
    }
}
