using IpuNet.Faces.Imaging;

namespace IpuNet.Training.Aligning;

/// <summary>Makes pictures that show no face: plain colours, gradients, noise, stripes, checks, and drawings of simple shapes.</summary>
internal static class MadePicture
{
    /// <summary>Side of a picture in pixels.</summary>
    public const int Size = 128;

    private const int Kinds = 5, MostShapes = 8;

    /// <summary>Draws a picture at random: [128, 128, 3].</summary>
    public static RgbImage Draw(Random random)
    {
        RgbImage picture = Ground(random);
        if (random.Next(2) == 0)
        {
            int shapes = random.Next(1, MostShapes + 1);
            for (int i = 0; i < shapes; i++)
                AddShape(picture, random);
        }

        return picture;
    }

    private static RgbImage Ground(Random random)
    {
        var (a, b) = (Colour.Any(random), Colour.Any(random));
        double angle = random.NextDouble() * Math.PI, period = Math.Exp(random.NextDouble() * 3.5) + 2;
        double cos = Math.Cos(angle), sin = Math.Sin(angle);
        return random.Next(Kinds) switch
        {
            0 => Paint((_, _) => a),
            1 => Paint((x, y) => a.Towards(b, 0.5 + (x * cos + y * sin) / (2 * Size))),
            2 => Noise(random),
            3 => Paint((x, y) => a.Towards(b, 0.5 + 0.5 * Math.Sin((x * cos + y * sin) * 2 * Math.PI / period))),
            _ => Paint((x, y) => (Math.Floor((x * cos + y * sin) / period) + Math.Floor((y * cos - x * sin) / period)) % 2 == 0 ? a : b),
        };
    }

    private static RgbImage Noise(Random random)
    {
        int side = Math.Max(2, (int)(Size * Math.Pow(random.NextDouble(), 2)));
        var grain = new RgbImage(side, side);
        random.NextBytes(grain.Pixels);
        return Resampler.Resize(grain, Size, Size);
    }

    // An ellipse or a line, filled.
    private static void AddShape(RgbImage picture, Random random)
    {
        Colour colour = Colour.Any(random);
        bool isLine = random.Next(2) == 0;
        double x0 = random.NextDouble() * Size, y0 = random.NextDouble() * Size, angle = random.NextDouble() * Math.PI;
        double halfLength = Size * (0.05 + 0.45 * random.NextDouble());
        double halfWidth = isLine ? 0.5 + 4 * random.NextDouble() : halfLength * (0.3 + 0.7 * random.NextDouble());
        double cos = Math.Cos(angle), sin = Math.Sin(angle);
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                double along = ((x - x0) * cos + (y - y0) * sin) / halfLength, across = ((y - y0) * cos - (x - x0) * sin) / halfWidth;
                if (isLine ? Math.Max(Math.Abs(along), Math.Abs(across)) < 1 : along * along + across * across < 1)
                    colour.CopyTo(picture.Row(y).Slice(x * RgbImage.Channels, RgbImage.Channels));
            }
        }
    }

    private static RgbImage Paint(Func<double, double, Colour> colour)
    {
        var picture = new RgbImage(Size, Size);
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
                colour(x - Size / 2d, y - Size / 2d).CopyTo(picture.Row(y).Slice(x * RgbImage.Channels, RgbImage.Channels));
        }

        return picture;
    }

    private readonly record struct Colour(byte Red, byte Green, byte Blue)
    {
        public static Colour Any(Random random) => new((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));

        public Colour Towards(Colour other, double share)
        {
            double limited = Math.Clamp(share, 0, 1);
            return new(Mix(Red, other.Red), Mix(Green, other.Green), Mix(Blue, other.Blue));

            byte Mix(byte from, byte to) => (byte)Math.Round(from + (to - from) * limited);
        }

        public void CopyTo(Span<byte> pixel) => (pixel[0], pixel[1], pixel[2]) = (Red, Green, Blue);
    }
}
