using System.ComponentModel.DataAnnotations;
using System.Globalization;
using IpuNet.Faces.Alignment;

namespace IpuNet.Training.Degradation;

/// <summary>The size of a low-resolution face in pixels, written HEIGHTxWIDTH as in the paper: 7x6, 112x96.</summary>
public readonly record struct FaceSize(int Height, int Width)
{
    /// <summary>Reads HEIGHTxWIDTH, or one number for a square; both in 1-128.</summary>
    public static bool TryParse(string text, out FaceSize size)
    {
        string[] parts = text?.Split('x') ?? [];
        size = default;
        if (parts.Length is 0 or > 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            || !int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int width))
            return false;
        size = new FaceSize(height, width);
        return height is >= 1 and <= FaceAligner.Size && width is >= 1 and <= FaceAligner.Size;
    }

    /// <summary>Reads HEIGHTxWIDTH, or one number for a square.</summary>
    /// <exception cref="FormatException">The text is neither, or a number is not in 1-128.</exception>
    public static FaceSize Parse(string text) => TryParse(text, out var size)
        ? size
        : throw new FormatException($"'{text}' is not a face size: HEIGHTxWIDTH in pixels, each 1-{FaceAligner.Size}.");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");
}

/// <summary>Requires that a text is a <see cref="FaceSize"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FaceSizeTextAttribute : ValidationAttribute
{
    /// <summary>The rule for messages.</summary>
    public const string Rule = "HEIGHTxWIDTH in pixels with both 1 to 128, such as \"16x12\"";

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is string text && FaceSize.TryParse(text, out _);
}
