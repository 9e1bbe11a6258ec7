using System.Numerics;
using IpuNet.Contract;

namespace IpuNet.Faces.Detection;

/// <summary>
/// A rectangle of a photo, padded with black to a square: the input of a network. Converts the network's outputs, in units of the square,
/// to pixels of the photo.
/// </summary>
/// <param name="X">Left edge of the rectangle in the photo, in pixels.</param>
/// <param name="Y">Top edge.</param>
/// <param name="Width">Width of the rectangle, at least 1.</param>
/// <param name="Height">Height of the rectangle, at least 1.</param>
/// <param name="PaddingLeft">Black columns left of the rectangle.</param>
/// <param name="PaddingTop">Black rows above the rectangle.</param>
/// <param name="Side">Side of the square in pixels of the photo.</param>
internal readonly record struct SquareView(int X, int Y, int Width, int Height, int PaddingLeft, int PaddingTop, int Side)
{
    /// <summary>Puts the rectangle at the top left of the smallest square that holds it.</summary>
    public static SquareView TopLeft(int x, int y, int width, int height) => new(x, y, width, height, 0, 0, Math.Max(width, height));

    /// <summary>Centres the rectangle in the smallest square that holds it. An odd pixel goes right or below, as in face-api.</summary>
    public static SquareView Centred(int x, int y, int width, int height) => Centred(x, y, width, height, Math.Max(width, height));

    /// <summary>Centres the rectangle in a square of the given side, at least as long as the longer side of the rectangle.</summary>
    public static SquareView Centred(int x, int y, int width, int height, int side) =>
        new(x, y, width, height, (side - width) / 2, (side - height) / 2, side);

    /// <summary>Converts a point from units of the square (0-1) to pixels of the photo.</summary>
    public Vector2 ToPhoto(Vector2 point) => new Vector2(X - PaddingLeft, Y - PaddingTop) + point * Side;

    /// <summary>Converts a box from units of the square (0-1) to pixels of the photo.</summary>
    public FaceBox ToPhoto(FaceBox box)
    {
        Vector2 corner = ToPhoto(new Vector2(box.X, box.Y));
        return new FaceBox(corner.X, corner.Y, box.Width * Side, box.Height * Side);
    }
}
