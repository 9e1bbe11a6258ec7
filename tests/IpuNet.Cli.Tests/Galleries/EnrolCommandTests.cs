using IpuNet.CommandLine;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;

namespace IpuNet.Cli.Tests.Galleries;

public sealed class EnrolCommandTests(TestModels models) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Enrol_AFolderASubject_EnrolsEach()
    {
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("people/ada/2.png", person: 2);
        _folder.WriteFace("people/bob/1.png", person: 3);

        var run = await EnrolAsync();

        run.Code.ShouldBe(ExitCode.Done, run.Output);
        Gallery.List().ShouldBe(["ada", "bob"]);
        Gallery.Find("ada")!.Embeddings.Count.ShouldBe(2);
        run.Output.ShouldContain("3 accepted, 0 refused.");
    }

    [Fact]
    public async Task Enrol_WithAPersonOfWhomNoImageIsAccepted_NamesThem()
    {
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.Write("people/bob/1.heic", "\0\0\0\u0018ftypheic");
        Directory.CreateDirectory(_folder["people/eve"]);

        var run = await EnrolAsync();

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("bob/1.heic: HEIC is not supported; convert to JPEG");
        run.Errors.ShouldContain("bob: no image of this subject was accepted.");
        run.Errors.ShouldContain("eve: no image of this subject was accepted.");
        run.Errors.TrimEnd().ShouldEndWith("error: 1 of 2 images refused. The table says why.");
        run.Errors.ShouldNotContain("ada");
    }

    [Fact]
    public async Task Enrol_Twice_EnrolsOnce()
    {
        _folder.WriteFace("people/ada/1.png", person: 1);

        await EnrolAsync();
        _folder.WriteFace("people/ada/2.png", person: 2);
        _folder.WriteFace("people/ada/3.png", person: 2);
        var again = await EnrolAsync();

        Gallery.Find("ada")!.Embeddings.Count.ShouldBe(2);
        again.Code.ShouldBe(ExitCode.Done);
        again.Output.ShouldMatch(@"ada/1\.png +ada +enrolled already");
        again.Output.ShouldMatch(@"ada/2\.png +ada +accepted");
        again.Output.ShouldMatch(@"ada/3\.png +ada +enrolled already");
        again.Output.ShouldContain("1 accepted, 2 enrolled already, 0 refused.");
    }

    [Fact]
    public async Task Enrol_WithReplace_DropsWhatWasThere()
    {
        _folder.WriteFace("people/ada/1.png", person: 1);
        await EnrolAsync();
        File.Delete(_folder["people/ada/1.png"]);
        _folder.WriteFace("people/ada/2.png", person: 2);

        await EnrolAsync("--replace");

        Gallery.Find("ada")!.Embeddings.Single().Provenance.Image.ShouldBe("ada/2.png");
    }

    [Fact]
    public async Task Enrol_UnfitImages_RefusesThemAndSaysWhy()
    {
        _folder.WriteFace("people/ada/good.png", person: 1);
        _folder.WriteFace("people/ada/small.png", person: 1, size: 20);
        _folder.WriteFace("people/ada/nobody.png", person: 1, size: 400);
        _folder.Write("people/ada/text.jpg", "no image");
        _folder.Write("people/ada/flat.png", ImageEncoder.EncodePng(new RgbImage(120, 120)));
        _folder.WriteFace("people/stray.png", person: 2);
        _folder.WriteFace("people/CON/1.png", person: 2);

        var run = await EnrolAsync();

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Output.ShouldContain("1 accepted, 6 refused.");
        string[] reasons =
        [
            "20 px high, less than 32", "no face was found", "the face is blurred", "no image of a known format",
            "it is not in a subject's folder", "Windows keeps this name",
        ];
        foreach (string reason in reasons)
            run.Output.ShouldContain(reason);
        Gallery.List().ShouldBe(["ada"]);
    }

    [Fact]
    public async Task Enrol_ARefusedImageAmongOthers_AnswersInTheirOrder()
    {
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("people/ada/2.png", person: 1, size: 20);

        var run = await EnrolAsync();

        run.Output.IndexOf(
            "ada/1.png", StringComparison.Ordinal).ShouldBeLessThan(run.Output.IndexOf("ada/2.png", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Enrol_IntoAGalleryOfAnotherRecogniser_RefusesAll()
    {
        var source = new EmbeddingSource("other@1", "other@1");
        var provenance = new EnrolmentProvenance("x", "x", new(0, 0, 1, 1), new(100, 100));
        Gallery.Save(
            new SubjectRecord(
                "ada", [new SubjectEmbedding(source, [1, 0], provenance, DateTimeOffset.UnixEpoch)], DateTimeOffset.UnixEpoch));
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("people/bob/1.png", person: 2);

        var run = await EnrolAsync();

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("is embedded by other@1 on other@1, not by");
        Gallery.Find("ada")!.Embeddings.Single().Source.ShouldBe(source);
        Gallery.Find("bob").ShouldBeNull();
    }

    [Fact]
    public async Task Enrol_WithEmbeddingsOnly_SaysWhatIsNotKept()
    {
        _folder.WriteFace("people/ada/1.png", person: 1);

        (await EnrolAsync()).Output.ShouldNotContain("Only the embeddings");
        (await EnrolAsync("--retain", "embeddings-only")).Output.ShouldContain("Only the embeddings were kept of these images.");

        Gallery.FindFaces("ada", Gallery.Find("ada")!.Embeddings).ShouldBeEmpty();
    }

    [Fact]
    public async Task Enrol_IntoAFolderThatOthersMayRead_SaysOnceThatItIsClosed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        _folder.WriteFace("people/ada/1.png", person: 1);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.Folder("gallery"), (UnixFileMode)0b111_101_101);

        (await EnrolAsync()).Errors.ShouldContain($"{_folder["gallery"]} is now closed to other users");
        (await EnrolAsync()).Errors.ShouldNotContain("closed");
    }

    [Fact]
    public async Task Enrol_IntoAnOpenFolderWithOtherFiles_SaysThatItStaysOpenAndClosesItsOwn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.Write("gallery/other.txt", "x");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder["gallery"], (UnixFileMode)0b111_101_101);

        (await EnrolAsync()).Errors.ShouldContain($"{_folder["gallery"]} stays open to other users");

        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(_folder["gallery/subjects"]).ShouldBe((UnixFileMode)0b111_000_000);
    }

    [Fact]
    public async Task Enrol_AFolderWithinTheGallery_NamesTheReason()
    {
        _folder.WriteFace("gallery/people/ada/1.png", person: 1);

        var run = await models.RunAsync("enrol", _folder["gallery/people"], "--gallery", _folder["gallery"]);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain($"{_folder["gallery/people"]}: lies in {_folder["gallery"]}, where this command writes");
    }

    [Theory]
    [InlineData("people", "face.png", "face.png: this is a file, and a gallery is a folder")]
    [InlineData("face.png", "gallery", "face.png: this is a file. Name one that has a folder of images for each subject.")]
    public async Task Enrol_AFileInPlaceOfAFolder_SaysSo(string folder, string gallery, string refusal)
    {
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("face.png", person: 1);

        var run = await models.RunAsync("enrol", _folder[folder], "--gallery", _folder[gallery]);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain(refusal);
    }

    [Fact]
    public async Task Enrol_AFolderThatIsNotThere_ExitsWith2() => (await EnrolAsync()).Code.ShouldBe(ExitCode.Usage);

    private FolderGallery Gallery => new(_folder["gallery"]);

    private Task<CommandRun> EnrolAsync(params string[] more) =>
        models.RunAsync(["enrol", _folder["people"], "--gallery", _folder["gallery"], .. more]);
}
