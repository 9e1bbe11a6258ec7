using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Tests.Gallery;

namespace IpuNet.Faces.Tests;

public sealed class FaceRecognitionTests(TestModels models) : IClassFixture<TestModels>, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FaceRecognition _recognition = FaceRecognition.Open(models.Store, options: new() { Faces = FaceDetectionMode.Crop });

    public static TheoryData<string> Kinds => ["path", "bytes", "stream", "pixels"];

    public void Dispose()
    {
        _recognition.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Identify_OfAnEnrolledFace_NamesThePerson(string kind)
    {
        FaceGallery gallery = _recognition.OpenGallery(_folder["gallery"]);
        gallery.Enrol("ada", [_folder.WriteFace("ada.png", 1)])[0].Accepted.ShouldBeTrue();
        await gallery.EnrolAsync("bob", [_folder.WriteFace("bob.png", 2)], cancellation: TestContext.Current.CancellationToken);

        ImageAnswer answer = gallery.Identify(Image(kind));

        FaceAnswer face = answer.Faces.ShouldHaveSingleItem();
        (face.Decision, face.Matches[0].SubjectId).ShouldBe(("known", "ada"));
        face.Matches.Count.ShouldBe(2);
    }

    [Fact]
    public void Identify_InAnEmptyGallery_KnowsNobody()
    {
        ImageAnswer answer = _recognition.OpenGallery(_folder["gallery"]).Identify(Image("path"));

        answer.Faces.ShouldHaveSingleItem().Decision.ShouldBe("unknown");
        Directory.Exists(_folder["gallery"]).ShouldBeFalse();
    }

    [Fact]
    public async Task IdentifyAsync_OfSeveralImages_AnswersEachInOrder()
    {
        FaceGallery gallery = _recognition.OpenGallery(_folder["gallery"]);
        ImageSource[] images = [_folder.WriteFace("1.png", 1), _folder.Write("2.png", "no image"), _folder.WriteFace("3.png", 3)];

        List<ImageAnswer> answers = await gallery.IdentifyAsync(
            images, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        answers.Select(answer => answer.Image).ShouldBe(images.Select(image => image.Name));
        answers.Select(answer => answer.Status).ShouldBe([ImageStatus.Ok, ImageStatus.Rejected, ImageStatus.Ok]);
    }

    [Fact]
    public void Enrol_OfAnImageWithoutAUsableFace_SaysWhyAndEnrolsNobody()
    {
        FaceGallery gallery = _recognition.OpenGallery(_folder["gallery"]);

        EnrolledImage answer = gallery.Enrol("ada", [_folder.WriteFace("small.png", 1, size: 20)]).ShouldHaveSingleItem();

        answer.Accepted.ShouldBeFalse();
        answer.Reason.ShouldNotBeNull().ShouldContain("20 px");
        gallery.Subjects.ShouldBeEmpty();
    }

    [Fact]
    public void Delete_OfAPerson_ForgetsThem()
    {
        FaceGallery gallery = _recognition.OpenGallery(_folder["gallery"]);
        gallery.Enrol("ada", [Image("path")]);

        gallery.Delete("ada").ShouldBeTrue();

        gallery.Identify(Image("path")).Faces[0].Matches.ShouldBeEmpty();
        gallery.Delete("ada").ShouldBeFalse();
    }

    // A deletion overwrites the index alone: what it was built of must not stay beside it.
    [Fact]
    public void Load_OfAGallery_LeavesTheEmbeddingsInTheIndexAlone()
    {
        FaceGallery gallery = _recognition.OpenGallery(_folder["gallery"]);
        gallery.Enrol("ada", [Image("path")]);
        var folder = new FolderGallery(_folder["gallery"]);
        GalleryContents contents = folder.Load(TestContext.Current.CancellationToken);
        float[] vector = [.. contents.Subjects[0].Embeddings[0].Vector];

        var (index, unusable) = FaceGallery.Load(folder, contents, _recognition.Models);

        unusable.ShouldBeEmpty();
        contents.Subjects[0].Embeddings[0].Vector.ShouldAllBe(value => value == 0);
        index.Search(index.Source, vector, 1, TestContext.Current.CancellationToken)[0].Score.ShouldBe(1, 1e-5f);
    }

    [Fact]
    public void Load_OfAGalleryOfOtherModels_LeavesNoEmbedding()
    {
        var folder = new FolderGallery(_folder["gallery"]);
        folder.Enrol("ada", [(Enrolled.Face("a", [1f, 0f]), null)], replace: false, replaced: null);
        GalleryContents contents = folder.Load(TestContext.Current.CancellationToken);

        Should.Throw<FaceDataException>(() => FaceGallery.Load(folder, contents, _recognition.Models));

        contents.Subjects[0].Embeddings[0].Vector.ShouldAllBe(value => value == 0);
    }

    [Fact]
    public async Task Identify_WhileTheGalleryChanges_AnswersByWhatItHolds()
    {
        FaceGallery gallery = _recognition.OpenGallery(_folder["gallery"]);
        gallery.Enrol("ada", [_folder.WriteFace("ada.png", 1)]);
        string bob = _folder.WriteFace("bob.png", 2);

        Task changing = Task.Run(
            () =>
            {
                for (int i = 0; i < 10; i++)
                {
                    gallery.Enrol("bob", [bob]);
                    gallery.Identify(bob).Faces[0].Matches[0].SubjectId.ShouldBe("bob");
                    gallery.Delete("bob");
                    gallery.Identify(bob).Faces[0].Matches.ShouldAllBe(match => match.SubjectId != "bob");
                }
            },
            TestContext.Current.CancellationToken);
        while (!changing.IsCompleted)
            gallery.Identify(_folder["ada.png"]).Faces[0].Matches[0].SubjectId.ShouldBe("ada");
        await changing;
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Verify_OfTwoFaces_SaysWhetherTheyAreShownToBeOnePersons(int other, bool same) =>
        _recognition.Verify(Image("path"), _folder.WriteFace("other.png", other)).SamePerson.ShouldBe(same);

    [Fact]
    public void Verify_OfAnImageThatCannotBeUsed_NamesIt()
    {
        string broken = _folder.Write("broken.png", "no image");

        Should.Throw<FaceDataException>(() => _recognition.Verify(Image("path"), broken)).Message.ShouldStartWith($"{broken}: ");
    }

    [Fact]
    public void Enhance_OfASmallFace_GivesAPictureOf128Pixels()
    {
        RgbImage picture = _recognition.Enhance(_folder.WriteFace("small.png", 1, size: 16)).ShouldHaveSingleItem();

        (picture.Width, picture.Height).ShouldBe((128, 128));
    }

    private ImageSource Image(string kind)
    {
        string path = _folder.WriteFace("face.png", 1);
        return kind switch
        {
            "path" => path,
            "bytes" => ImageSource.FromBytes("face", File.ReadAllBytes(path)),
            "stream" => ImageSource.FromStream("face", new MemoryStream(File.ReadAllBytes(path))),
            _ => ImageSource.FromPixels("face", ImageDecoder.DecodeFile(path)),
        };
    }
}
