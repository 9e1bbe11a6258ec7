using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Tests.Gallery;

namespace IpuNet.Faces.Tests.Pipeline;

public sealed class EnrolmentJudgeTests
{
    [Fact]
    public void Overwrite_OfAnAcceptedImage_LeavesNeitherEmbeddingNorFace()
    {
        SubjectEmbedding embedding = Enrolled.Face("a");
        RgbImage aligned = TestFolder.Pattern(1, 128);

        new JudgedImage(new EnrolmentVerdict(null, null), embedding) { Aligned = aligned }.Overwrite();

        embedding.Vector.ShouldAllBe(value => value == 0);
        aligned.Pixels.ShouldAllBe(value => value == 0);
    }
}
