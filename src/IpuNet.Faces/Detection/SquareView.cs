using System.Numerics;

namespace IpuNet.Faces.Detection;

/// <summary>
/// A rectangle of a photo, padded with black to a square: what a network is shown, and how its answers, in units of the square,
/// turn into pixels of the photo.
/// </summary>
/// <param name="X">Left edge of the rectangle in the photo, in pixels.</param>
/// <param name="Y">Top edge.</param>
/// <param name="Width">Width of the rectangle, at least 1.</param>
/// <param name="Height">Height of the rectangle, at least 1.</param>
/// <param name="PaddingLeft">Black columns before it.</param>
/// <param name="PaddingTop">Black rows before it.</param>
/// <param name="Side">Side of the square in pixels of the photo.</param>
internal readonly record struct SquareView(int X, int Y, int Width, int Height, int PaddingLeft, int PaddingTop, int Side)
{
    /// <summary>The rectangle at the top left of the smallest square around it.</summary>
    public static SquareView TopLeft(int x, int y, int width, int height) => new(x, y, width, height, 0, 0, Math.Max(width, height));

    /// <summary>The rectangle in the middle of the smallest square around it; what is odd goes right and below, as in face-api.</summary>
    public static SquareView Centred(int x, int y, int width, int height) => Centred(x, y, width, height, Math.Max(width, height));

    /// <summary>The rectangle in the middle of a square that may be larger.</summary>
    public static SquareView Centred(int x, int y, int width, int height, int side) =>
        new(x, y, width, height, (side - width) / 2, (side - height) / 2, side);

    /// <summary>A point of the square, 0-1, in pixels of the photo.</summary>
    public Vector2 ToPhoto(Vector2 point) => new Vector2(X - PaddingLeft, Y - PaddingTop) + point * Side;

    /// <summary>A box of the square, 0-1, in pixels of the photo.</summary>
    public FaceBox ToPhoto(FaceBox box)
    {
        Vector2 corner = ToPhoto(new Vector2(box.X, box.Y));
        return new FaceBox(corner.X, corner.Y, box.Width * Side, box.Height * Side);
    }
}
