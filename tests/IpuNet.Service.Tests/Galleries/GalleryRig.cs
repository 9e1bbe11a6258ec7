using Azure;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Galleries;

/// <summary>A gallery in an account for one test, with made-up embeddings of 2 numbers.</summary>
internal sealed class GalleryRig(StorageAccount account)
{
    public const string Name = "staff";

    public static readonly EmbeddingSource Source = new("recogniser@1", "alignment@1");
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public StorageAccount Account => account;

    public BlobGallery Gallery { get; } = new(account, Name, TimeProvider.System);

    /// <summary>A time, in seconds after a fixed start.</summary>
    public static DateTimeOffset At(int seconds) => Start.AddSeconds(seconds);

    public static SubjectEmbedding Face(string image, int at, EmbeddingSource? source = null) => new(
        source ?? Source, [1, 0], new EnrolmentProvenance(image, $"sha-of-{image}", new FaceBox(0, 0, 9, 9), new EnrolmentQuality(99, 99)),
        At(at));

    public static string Picture(string file) => $"uploads/enrolments/{file}";

    public Task<SubjectRecord> AddAsync(string subject, int at, params string[] images) =>
        Gallery.AddAsync(subject, [.. images.Select(image => Face(image, at))], At(at), Cancellation);

    public Task<SubjectRecord> ReplaceAsync(string subject, int at, params string[] images) =>
        Gallery.ReplaceAsync(subject, [.. images.Select(image => Face(image, at))], At(at), Cancellation);

    public Task<SubjectRemoval> DeleteAsync(string subject, int at) => Gallery.DeleteAsync(subject, At(at), Cancellation);

    /// <summary>The images that a subject was enrolled from; null if there is no subject.</summary>
    public async Task<IReadOnlyList<string>?> ImagesAsync(string subject) =>
        (await Gallery.FindAsync(subject, Cancellation))?.Embeddings.Select(face => face.Provenance.Image).ToArray();

    public async Task UploadAsync(string image)
    {
        EnrolmentImage parsed = EnrolmentImage.Parse(image, out _)!;
        await account.Container(parsed.Container).GetBlobClient(parsed.Blob).UploadAsync(
            BinaryData.FromString(image), overwrite: true, Cancellation);
    }

    /// <summary>The names of all blobs of a container.</summary>
    public async Task<IReadOnlyList<string>> BlobsAsync(string container) => await account.Container(container)
        .GetBlobsAsync(cancellationToken: Cancellation).Select(blob => blob.Name).ToArrayAsync(Cancellation);

    public async Task<ETag> StampAsync() => (await account.Container(StorageNames.Galleries)
        .GetBlobClient(StorageNames.GalleryStamp(Name)).GetPropertiesAsync(cancellationToken: Cancellation)).Value.ETag;
}
