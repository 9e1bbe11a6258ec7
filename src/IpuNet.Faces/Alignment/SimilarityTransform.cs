using System.Numerics;

namespace IpuNet.Faces.Alignment;

/// <summary>
/// A similarity transform of the plane: rotation, scale and shift, without mirroring. It maps (x, y) to (a x - b y + tx, b x + a y + ty).
/// </summary>
/// <param name="A">Scale times the cosine of the rotation angle.</param>
/// <param name="B">Scale times the sine of the rotation angle. A positive angle turns x towards y (clockwise on a screen).</param>
/// <param name="Translation">The shift, in units of the target.</param>
public readonly record struct SimilarityTransform(float A, float B, Vector2 Translation)
{
    /// <summary>The factor by which distances grow.</summary>
    public float Scale => MathF.Sqrt(A * A + B * B);

    /// <summary>
    /// Fits the transform that minimises the sum of squared distances between the transformed points and their targets (Umeyama 1991; in
    /// two dimensions and without mirroring it has this closed form).
    /// </summary>
    /// <param name="from">The points, at least two different ones.</param>
    /// <param name="to">One target for each point.</param>
    /// <exception cref="ArgumentException">The numbers of points and targets differ, or all points are equal.</exception>
    public static SimilarityTransform Fit(ReadOnlySpan<Vector2> from, ReadOnlySpan<Vector2> to)
    {
        if (from.Length != to.Length)
            throw new ArgumentException($"{from.Length} points cannot be fitted to {to.Length} targets.", nameof(to));

        (double fromX, double fromY) = Mean(from);
        (double toX, double toY) = Mean(to);
        double spread = 0, along = 0, across = 0;
        for (int i = 0; i < from.Length; i++)
        {
            double x = from[i].X - fromX, y = from[i].Y - fromY;
            double u = to[i].X - toX, v = to[i].Y - toY;
            spread += x * x + y * y;
            along += x * u + y * v;
            across += x * v - y * u;
        }

        if (!(spread > 0))
            throw new ArgumentException("A similarity transform needs at least two different points.", nameof(from));

        double a = along / spread, b = across / spread;
        return new((float)a, (float)b, new((float)(toX - a * fromX + b * fromY), (float)(toY - b * fromX - a * fromY)));
    }

    /// <summary>A turn, and a change of size, about a point that stays in place.</summary>
    /// <param name="centre">The point.</param>
    /// <param name="angle">The angle in radians. A positive one turns x towards y.</param>
    /// <param name="scale">The factor by which distances grow.</param>
    public static SimilarityTransform About(Vector2 centre, double angle, double scale = 1)
    {
        var about = new SimilarityTransform((float)(Math.Cos(angle) * scale), (float)(Math.Sin(angle) * scale), default);
        return about with { Translation = centre - about.Apply(centre) };
    }

    /// <summary>Transforms a point.</summary>
    public Vector2 Apply(Vector2 point) => new Vector2(A * point.X - B * point.Y, B * point.X + A * point.Y) + Translation;

    /// <summary>The transform that does this one first, and then the other.</summary>
    public SimilarityTransform Then(SimilarityTransform next) =>
        new(next.A * A - next.B * B, next.B * A + next.A * B, next.Apply(Translation));

    /// <summary>The inverse transform.</summary>
    /// <exception cref="InvalidOperationException">The scale is 0, so there is no inverse.</exception>
    public SimilarityTransform Inverse()
    {
        float squaredScale = A * A + B * B;
        if (!(squaredScale > 0))
            throw new InvalidOperationException("A similarity transform of scale 0 has no inverse.");

        var back = new SimilarityTransform(A / squaredScale, -B / squaredScale, default);
        return back with { Translation = -back.Apply(Translation) };
    }

    private static (double X, double Y) Mean(ReadOnlySpan<Vector2> points)
    {
        double x = 0, y = 0;
        foreach (Vector2 point in points)
        {
            x += point.X;
            y += point.Y;
        }

        return (x / points.Length, y / points.Length);
    }
}
