using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Policies;
using IpuNet.Faces.Recognition;

namespace IpuNet.Faces.Tests.Models;

public class ShippedModelsTests
{
    private readonly ModelStore _store = ModelStore.Locate();

    [Fact]
    public void ReadVerified_EveryShippedModel_HasTheHashOfItsManifest()
    {
        _store.Ids.ShouldNotBeEmpty();
        foreach (string id in _store.Ids)
            _store.Find(id).ReadVerified().ShouldNotBeEmpty();
    }

    [Fact]
    public void Manifest_EveryShippedModel_SaysWhatItWasTrainedOnAndItsLicence()
    {
        foreach (ModelManifest manifest in _store.Ids.Select(id => _store.Find(id).Manifest))
        {
            manifest.Licence.ShouldNotBeNullOrEmpty();
            manifest.TrainedOn.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void Policy_OfTheEnhancerInUse_SaysWhichScoresAreToBeExpected()
    {
        RecognitionPolicy policy = _store.FindCurrent(ModelKind.Enhancer).Manifest.RequirePolicy(
            _store.FindCurrent(ModelKind.Recogniser).Id);

        foreach (BandPolicy band in policy.Bands)
        {
            ExpectedScores expected = band.Expected.ShouldNotBeNull();
            ((float[])[band.Threshold, expected.Low, expected.Median, expected.High]).ShouldBeInOrder(SortDirection.Ascending);
            expected.Tar.ShouldBeInRange(0.01f, 1);
        }
    }

    [Fact]
    public void Embed_TheRecogniserInUse_GivesUnitVectors()
    {
        using FaceEmbedder embedder = FaceEmbedder.Open(_store, new InferenceSettings { Threads = 1 });
        var gradient = new RgbImage(FaceAligner.Size, FaceAligner.Size);
        for (int i = 0; i < gradient.Pixels.Length; i++)
            gradient.Pixels[i] = (byte)(i / (RgbImage.Channels * FaceAligner.Size) + i % 7);

        float[] embedding = embedder.Embed([gradient])[0];

        embedding.Length.ShouldBe(embedder.Dimensions);
        embedding.Sum(v => v * v).ShouldBe(1f, 1e-4f);
        embedder.Manifest.Dimensions.ShouldBe(embedder.Dimensions);
    }
}
