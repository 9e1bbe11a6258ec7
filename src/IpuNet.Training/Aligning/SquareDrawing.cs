using System.Numerics;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Degradation;

namespace IpuNet.Training.Aligning;

/// <summary>A square for an aligner, drawn in a small photo.</summary>
/// <param name="Photo">The small photo, as a camera might take it.</param>
/// <param name="Square">The square: maps pixels of its view to pixels of the small photo.</param>
/// <param name="Face">
/// Maps pixels of the aligned face, 128 x 128 px, to pixels of the small photo; null if the square shows no face.
/// </param>
internal sealed record DrawnSquare(RgbImage Photo, SimilarityTransform Square, SimilarityTransform? Face)
{
    /// <summary>What the aligner sees: [64, 64, 3].</summary>
    public RgbImage View => LooseSquare.Cut(Photo, Square);

    /// <summary>Where the face lies in the square; null if the square shows no face.</summary>
    public SimilarityTransform? Place => Face is { } face ? LooseSquare.PlaceOf(face, Square) : null;
}

/// <summary>Draws squares for an aligner. First the photo is made small, then the square is cut, as it is in use.</summary>
/// <param name="options">How the squares are drawn.</param>
/// <param name="flip">Whether to mirror a random half of the photos.</param>
internal sealed class SquareDrawing(AlignerOptions options, bool flip)
{
    private const double SmallFrom = 8, SmallTo = 32;

    // Pixels around the square: cutting it reads a few of them.
    private const int Margin = 4;

    // A detector's box is narrower than high.
    private const double BoxWidthFrom = 0.7, BoxWidthTo = 0.9;

    // Shares of the kinds of squares without a face, the rest being made pictures.
    private const double Elsewhere = 0.45, PartOfAFace = 0.15, TooLarge = 0.1;
    private const int Tries = 12;

    /// <summary>Draws a square around a face.</summary>
    /// <param name="photo">The photo at full size.</param>
    /// <param name="label">The face.</param>
    /// <param name="random">Random numbers.</param>
    /// <param name="height">Height of the face in the small photo in pixels; null for a random one.</param>
    /// <param name="anyTurn">Whether the face has any turn; null for a random choice.</param>
    public DrawnSquare Face(RgbImage photo, FaceLabel label, Random random, double? height = null, bool? anyTurn = null)
    {
        double side = Math.Min(LooseSquare.FaceSide * (height ?? HeightOf(random)), label.Side);
        double turn = anyTurn ?? random.NextDouble() < options.AnyTurn
            ? Within(random, Math.PI)
            : Normal(random, options.Turn / 2, options.Turn) * Math.PI / 180;
        double factor = Math.Exp(Within(random, Math.Log(options.Scale)));
        var shift = new Vector2((float)Within(random, options.Shift), (float)Within(random, options.Shift)) * (float)side;
        float angle = MathF.Atan2(label.Face.B, label.Face.A);
        var scene = new Scene(photo, label.Middle, label.Side / side, angle, label.Face);
        return Draw(scene, side, factor, shift, turn, random.NextDouble() < options.Cropped, random);
    }

    /// <summary>Draws a square without a face: beside the face, on a part of it, far too large, or in a made picture.</summary>
    /// <param name="photo">The photo at full size.</param>
    /// <param name="label">Its face.</param>
    /// <param name="random">Random numbers.</param>
    /// <param name="height">Height of a face that would fit the square, in pixels; null for a random one.</param>
    public DrawnSquare Negative(RgbImage photo, FaceLabel label, Random random, double? height = null)
    {
        (RgbImage picture, Vector2 middle, double fullSide) = FacelessPlace(photo, label, random);
        double side = Math.Min(LooseSquare.FaceSide * (height ?? HeightOf(random)), fullSide);
        var scene = new Scene(picture, middle, fullSide / side, (float)Within(random, Math.PI), null);
        return Draw(scene, side, factor: 1, Vector2.Zero, turn: Normal(random, 30, 180) * Math.PI / 180, isCropped: false, random);
    }

    // The small photo is a canvas around the square. The face is turned in it, and the square is mostly upright, as in use.
    private DrawnSquare Draw(Scene scene, double side, double factor, Vector2 shift, double turn, bool isCropped, Random random)
    {
        double squareTurn = random.Next(4) == 0 ? Normal(random, 10, 30) * Math.PI / 180 : 0;
        double half = side * factor * LooseSquare.Sides / 2;
        double reach = half * (Math.Abs(Math.Cos(squareTurn)) + Math.Abs(Math.Sin(squareTurn)));
        int size = (int)Math.Ceiling(2 * reach) + 2 * Margin;
        Vector2 middle = new Vector2(size / 2f) + new Vector2((float)Within(random, 0.5), (float)Within(random, 0.5));
        Vector2 faceMiddle = middle - shift;
        var toPhoto = SimilarityTransform.About(default, scene.Angle - turn - squareTurn, scene.Shrink);
        toPhoto = toPhoto with { Translation = scene.Middle - toPhoto.Apply(faceMiddle) };

        RgbImage canvas = FaceAligner.Cut(scene.Photo, toPhoto, size);
        SimilarityTransform? face = scene.Face?.Then(toPhoto.Inverse());
        if (flip && random.Next(2) == 1)
        {
            canvas = canvas.FlipHorizontally();
            (middle.X, faceMiddle.X, squareTurn) = (size - middle.X, size - faceMiddle.X, -squareTurn);
            face = face is { } drawn ? Mirrored(drawn, size) : null;
        }

        if (isCropped)
        {
            (int x, int y, int width, int height) = CropOf(faceMiddle, side, size, random);
            canvas = canvas.Crop(x, y, width, height);
            var moved = new Vector2(-x, -y);
            middle += moved;
            face = face is { } whole ? whole with { Translation = whole.Translation + moved } : null;
        }

        return new DrawnSquare(Degrade(canvas, random), LooseSquare.Around(middle, (float)(side * factor), (float)squareTurn), face);
    }

    private RgbImage Degrade(RgbImage canvas, Random random)
    {
        if (random.NextDouble() < options.Grey)
            CameraEffects.LoseColour(canvas);
        if (random.Next(2) == 0)
            Dim(canvas, 1 - random.NextDouble() * options.Light, 1 - random.NextDouble() * options.Contrast);
        return options.Camera is { } camera && random.NextDouble() < camera.Probability
            ? LowResolution.MakeAsCamera(canvas, new FaceSize(canvas.Height, canvas.Width), camera, random)
            : canvas;
    }

    private static void Dim(RgbImage canvas, double light, double contrast)
    {
        const double grey = 127.5;
        byte[] levels = [.. Enumerable.Range(0, 256).Select(v => (byte)Math.Round(((v - grey) * contrast + grey) * light))];
        foreach (ref byte value in canvas.Pixels.AsSpan())
            value = levels[value];
    }

    // Either the detector's box, more or less enlarged, or a photo that ends in the face or close to it on one side.
    private static (int X, int Y, int Width, int Height) CropOf(Vector2 face, double side, int size, Random random)
    {
        double left = 0, top = 0, right = size, bottom = size;
        if (random.NextDouble() < 0.7)
        {
            double height = side / LooseSquare.FaceSide * (0.95 + 0.1 * random.NextDouble());
            double width = height * (BoxWidthFrom + (BoxWidthTo - BoxWidthFrom) * random.NextDouble());
            double larger = 1 + ((double[])[0, 0.25, 0.6])[random.Next(3)] + Within(random, 0.1);
            double x = face.X + Within(random, 0.04) * height, y = face.Y + (Within(random, 0.04) - 0.083) * height;
            (left, right) = (x - width * larger / 2, x + width * larger / 2);
            (top, bottom) = (y - height * larger / 2, y + height * larger / 2);
        }
        else
        {
            double far = side * (0.2 + 0.5 * random.NextDouble());
            switch (random.Next(4))
            {
                case 0: left = face.X - far; break;
                case 1: right = face.X + far; break;
                case 2: top = face.Y - far; break;
                default: bottom = face.Y + far; break;
            }
        }

        const int least = 3;
        int x0 = (int)Math.Clamp(Math.Round(left), 0, size - least), y0 = (int)Math.Clamp(Math.Round(top), 0, size - least);
        return (
            x0, y0, (int)Math.Clamp(Math.Round(right) - x0, least, size - x0), (int)Math.Clamp(Math.Round(bottom) - y0, least, size - y0));
    }

    private static (RgbImage Picture, Vector2 Middle, double Side) FacelessPlace(RgbImage photo, FaceLabel label, Random random)
    {
        double kind = random.NextDouble();
        if (kind < Elsewhere && label.IsAlone)
        {
            for (int i = 0; i < Tries; i++)
            {
                double side = label.Side * Math.Exp(Math.Log(0.25) + random.NextDouble() * Math.Log(1.2 / 0.25));
                var middle = new Vector2((float)(random.NextDouble() * photo.Width), (float)(random.NextDouble() * photo.Height));
                if (!Meet(middle, side * LooseSquare.Sides, label))
                    return (photo, middle, side);
            }
        }
        else if (kind is >= Elsewhere and < Elsewhere + PartOfAFace)
        {
            var off = new Vector2((float)Within(random, 0.45), (float)Within(random, 0.45)) * label.Side;
            return (photo, label.Middle + off, label.Side * (0.15 + 0.2 * random.NextDouble()));
        }
        else if (kind is >= Elsewhere + PartOfAFace and < Elsewhere + PartOfAFace + TooLarge)
        {
            var off = new Vector2((float)Within(random, 1), (float)Within(random, 1)) * label.Side;
            return (photo, label.Middle + off, label.Side * (2.4 + 1.1 * random.NextDouble()));
        }

        return (MadePicture.Draw(random), new Vector2(MadePicture.Size / 2f), 20 + 60 * random.NextDouble());
    }

    // Whether a square shows a good part of the face.
    private static bool Meet(Vector2 middle, double side, FaceLabel label)
    {
        double across = Shared(middle.X, label.Middle.X), down = Shared(middle.Y, label.Middle.Y);
        return across * down > 0.15 * Math.Min(label.Side * label.Side, side * side);

        double Shared(double a, double b) => Math.Max(
            0, Math.Min(a + side / 2, b + label.Side / 2) - Math.Max(a - side / 2, b - label.Side / 2));
    }

    private double HeightOf(Random random)
    {
        bool isSmall = random.NextDouble() < options.Small;
        double least = isSmall ? Math.Clamp(SmallFrom, options.SmallestFace, options.LargestFace) : options.SmallestFace;
        double most = isSmall ? Math.Clamp(SmallTo, options.SmallestFace, options.LargestFace) : options.LargestFace;
        return least * Math.Pow(most / least, random.NextDouble());
    }

    // The mirror image of a face is a face too: eyes and corners of the mouth change places.
    private static SimilarityTransform Mirrored(SimilarityTransform face, int width) => new(
        face.A, -face.B,
        new Vector2(
            width - FaceAligner.Size * face.A - face.Translation.X, FaceAligner.Size * face.B + face.Translation.Y));

    private static double Within(Random random, double range) => (random.NextDouble() * 2 - 1) * range;

    private static double Normal(Random random, double deviation, double limit) =>
        Math.Clamp(NormalVariate.Next(random) * deviation, -limit, limit);

    // What is drawn: a place in a photo, its turn there, and by how much the photo is made smaller.
    private readonly record struct Scene(RgbImage Photo, Vector2 Middle, double Shrink, float Angle, SimilarityTransform? Face);
}
