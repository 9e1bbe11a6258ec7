using System.Text.Json.Nodes;

namespace IpuNet.Cli.Tests;

public sealed class GalleryCommandTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    [Fact]
    public async Task Identify_CropOfAnEnrolledSubject_NamesThemAsJson()
    {
        await Enrol();

        CommandRun run = await CommandRun.Of("identify", _folder.Path("people", "ada", "1.png"), "--faces", "crop", "--gallery", _folder.Path("gallery"), "--json");

        run.ExitCode.ShouldBe(0, run.Errors);
        JsonNode answer = JsonNode.Parse(run.Output)!;
        JsonNode image = answer is JsonArray images ? images[0]! : answer;
        image["status"]!.GetValue<string>().ShouldBe("ok");
        JsonNode face = image["faces"]![0]!;
        face["decision"]!.GetValue<string>().ShouldBe("known");
        face["matches"]![0]!["subjectId"]!.GetValue<string>().ShouldBe("ada");
    }

    [Fact]
    public async Task Enroll_BlurredImage_IsRefusedWithTheReason()
    {
        _folder.Write("people/bob/flat.png", IpuNet.Faces.Imaging.ImageEncoder.EncodePng(new IpuNet.Faces.Imaging.RgbImage(120, 120)));

        CommandRun run = await CommandRun.Of("enroll", _folder.Path("people"), "--faces", "crop", "--gallery", _folder.Path("gallery"));

        run.ExitCode.ShouldBe(1);
        (run.Output + run.Errors).ShouldContain("flat.png");
        (run.Output + run.Errors).ShouldContain("sharp");
    }

    [Fact]
    public async Task Identify_GalleryOfAnotherRecogniser_SaysToEnrolAgain()
    {
        await Enrol();
        foreach (string file in Directory.EnumerateFiles(_folder.Path("gallery"), "ada.json", SearchOption.AllDirectories))
            File.WriteAllText(file, File.ReadAllText(file).Replace("dlib-resnet29@1", "facenet@1", StringComparison.Ordinal));

        CommandRun run = await CommandRun.Of("identify", _folder.Path("people", "ada", "1.png"), "--faces", "crop", "--gallery", _folder.Path("gallery"));

        run.ExitCode.ShouldBe(1);
        run.Errors.ShouldContain("facenet@1");
        run.Errors.ShouldContain("dlib-resnet29@1");
    }

    [Fact]
    public async Task Verify_ImageWithItself_IsTheSamePerson()
    {
        string crop = _folder.WriteCrop("a.png", side: 100);

        CommandRun run = await CommandRun.Of("verify", crop, crop, "--faces", "crop");

        run.ExitCode.ShouldBe(0, run.Errors);
        run.Output.ShouldContain("same");
    }

    public void Dispose() => _folder.Dispose();

    private async Task Enrol()
    {
        _folder.WriteCrop("people/ada/1.png", side: 120, seed: 7);
        CommandRun run = await CommandRun.Of("enroll", _folder.Path("people"), "--faces", "crop", "--gallery", _folder.Path("gallery"), "--min-sharpness", "0");
        run.ExitCode.ShouldBe(0, run.Output + run.Errors);
    }
}
