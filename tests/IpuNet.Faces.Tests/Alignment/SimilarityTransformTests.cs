using System.Numerics;
using CsCheck;
using IpuNet.Faces.Alignment;

namespace IpuNet.Faces.Tests.Alignment;

public class SimilarityTransformTests
{
    private static readonly Gen<Vector2> Points = Gen.Select(Gen.Float[0, 128], Gen.Float[0, 128]).Select((x, y) => new Vector2(x, y));

    [Fact]
    public void Fit_PointsOfASimilarity_RecoversIt() =>
        Gen.Select(Similarities.Any, Points.Array[2, 60]).Where((_, points) => Spread(points) > 100).Sample((truth, points) =>
        {
            SimilarityTransform fitted = SimilarityTransform.Fit(points, Apply(truth, points));

            foreach (Vector2 point in points)
                Vector2.Distance(fitted.Apply(point), truth.Apply(point)).ShouldBeLessThan(0.02f);
            fitted.Scale.ShouldBe(truth.Scale, 0.001f * truth.Scale + 0.0001f);
        });

    [Fact]
    public void Fit_ScatteredTargets_HasTheLeastSquares() =>
        Gen.Select(Points.Array[33], Points.Array[33], Gen.Float[-0.1f, 0.1f].Array[4]).Sample((from, to, change) =>
        {
            SimilarityTransform fitted = SimilarityTransform.Fit(from, to);
            var other = new SimilarityTransform(
                fitted.A + change[0], fitted.B + change[1], fitted.Translation + new Vector2(change[2], change[3]));

            Squares(fitted, from, to).ShouldBeLessThanOrEqualTo(Squares(other, from, to) * 1.00001);
        });

    [Fact]
    public void Fit_MirroredTargets_DoesNotMirror()
    {
        Vector2[] from = [new(0, 0), new(10, 0), new(0, 5)];

        SimilarityTransform fitted = SimilarityTransform.Fit(from, [.. from.Select(p => new Vector2(-p.X, p.Y))]);

        // The determinant of a similarity transform is always above 0. The best rotation here is half a turn.
        fitted.A.ShouldBeLessThan(0);
    }

    [Fact]
    public void Inverse_OfAny_GoesBack() =>
        Gen.Select(Similarities.Any, Points).Sample((transform, point) =>
            Vector2.Distance(transform.Inverse().Apply(transform.Apply(point)), point).ShouldBeLessThan(0.1f));

    [Fact]
    public void Inverse_ScaleZero_Throws() =>
        Should.Throw<InvalidOperationException>(() => default(SimilarityTransform).Inverse());

    [Fact]
    public void Fit_OnePoint_Throws() =>
        Should.Throw<ArgumentException>(() => SimilarityTransform.Fit([new(3, 3), new(3, 3)], [new(0, 0), new(1, 1)]));

    [Fact]
    public void Fit_NoPoints_Throws() =>
        Should.Throw<ArgumentException>(() => SimilarityTransform.Fit([], []));

    [Fact]
    public void Fit_UnequalNumbers_Throws() =>
        Should.Throw<ArgumentException>(() => SimilarityTransform.Fit([new(3, 3), new(4, 3)], [new(0, 0)])).Message.ShouldContain(
            "2 points cannot be fitted to 1 targets");

    private static Vector2[] Apply(SimilarityTransform transform, Vector2[] points) => [.. points.Select(transform.Apply)];

    private static float Spread(Vector2[] points) => points.Max(p => Vector2.DistanceSquared(p, points[0]));

    private static double Squares(SimilarityTransform transform, Vector2[] from, Vector2[] to) =>
        from.Zip(to, (p, q) => (double)Vector2.DistanceSquared(transform.Apply(p), q)).Sum();
}
