using System.ComponentModel.DataAnnotations;
using System.Numerics;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;

namespace IpuNet.Training.Data;

/// <summary>
/// Random changes of a face each time it is drawn. They make a small set of faces more varied. Each value is drawn uniformly, between
/// the limit in one direction and the limit in the other.
/// </summary>
public sealed record AugmentationOptions
{
    /// <summary>Share of faces to change.</summary>
    /// <value>0.75 by default; 0 to 1.</value>
    [Range(0.0, 1.0)]
    public double Probability { get; init; } = 0.75;

    /// <summary>Largest shift in pixels of the aligned face.</summary>
    [Range(0.0, 64.0)]
    public double Shift { get; init; }

    /// <summary>Largest relative change of size, below 1: 0.1 is 10 % smaller to 10 % larger.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Scale { get; init; }

    /// <summary>Largest turn in degrees.</summary>
    [Range(0.0, 180.0)]
    public double Rotation { get; init; }

    /// <summary>Largest change of brightness, on the scale 0-255.</summary>
    [Range(0.0, 255.0)]
    public double Brightness { get; init; }

    /// <summary>Largest relative change of contrast, below 1: 0.1 is 10 % less to 10 % more.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Contrast { get; init; }
}

/// <summary>Changes faces at random.</summary>
internal static class Augmentation
{
    private const float Middle = 127.5f;

    /// <summary>Changes a face, or returns it unchanged.</summary>
    /// <param name="face">[128, 128, 3].</param>
    /// <param name="options">Limits of the changes.</param>
    /// <param name="random">Random numbers.</param>
    public static RgbImage Apply(RgbImage face, AugmentationOptions options, Random random)
    {
        if (random.NextDouble() >= options.Probability)
            return face;
        double angle = Within(options.Rotation) * Math.PI / 180, scale = 1 + Within(options.Scale);
        var about = SimilarityTransform.About(new Vector2(face.Width / 2f, face.Height / 2f), angle, scale);
        var shift = new Vector2((float)Within(options.Shift), (float)Within(options.Shift));
        RgbImage moved = FaceAligner.Move(face, about with { Translation = about.Translation + shift });
        double brightness = Within(options.Brightness), contrast = 1 + Within(options.Contrast);
        byte[] levels = [.. Enumerable.Range(0, 256).Select(LevelOf)];
        foreach (ref byte value in moved.Pixels.AsSpan())
            value = levels[value];
        return moved;

        byte LevelOf(int value) => (byte)Math.Clamp(Math.Round((value - Middle) * contrast + Middle + brightness), 0, 255);

        double Within(double range) => (random.NextDouble() * 2 - 1) * range;
    }
}
