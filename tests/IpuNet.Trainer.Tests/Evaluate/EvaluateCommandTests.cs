using System.Text.Json;
using IpuNet.CommandLine;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Testing.Golden;

namespace IpuNet.Trainer.Tests.Evaluate;

public sealed class EvaluateCommandTests : IDisposable
{
    private const int People = 6;
    private static readonly string[] WholeImages = ["--crop", "whole"];

    private readonly TestFolder _folder = new();
    private readonly ModelStore _store;

    public EvaluateCommandTests()
    {
        _store = TestModels.CopyTo(_folder.Folder("models"));
        for (int person = 0; person < People; person++)
        {
            for (int image = 1; image <= 2; image++)
                _folder.WriteFace($"data/images/p{person}/p{person}_{image:0000}.jpg", person + 10 * image);
        }

        _folder.Write("data/pairs.txt", "2\np0\t1\t2\np1\t1\t2\np0\t1\tp1\t1\np2\t1\tp3\t2\n");
        _folder.Write("data/people.txt", string.Concat(Enumerable.Range(0, People).Select(person => $"p{person}\t2\n")));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Evaluate_PairsAndPeople_WritesReportsAndTheirPage()
    {
        var run = await RunAsync("--pairs", "pairs.txt", "--calibrate-pairs", "pairs.txt", "--identification", "images", "--sizes", "16");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain("Verification on pairs: 2 genuine and 2 impostor pairs");
        JsonDocument.Parse(File.ReadAllBytes(_folder["out/pairs.json"])).RootElement.GetProperty("rows").GetArrayLength().ShouldBe(4);
        File.Exists(_folder["out/identification.json"]).ShouldBeTrue();
        File.ReadAllText(_folder["out/report.html"]).ShouldContain("Identification: images");
    }

    [Fact]
    public async Task Evaluate_WithoutSizes_MeasuresTheUsualOnes()
    {
        var run = await RunAsync("--pairs", "pairs.txt", "--pictures", "1");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        JsonDocument.Parse(File.ReadAllBytes(_folder["out/pairs.json"])).RootElement.GetProperty("rows").EnumerateArray()
            .Select(row => row.GetProperty("probe").GetString()).Distinct().ShouldBe(["8x8", "12x12", "16x16", "24x24", "32x32", "HR"]);
    }

    [Fact]
    public async Task Evaluate_WithWritePolicy_PutsThePolicyIntoTheManifest()
    {
        string enhancer = _store.Current.Enhancer!;
        _store.Update(_store.Find(enhancer).Manifest with { Policies = null });

        var run = await RunAsync("--calibrate-people", "people.txt", "--check-people", "images", "--far", "0.1", "--write-policy");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        var policy = _store.Find(enhancer).Manifest.Policies.ShouldNotBeNull().Single();
        (policy.Recogniser, policy.Far).ShouldBe((_store.Current.Recogniser!, 0.1));
        policy.Bands.ShouldAllBe(band => band.ThresholdOtherwise != null);
        File.Exists(_folder["out/policy.json"]).ShouldBeTrue();
    }

    [Fact]
    public async Task Evaluate_Scenes_FindsAndNamesPeopleOfWholePhotos()
    {
        TestModels.CopyShippedTo(_store, ModelKind.Aligner);
        FaceApiGolden golden = FaceApiGolden.Read();
        string package = await FaceApiGolden.RequirePackageAsync();
        GoldenPhoto group = golden.Photos.MinBy(photo => photo.Faces.Count)!;
        RgbImage photo = group.Open(package);
        for (int person = 0; person < group.Faces.Count; person++)
        {
            FaceBox box = group.Faces[person].FaceBox;
            int side = (int)(2 * box.Height);
            RgbImage around = photo.Crop((int)(box.X + (box.Width - side) / 2), (int)(box.Y - box.Height / 2), side, side);
            string folder = $"data/whole/p{person}";
            _folder.Write($"{folder}/1.png", ImageEncoder.EncodePng(around));
            _folder.Write($"{folder}/2.jpg", ImageEncoder.EncodeJpeg(around, quality: 70));
            _folder.Write($"{folder}/3.png", ImageEncoder.EncodePng(around.FlipHorizontally()));
        }

        var run = await RunAsync("--scenes", "whole", "--heights", "48", "--conditions", "clean,crop+25");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain("Faces found in scenes of whole");
        JsonElement report = JsonDocument.Parse(File.ReadAllBytes(_folder["out/scenes.json"])).RootElement;
        JsonElement[] rows = [.. report.GetProperty("rows").EnumerateArray()];
        rows.Select(row => row.GetProperty("condition").GetString()).ShouldBe(["clean", "crop+25"]);
        rows[0].GetProperty("found").GetProperty("value").GetDouble().ShouldBe(1);
        rows[0].GetProperty("alignmentError").GetDouble().ShouldBeLessThan(0.1);
        rows[0].GetProperty("naming").EnumerateArray().First().GetProperty("rank1").GetProperty("value").GetDouble().ShouldBe(1);
        report.GetProperty("emptyFrames").EnumerateArray().ShouldHaveSingleItem().GetProperty("frames").GetInt32().ShouldBe(100);
        File.ReadAllText(_folder["out/report.html"]).ShouldContain("Scenes: whole");
    }

    [Theory]
    [InlineData("--heights", "3", "'3' is not a height in pixels from 4 to 128, such as 12.")]
    [InlineData("--heights", "12,abc", "'abc' is not a height")]
    [InlineData("--conditions", "clean,rain", "'rain' is not a condition. Choose from clean, jpeg,")]
    public async Task Evaluate_ScenesThatCannotBeMade_NamesTheWrongPart(string option, string value, string message)
    {
        var run = await RunAsync("--scenes", "images", option, value);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain(message);
    }

    [Theory]
    [InlineData("", "There is nothing to measure")]
    [InlineData("--heights 12 --pairs pairs.txt", "--scenes")]
    [InlineData("--pairs pairs.txt --write-policy", "--write-policy needs --calibrate-people")]
    [InlineData("--pairs pairs.txt --crop 1,2", "--crop 1,2")]
    public async Task Evaluate_WithoutWhatItNeeds_ExitsWith2(string options, string message)
    {
        var run = await RunAsync(options.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain(message);
    }

    [Fact]
    public async Task Evaluate_AMissingImage_NamesIt()
    {
        File.Delete(_folder["data/images/p1/p1_0002.jpg"]);

        var run = await RunAsync("--pairs", "pairs.txt");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("p1_0002.jpg: the image is missing");
    }

    private Task<CommandRun> RunAsync(params string[] options) => CommandRun.OfAsync(
    [
        "evaluate", "--data", _folder["data"], "--out", _folder["out"], "--models", _store.Root,
        .. options.Contains("--crop") ? [] : WholeImages, .. options,
    ]);
}
