using IpuNet.Benchmarks.Life;
using IpuNet.Benchmarks.Search;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Benchmarks.Tests.Life;

public sealed class MixedResultCheckTests : IDisposable
{
    private const string Name = "life-000/000000.png", Picture = $"{Name}.face-0.png";

    private readonly TestFolder _folder = new();
    private readonly LocalStorage _storage;
    private readonly byte[] _crop = ImageEncoder.EncodePng(TestFolder.Pattern(1, 16));
    private readonly PipelineModels _former, _new;
    private readonly GalleryIndex _gallery;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public MixedResultCheckTests(AzuriteFixture azurite)
    {
        _storage = new LocalStorage(azurite);
        ModelStore store = TestModels.CopyTo(_folder.Folder("models"));
        _former = PipelineModels.Open(store, new InferenceSettings(), recognise: true);
        TestModels.InstallWhitening(store);
        _new = PipelineModels.Open(store, new InferenceSettings(), recognise: true);
        int dimensions = _former.Embedder!.Dimensions;
        _gallery = GalleryIndex.Build(_former.Source, dimensions, SearchBenchmark.Subjects(5, dimensions, _former.Source));
    }

    public void Dispose()
    {
        _former.Dispose();
        _new.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task FindMixed_AResultOfOneModel_IsNone()
    {
        MixedResultCheck check = Check();

        (await FindAsync(check, await ResultAsync(_former, pictureOf: _former))).ShouldBeEmpty();

        (check.Recomputed, check.Distinguishable).ShouldBe((1, 1));
    }

    [Fact]
    public async Task FindMixed_ThePictureOfAnotherModel_IsOne()
    {
        LifeResult result = await ResultAsync(_former, pictureOf: _new);

        (await FindAsync(Check(), result)).ShouldBe([result]);
    }

    [Fact]
    public async Task FindMixed_ScoresOfAnotherModel_IsOne()
    {
        LifeResult result = await ResultAsync(_former, pictureOf: _former), other = await ResultAsync(_new, pictureOf: _former);
        LifeResult mixed = result with { Answer = result.Answer with { Faces = other.Answer.Faces } };

        (await FindAsync(Check(), mixed)).ShouldBe([mixed]);
    }

    [Fact]
    public async Task IsOfOneModel_AThresholdOfAnotherModel_IsFalse()
    {
        LifeResult result = await ResultAsync(_former, pictureOf: _former);

        Check().IsOfOneModel(result).ShouldBeTrue();
        Check().IsOfOneModel(With(result.Answer with { Faces = [result.Answer.Faces[0] with { Threshold = 0.5f }] })).ShouldBeFalse();
        Check().IsOfOneModel(With(result.Answer with { Models = result.Answer.Models! with { Enhancer = "other@1" } })).ShouldBeFalse();

        LifeResult With(ImageAnswer answer) => result with { Answer = answer };
    }

    private MixedResultCheck Check() => new(
        _storage.Account, _ => _crop, _gallery,
        new Dictionary<string, PipelineModels> { [_former.Enhancer!.Id] = _former, [_new.Enhancer!.Id] = _new });

    private static Task<IReadOnlyList<LifeResult>> FindAsync(MixedResultCheck check, LifeResult result) =>
        check.FindMixedAsync([result], new Progress<ProgressCount>(), Cancellation);

    private async Task<LifeResult> ResultAsync(PipelineModels named, PipelineModels pictureOf)
    {
        var (_, answer) = await RecogniseAsync(named);
        var (image, _) = await RecogniseAsync(pictureOf);
        await _storage.Account.Container(StorageNames.Results).GetBlobClient(Picture)
            .UploadAsync(BinaryData.FromBytes(ImageEncoder.EncodePng(image.Faces[0].Enhanced!)), overwrite: true, Cancellation);
        answer = answer with { Faces = [answer.Faces[0] with { Image = $"{StorageNames.Results}/{Picture}" }] };
        return new LifeResult(Name, DateTimeOffset.UtcNow, answer);
    }

    private async Task<(ImageResult Image, ImageAnswer Answer)> RecogniseAsync(PipelineModels models)
    {
        ImageSource source = ImageSource.FromBytes(Name, _crop) with { Faces = FaceDetectionMode.Crop };
        ImageResult image = await new ImagePipeline(models).RunAsync(
            [source], Cancellation).SelectMany(batch => batch).SingleAsync(Cancellation);
        return (image, new FaceIdentifier(_gallery, models).Identify([image], 5, Cancellation)[0]);
    }
}
