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
        var verdict = _gate.Judge(1, 32, Sharp);

        verdict.Accepted.ShouldBeTrue();
        verdict.Quality.ShouldBe(new EnrolmentQuality(32, FaceSharpness.Measure(Sharp)));
    }

    [Fact]
    public void Judge_NoFace_IsRefused() => _gate.Judge(0, 0, null).Refusal!.ShouldStartWith("no face was found");

    [Fact]
    public void Judge_SeveralFaces_IsRefusedWithTheirNumber() => _gate.Judge(3, 80, Sharp).Refusal!.ShouldStartWith("3 faces were found");

    [Theory]
    [InlineData(31.9f)]
    [InlineData(float.NaN)]
    public void Judge_SmallFace_IsRefusedWithItsHeight(float height)
    {
        var verdict = _gate.Judge(1, height, Sharp);

        verdict.Accepted.ShouldBeFalse();
        verdict.Refusal!.ShouldContain("px high, less than 32");
    }

    [Fact]
    public void Judge_BlurredFace_IsRefusedAndMeasured()
    {
        var verdict = _gate.Judge(1, 200, Blurred);

        verdict.Refusal!.ShouldStartWith("the face is blurred");
        verdict.Quality!.Sharpness.ShouldBeInRange(0, 50);
    }

    [Fact]
    public void Judge_LooserGate_AcceptsTheSameFace() => (_gate with { MinSharpness = 0 }).Judge(1, 200, Blurred).Accepted.ShouldBeTrue();

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
