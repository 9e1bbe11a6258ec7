using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Tests.Imaging;

namespace IpuNet.Faces.Tests.Gallery;

public class EnrolmentGateTests
{
    private static readonly RgbImage Sharp = TestImages.Noise(FaceAligner.Size, FaceAligner.Size);
    private static readonly RgbImage Blurred = TestImages.Smooth(FaceAligner.Size, FaceAligner.Size);
    private readonly EnrolmentGate _gate = new();

    [Fact]
    public void Judge_OneLargeSharpFace_IsAccepted()
    {
        var verdict = _gate.Judge([Face(32, Sharp)]);

        verdict.Accepted.ShouldBeTrue();
        verdict.Quality.ShouldBe(new EnrolmentQuality(32, FaceSharpness.Measure(Sharp)));
    }

    [Fact]
    public void Judge_NoFace_IsRefused() => _gate.Judge([]).Refusal!.ShouldStartWith("no face was found");

    [Fact]
    public void Judge_SeveralFaces_IsRefusedWithTheirNumberAndPlaces()
    {
        string refusal = _gate.Judge([Face(80, Sharp), Face(90, Sharp), Face(60, Sharp)]).Refusal!;

        refusal.ShouldStartWith("3 faces were found, at [7, 5, 80, 80], [7, 5, 90, 90], [7, 5, 60, 60] (x, y, width, height)");
        refusal.ShouldEndWith("--largest");
    }

    [Fact]
    public void Judge_SeveralFacesForTheLargest_TakesIt()
    {
        EnrolmentFace[] faces = [Face(80, Sharp), Face(90, Sharp), Face(60, Sharp)];

        EnrolmentVerdict verdict = (_gate with { TakesLargest = true }).Judge(faces);

        verdict.Accepted.ShouldBeTrue();
        verdict.Face.ShouldBeSameAs(faces[1]);
    }

    [Fact]
    public void Judge_AFaceThatMayBeNone_IsRefused() =>
        _gate.Judge([Face(80, Sharp) with { IsUnsure = true }]).Refusal!.ShouldStartWith("it is uncertain whether this is a face");

    [Theory]
    [InlineData(31.9f)]
    [InlineData(float.NaN)]
    public void Judge_SmallFace_IsRefusedWithItsHeight(float height)
    {
        var verdict = _gate.Judge([Face(height, Sharp)]);

        verdict.Accepted.ShouldBeFalse();
        verdict.Refusal!.ShouldContain("px high, less than 32");
    }

    [Fact]
    public void Judge_BlurredFace_IsRefusedAndMeasured()
    {
        var verdict = _gate.Judge([Face(200, Blurred)]);

        verdict.Refusal!.ShouldStartWith("the face is blurred");
        verdict.Quality!.Sharpness.ShouldBeInRange(0, 50);
    }

    [Fact]
    public void Judge_LooserGate_AcceptsTheSameFace() =>
        (_gate with { MinSharpness = 0 }).Judge([Face(200, Blurred)]).Accepted.ShouldBeTrue();

    private static EnrolmentFace Face(float height, RgbImage aligned) =>
        new(new FaceBox(7, 5, height, height), height, aligned, IsUnsure: false);

    [Fact]
    public void Measure_FlatImage_IsZero() =>
        FaceSharpness.Measure(TestImages.Uniform(FaceAligner.Size, FaceAligner.Size, 90, 120, 30)).ShouldBe(0, 1e-3);

    // The tolerance is needed because OpenCV rounds grey to integers.
    [Fact]
    public void Measure_Image_IsTheVarianceThatOpenCvGives() =>
        FaceSharpness.Measure(Sharp).ShouldBe((float)OpenCvGolden.Read().LaplacianVariance, 10f);

    [Fact]
    public void Measure_ImageThatIsNoAlignedFace_IsRefused() =>
        Should.Throw<ArgumentException>(() => FaceSharpness.Measure(TestImages.Noise(100, 128)));
}
