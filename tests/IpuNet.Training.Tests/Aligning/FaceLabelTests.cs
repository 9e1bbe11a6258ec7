using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Training.Aligning;
using IpuNet.Training.Data;

namespace IpuNet.Training.Tests.Aligning;

public sealed class FaceLabelTests
{
    private static readonly RgbImage Photo = new(200, 200);

    [Fact]
    public void Of_OneFaceInTheMiddle_IsWhereItsLandmarksAre()
    {
        DetectedFace face = FaceAt(new Vector2(95, 110), side: 80);

        FaceLabel label = FaceLabel.Of(Photo, [face], LandmarksIn).ShouldNotBeNull();

        label.IsAlone.ShouldBeTrue();
        label.Side.ShouldBe(80, 0.01f);
        Vector2.Distance(label.Middle, new Vector2(95, 110)).ShouldBeLessThan(0.01f);
    }

    [Fact]
    public void Of_AnotherFaceAtTheEdge_IsNotAlone() =>
        FaceLabel.Of(Photo, [FaceAt(new Vector2(100, 100), 80), FaceAt(new Vector2(190, 20), 40)], LandmarksIn)
            .ShouldNotBeNull().IsAlone.ShouldBeFalse();

    [Fact]
    public void Of_TwoFacesInTheMiddle_IsNone() =>
        FaceLabel.Of(Photo, [FaceAt(new Vector2(100, 100), 80), FaceAt(new Vector2(115, 100), 60)], LandmarksIn).ShouldBeNull();

    [Theory]
    [InlineData(180, 80)]
    [InlineData(100, 30)]
    public void Of_AFaceAtTheEdgeOrASmallOne_IsNone(float x, float side) =>
        FaceLabel.Of(Photo, [FaceAt(new Vector2(x, 100), side)], LandmarksIn).ShouldBeNull();

    [Fact]
    public void Cached_PhotosWithoutAFace_HaveNoLabelAndAreSearchedOnce()
    {
        using var faces = new MadeFaces(photos: 2);
        using FaceDetector detector = FaceDetector.Open(ModelStore.Locate(), InferenceSettings.Default, FaceLabel.Search);
        using var landmarker = FaceLandmarker.Open(ModelStore.Locate().Find("face-landmark-68@1"), InferenceSettings.Default);
        string broken = Path.Combine(faces.Root, "broken.png");
        File.WriteAllText(broken, "no image");
        TrainingFace[] photos = [.. faces.Files, new TrainingFace(broken, null, null)];
        var unreadable = new List<FaceDataException>();
        var first = new Recorder<int>();
        var second = new Recorder<int>();

        IReadOnlyList<FaceLabel?>[] labels = [.. new[] { first, second }.Select(progress => FaceLabel.Cached(
            faces.Run("cache"), detector, landmarker, photos, unreadable.Add, progress, TestContext.Current.CancellationToken))];

        labels.ShouldAllBe(found => found.Count == 3 && found.All(label => label == null));
        first.Reports.ShouldBe([3]);
        second.Reports.ShouldBeEmpty();
        unreadable.Single().Message.ShouldContain("broken.png");
    }

    private static DetectedFace FaceAt(Vector2 middle, float side) =>
        new(new FaceBox(middle.X - side * 0.4f, middle.Y - side * 0.5f, side * 0.8f, side), 0.9f);

    // The aligned face is as high as the box, and has its middle.
    private static FaceLandmarks LandmarksIn(FaceBox box)
    {
        var middle = new Vector2(box.X + box.Width / 2, box.Y + box.Height / 2);
        var toPhoto = new SimilarityTransform(box.Height / FaceAligner.Size, 0, middle - new Vector2(box.Height / 2));
        var points = Enumerable.Repeat(middle, FaceLandmarks.Count).ToArray();
        Vector2[] chip = DlibChip.PointsFor(FaceAligner.Size);
        for (int i = 0; i < chip.Length; i++)
            points[DlibChip.Landmarks[i]] = toPhoto.Apply(chip[i]);
        return new FaceLandmarks(points);
    }
}
