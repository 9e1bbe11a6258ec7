using System.Text.Json;
using IpuNet.CommandLine;
using IpuNet.Faces.Imaging;

namespace IpuNet.Cli.Tests.Enhance;

public sealed class EnhanceCommandTests(TestModels models) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Enhance_SmallCrops_WritesOnePngEach()
    {
        _folder.WriteFace("in/a.png", person: 1, size: 16);
        _folder.WriteFace("in/sub/b.png", person: 2, size: 24);

        var run = await models.RunAsync("enhance", _folder["in"], "--out", _folder["out"]);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        foreach (string name in (string[])["a.png.face-0.png", "sub/b.png.face-0.png"])
        {
            RgbImage face = ImageDecoder.DecodeFile(_folder[$"out/{name}"]);
            (face.Width, face.Height).ShouldBe((128, 128));
            run.Output.ShouldContain(name);
        }
    }

    [Fact]
    public async Task Enhance_ACropAsLargeAsTheEnhancersPictures_LeavesItAsItIs()
    {
        _folder.WriteFace("in/a.png", person: 1, size: 128);

        var run = await models.RunAsync("enhance", _folder["in"], "--out", _folder["out"]);

        run.Output.ShouldContain("no: large enough");
        ImageDecoder.DecodeFile(_folder["out/a.png.face-0.png"]).Pixels.ShouldBe(TestFolder.Pattern(1, 128).Pixels);
    }

    [Fact]
    public async Task Enhance_WithBadFilesAmongGoodOnes_NamesThemAndGoesOn()
    {
        byte[] png = ImageEncoder.EncodePng(TestFolder.Pattern(1, 48)), jpeg = ImageEncoder.EncodeJpeg(TestFolder.Pattern(2, 48));
        _folder.Write("in/empty.png", []);
        _folder.Write("in/cut.png", png[..(png.Length / 2)]);
        _folder.Write("in/cut.jpg", jpeg[..(jpeg.Length / 2)]);
        _folder.Write("in/text.jpg", "Dear diary");
        _folder.Write("in/huge.png", TestFolder.HugePng());
        _folder.Write("in/really-a-png.jpg", png);
        _folder.WriteFace("in/z-good.png", person: 3, size: 16);

        var run = await models.RunAsync("enhance", _folder["in"], "--out", _folder["out"]);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        foreach (string bad in (string[])["empty.png", "cut.png", "cut.jpg", "text.jpg", "huge.png"])
            run.Errors.ShouldContain($"error: {bad}: ");
        run.Errors.ShouldContain("30,000 x 30,000 px is over the limit");
        run.Errors.TrimEnd().ShouldEndWith("error: 5 of 7 images could not be used.");
        Directory.GetFiles(_folder["out"]).Select(Path.GetFileName).ShouldBe(
            ["really-a-png.jpg.face-0.png", "z-good.png.face-0.png"], ignoreOrder: true);
    }

    [Fact]
    public async Task Enhance_IntoAFolderInsideItsInput_DoesNotTakeItsOwnPicturesTheNextTime()
    {
        _folder.WriteFace("in/a.png", person: 1, size: 16);
        string[] command = ["enhance", _folder["in"], "--out", _folder["in/out"]];

        await models.RunAsync(command);
        await models.RunAsync(command);

        Directory.GetFiles(_folder["in/out"]).Length.ShouldBe(1);
    }

    [Fact]
    public async Task Enhance_WithJson_TellsStatusAndReasonApart()
    {
        _folder.WriteFace("in/a.png", person: 1, size: 16);
        _folder.WriteFace("in/b.png", person: 1, size: 400);

        var run = await models.RunAsync("enhance", _folder["in"], "--out", _folder["out"], "--json");

        JsonElement[] rows = [.. run.JsonLines()];
        (rows[0].GetProperty("status").GetString(), rows[0].GetProperty("face").GetInt32()).ShouldBe(("ok", 0));
        (rows[0].GetProperty("at").GetString(), rows[0].GetProperty("reason").ValueKind).ShouldBe(("0,0", JsonValueKind.Null));
        rows[1].GetProperty("status").GetString().ShouldBe("no-face");
        rows[1].GetProperty("reason").GetString()!.ShouldContain("no face was found");
    }

    [Fact]
    public async Task Enhance_APhotoWithoutAFace_SaysSoAndIsDone()
    {
        _folder.WriteFace("in/a.png", person: 1, size: 400);

        var run = await models.RunAsync("enhance", _folder["in"], "--out", _folder["out"]);

        run.Code.ShouldBe(ExitCode.Done);
        run.Output.ShouldContain("no face was found");
    }

    [Theory]
    [InlineData("in", "no image found (JPEG, PNG, WebP or BMP)")]
    [InlineData("in/*.png", "no image found (JPEG, PNG, WebP or BMP)")]
    [InlineData("nowhere/*.png", "there is no such folder")]
    [InlineData("nowhere", "there is no such file or folder")]
    public async Task Enhance_WithNothingToDo_ExitsWith2(string input, string reason)
    {
        _folder.Folder("in");

        var run = await models.RunAsync("enhance", _folder[input], "--out", _folder["out"]);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain(reason);
    }

    [Fact]
    public async Task Enhance_WithAFolderThatMayNotBeRead_NamesItAndGoesOn()
    {
        _folder.WriteFace("in/a.png", person: 1, size: 16);
        string closed = _folder.Folder("in/closed");
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }

        File.SetUnixFileMode(closed, UnixFileMode.None);
        Assert.SkipWhen(IsReadable(closed), "This user may read everything.");

        var run = await models.RunAsync("enhance", _folder["in"], "--out", _folder["out"]);
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("error: closed: cannot be read");
        File.Exists(_folder["out/a.png.face-0.png"]).ShouldBeTrue();
    }

    [Fact]
    public async Task Enhance_Stopped_ExitsWith130()
    {
        _folder.WriteFace("in/a.png", person: 1, size: 16);

        var run = await CommandRun.OfAsync(
            new CancellationToken(canceled: true), "enhance", _folder["in"], "--out", _folder["out"], "--models", models.Root);

        run.Code.ShouldBe(ExitCode.Stopped);
        run.Errors.ShouldContain("Stopped.");
    }

    [Fact]
    public async Task Enhance_WithAModelWhoseFileWasReplaced_SaysSoInOneLine()
    {
        _folder.WriteFace("in/a.png", person: 1, size: 16);
        var store = TestModels.CopyTo(_folder.Folder("models"));
        string path = store.Find(store.Current.Enhancer!).Path;
        byte[] file = File.ReadAllBytes(path);
        file[^1] ^= 1;
        File.WriteAllBytes(path, file);

        var run = await CommandRun.OfAsync("enhance", _folder["in"], "--out", _folder["out"], "--models", store.Root);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldStartWith($"error: {path}: its SHA-256 is");
        run.Errors.TrimEnd().ShouldNotContain("\n");
    }

    private static bool IsReadable(string folder)
    {
        try
        {
            Directory.GetFiles(folder);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
