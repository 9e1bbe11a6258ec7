using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Training.Data;
using IpuNet.Training.Runs;

namespace IpuNet.Retraining.Preparation;

/// <summary>What a job has to learn from and to be judged by.</summary>
/// <param name="Split">The people, parted.</param>
/// <param name="Fixed">Faces of the set that is the same each time; none where there is no such set.</param>
/// <param name="Data">What the answer says of it.</param>
internal sealed record RetrainingSet(IdentitySplit Split, IReadOnlyList<TrainingFace> Fixed, RetrainingData Data)
{
    public static async Task<RetrainingSet> PrepareAsync(
        StorageAccount account, ModelStore store, RetrainingSettings settings, DateTimeOffset until, IProgress<WorkReport> reports, CancellationToken cancellation)
    {
        TrainingImageSet images = await reports.DoPartAsync("images fetched", 0, progress => new TrainingImages(account, new TrainingImageLimits(), TimeProvider.System)
            .SyncAsync(Path.Combine(settings.Folder, "images"), until, new DirectProgress<TrainingSync>(sync => progress(sync.Done, sync.Total)), cancellation));
        if (images.StripsRemoved > 0)
            reports.Note($"{images.StripsRemoved:N0} pictures of people who have no images any more were removed from the pages about earlier trainings.");
        FacePreparation.DeleteOthers(FacesIn(settings), images.Images.Select(image => image.Sha256));
        // Whoever is in the fixed set is learned from in no other folder either.
        HashSet<string> judges = [.. images.Images.Where(image => image.IsFixed).Select(image => image.Identity)];
        using var models = PipelineModels.Open(store, settings.Inference, recognise: false);
        PreparedFaces faces = await AlignAsync(images.Images.Where(image => !judges.Contains(image.Identity)), "faces aligned"), kept = await AlignAsync(images.Images.Where(image => image.IsFixed), "fixed faces aligned");
        var refused = images.Refused.Concat(faces.Refused).Concat(kept.Refused).GroupBy(part => part.Key, part => part.Value).ToDictionary(same => same.Key, same => same.Sum());
        var data = new RetrainingData(images.Images.Count, faces.Identities + kept.Identities, faces.Faces.Count + kept.Faces.Count, faces.Duplicates + kept.Duplicates, refused);
        reports.Say($"{data.Images:N0} images give {data.Faces:N0} faces of {data.Identities:N0} people; {data.Duplicates:N0} duplicates and {refused.Values.Sum():N0} others are left out.");
        return new RetrainingSet(IdentitySplit.Of(faces.Faces), kept.Faces, data);

        Task<PreparedFaces> AlignAsync(IEnumerable<TrainingImage> some, string what)
        {
            SourceImage[] sources = [.. some.Select(image => new SourceImage(image.Identity, image.Path, image.Sha256))];
            return reports.DoPartAsync(what, sources.Length, progress => new FacePreparation(models, FacesIn(settings))
                .RunAsync(sources, new DirectProgress<int>(done => progress(done)), cancellation));
        }
    }

    private static string FacesIn(RetrainingSettings settings) => Path.Combine(settings.Folder, "faces");
}
