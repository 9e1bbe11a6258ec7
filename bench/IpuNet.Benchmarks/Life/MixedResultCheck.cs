using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Policies;
using IpuNet.Service.Storage;

namespace IpuNet.Benchmarks.Life;

/// <summary>
/// Finds results that are a mix of two models. In a mix, the picture, the enhancement, the threshold or the scores are not those of the
/// enhancer that the result names. The check computes results again with each enhancer. This also shows if it would notice a mix.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="uploadOf">Returns the content of an upload by its name.</param>
/// <param name="gallery">The gallery that the service searched.</param>
/// <param name="models">The models by the ids of their enhancers.</param>
internal sealed class MixedResultCheck(
    StorageAccount account, Func<string, byte[]> uploadOf, GalleryIndex gallery, IReadOnlyDictionary<string, PipelineModels> models)
{
    // The service computed the result in a batch with other images, and rounding can differ then.
    private const int MostLevels = 2;
    private const float MostScore = 0.002f;
    private const int Matches = 5;

    /// <summary>Number of results that were computed again.</summary>
    public int Recomputed { get; private set; }

    /// <summary>Number of recomputed results for which the enhancers make different pictures.</summary>
    public int Distinguishable { get; private set; }

    /// <summary>Whether a result names models that belong together, and follows their policy.</summary>
    public bool IsOfOneModel(LifeResult result)
    {
        if (result.Answer.Models is not { Enhancer: { } enhancer } named || !models.TryGetValue(enhancer, out PipelineModels? used))
            return false;
        RecognitionPolicy policy = used.RequirePolicy();
        return named == new AnswerModels(enhancer, used.Source.Recogniser, used.DetectorId) && result.Answer.Faces.All(face =>
        {
            BandPolicy band = policy.For(face.SourceHeight);
            return face.Enhanced == band.Enhance && face.Threshold.Equals(band.Threshold) && face.Far.Equals(policy.Far);
        });
    }

    /// <summary>Computes results again.</summary>
    /// <returns>The results that differ from those of the enhancer that they name.</returns>
    public async Task<IReadOnlyList<LifeResult>> FindMixedAsync(
        IReadOnlyList<LifeResult> results, IProgress<ProgressCount> progress, CancellationToken cancellation)
    {
        List<LifeResult> mixed = [];
        foreach (LifeResult result in results)
        {
            RgbImage? picture = await PictureAsync(result, cancellation);
            bool isOfNamed = false, isOfOther = false;
            foreach (var (enhancer, used) in models)
            {
                var (image, answer) = await RecogniseAsync(used, result, cancellation);
                bool isSame = AreSame(picture, image.Faces is [{ Enhanced: { } enhanced }] ? enhanced : null);
                if (enhancer == result.Enhancer)
                    isOfNamed = isSame && AreSame(answer, result.Answer);
                else
                    isOfOther |= isSame;
            }

            Recomputed++;
            Distinguishable += isOfOther ? 0 : 1;
            if (!isOfNamed)
                mixed.Add(result);
            progress.Report(new ProgressCount(Recomputed));
        }

        return mixed;
    }

    private async Task<(ImageResult Image, ImageAnswer Answer)> RecogniseAsync(
        PipelineModels used, LifeResult result, CancellationToken cancellation)
    {
        ImageSource source = ImageSource.FromBytes(result.Answer.Image, uploadOf(result.Name)) with { Faces = FaceDetectionMode.Crop };
        var results = new ImagePipeline(used).RunAsync([source], cancellation).SelectMany(batch => batch);
        ImageResult image = await results.SingleAsync(cancellation);
        return (image, new FaceIdentifier(gallery, used).Identify([image], Matches, cancellation)[0]);
    }

    private async Task<RgbImage?> PictureAsync(LifeResult result, CancellationToken cancellation)
    {
        if (result.Answer.Faces is not [{ Image: { } name }])
            return null;
        var blob = account.Container(StorageNames.Results).GetBlobClient(name[(StorageNames.Results.Length + 1)..]);
        return ImageDecoder.Decode((await blob.DownloadContentAsync(cancellation)).Value.Content, name);
    }

    private static bool AreSame(RgbImage? one, RgbImage? other) => one is null || other is null
        ? one is null && other is null
        : one.Pixels.Zip(other.Pixels).All(pair => Math.Abs(pair.First - pair.Second) <= MostLevels);

    private static bool AreSame(ImageAnswer one, ImageAnswer other) => one.Status == other.Status
        && one.Faces.Count == other.Faces.Count && one.Faces.Zip(other.Faces).All(pair =>
        pair.First.Matches.Zip(pair.Second.Matches).All(match => Math.Abs(match.First.Score - match.Second.Score) <= MostScore));
}
