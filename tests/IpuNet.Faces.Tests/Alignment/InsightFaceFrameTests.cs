using System.Numerics;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Alignment;

public sealed class InsightFaceFrameTests
{
    // In pixels of 112. The mean faces of dlib and insightface differ, so their five points do not match exactly.
    private const float Tolerance = 4;

    [Theory]
    [InlineData(36, 6, 38.3f, 51.7f)]
    [InlineData(42, 6, 73.5f, 51.5f)]
    [InlineData(30, 1, 56.0f, 71.7f)]
    [InlineData(48, 1, 41.5f, 92.4f)]
    [InlineData(54, 1, 70.7f, 92.2f)]
    public void FromAligned_AMarkAtAPointOfTheMeanFace_ComesToInsightFacesPoint(int landmark, int count, float x, float y)
    {
        Vector2[] chip = DlibChip.PointsFor(FaceAligner.Size);
        Vector2 point = Enumerable.Range(landmark - 27, count).Select(i => chip[i]).Aggregate((a, b) => a + b) / count;

        Vector2 found = Brightest(InsightFaceFrame.FromAligned(Mark(point)));

        Vector2.Distance(found, new Vector2(x, y)).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void FromAligned_AFace_IsUprightAndOfTheFramesSize()
    {
        RgbImage framed = InsightFaceFrame.FromAligned(Mark(new Vector2(64, 20)));

        (framed.Width, framed.Height).ShouldBe((112, 112));
        Vector2 found = Brightest(framed);
        found.X.ShouldBeInRange(52, 60);
        found.Y.ShouldBeLessThan(40);
    }

    private static RgbImage Mark(Vector2 at)
    {
        var face = new RgbImage(FaceAligner.Size, FaceAligner.Size);
        for (int y = 0; y < face.Height; y++)
        {
            for (int x = 0; x < face.Width; x++)
            {
                float distance = Vector2.Distance(new Vector2(x + 0.5f, y + 0.5f), at);
                face.Row(y).Slice(x * 3, 3).Fill((byte)(255 * MathF.Exp(-distance * distance / 8)));
            }
        }

        return face;
    }

    // The centre of brightness. As in OpenCV, (0, 0) is the centre of the first pixel.
    private static Vector2 Brightest(RgbImage face)
    {
        double sum = 0, across = 0, down = 0;
        for (int y = 0; y < face.Height; y++)
        {
            for (int x = 0; x < face.Width; x++)
            {
                double value = face.Row(y)[x * 3];
                (sum, across, down) = (sum + value, across + value * x, down + value * y);
            }
        }

        return new Vector2((float)(across / sum), (float)(down / sum));
    }
}
