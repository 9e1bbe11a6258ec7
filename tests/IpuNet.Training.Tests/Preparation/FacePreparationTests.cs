using System.Security.Cryptography;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Retraining.Preparation;

namespace IpuNet.Training.Tests.Preparation;

public sealed class FacePreparationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-preparation-").FullName;
    private readonly TestModels _store = new();
    private readonly PipelineModels _models;

    public FacePreparationTests()
    {
        TestModels.InstallBlind(_store.Store);
        _models = PipelineModels.Open(_store.Store, InferenceSettings.Default, recognise: false);
    }

    public void Dispose()
    {
        _models.Dispose();
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task RunAsync_WithCopies_KeepsOneOfEach()
    {
        byte[] picture = ImageEncoder.EncodePng(Picture(1, 100));

        PreparedFaces faces = await PrepareAsync(
            ("ada", picture), ("ada", picture), ("ada", ImageEncoder.EncodeJpeg(Picture(1, 90), 60)), ("ada", Png(2)), ("bob", Png(3)));

        faces.Faces.Select(face => face.Identity).ShouldBe(["ada", "ada", "bob"]);
        (faces.Duplicates, faces.Identities).ShouldBe((2, 2));
    }

    [Fact]
    public async Task RunAsync_WithAnImageOfTwoPeople_TakesNeither()
    {
        PreparedFaces faces = await PrepareAsync(("ada", Png(1)), ("bob", Png(1)), ("bob", Png(2)));

        faces.Faces.Select(face => face.Identity).ShouldBe(["bob"]);
        faces.Refused.ShouldBe(new Dictionary<string, int> { ["ambiguous"] = 2 });
    }

    [Fact]
    public async Task RunAsync_WithWhatIsNoGoodFace_SaysWhy()
    {
        PreparedFaces faces = await PrepareAsync(
            ("ada", Png(1)), ("ada", ImageEncoder.EncodePng(Picture(2, 40))), ("ada", "no image"u8.ToArray()),
            ("ada", ImageEncoder.EncodePng(new RgbImage(400, 400))));

        faces.Faces.ShouldHaveSingleItem();
        faces.Refused.OrderBy(refusal => refusal.Key).ShouldBe([new("no-face", 1), new("too-small", 1), new("unreadable", 1)]);
    }

    [Fact]
    public async Task RunAsync_Again_GivesTheSameFromWhatItKept()
    {
        PreparedFaces first = await PrepareAsync(("ada", Png(1)), ("bob", Png(2)));
        // Only faces that are kept by their SHA-256 can be read now.
        foreach (string file in Directory.GetFiles(_folder, "*.image"))
            await File.WriteAllTextAsync(file, "gone", TestContext.Current.CancellationToken);

        PreparedFaces second = await PrepareAsync(write: false, ("ada", Png(1)), ("bob", Png(2)));

        second.Faces.ShouldBe(first.Faces);
        second.Faces[0].Load().Width.ShouldBe(128);
    }

    [Fact]
    public async Task DeleteOthers_OfImagesThatAreLeft_DeletesWhatWasMadeOfTheOthersOnly()
    {
        PreparedFaces faces = await PrepareAsync(("ada", Png(1)), ("bob", Png(2)), ("bob", "no image"u8.ToArray()));
        string own = Path.Combine(_folder, "faces", "notes.txt"), ada = faces.Faces.Single(face => face.Identity == "ada").Path;
        await File.WriteAllTextAsync(own, "not made here", TestContext.Current.CancellationToken);

        FacePreparation.DeleteOthers(Path.Combine(_folder, "faces"), [Path.GetFileNameWithoutExtension(ada)]);

        Directory.GetFiles(Path.Combine(_folder, "faces")).ShouldBe([ada, own], ignoreOrder: true);
    }

    private Task<PreparedFaces> PrepareAsync(params (string Identity, byte[] File)[] images) => PrepareAsync(write: true, images);

    private async Task<PreparedFaces> PrepareAsync(bool write, params (string Identity, byte[] File)[] images)
    {
        List<SourceImage> sources = [];
        foreach (var (identity, file) in images)
        {
            string path = Path.Combine(_folder, $"{sources.Count}.image");
            if (write)
                await File.WriteAllBytesAsync(path, file, TestContext.Current.CancellationToken);
            sources.Add(new SourceImage(identity, path, Convert.ToHexStringLower(SHA256.HashData(file))));
        }

        return await new FacePreparation(
            _models, Path.Combine(_folder, "faces")).RunAsync(sources, cancellation: TestContext.Current.CancellationToken);
    }

    private static byte[] Png(int seed) => ImageEncoder.EncodePng(Picture(seed, 100));

    private static RgbImage Picture(int seed, int side)
    {
        var coarse = new RgbImage(12, 12);
        new Random(seed).NextBytes(coarse.Pixels);
        return Resampler.Resize(coarse, side, side, ResampleFilter.Bicubic);
    }
}
