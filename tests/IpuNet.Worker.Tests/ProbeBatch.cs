using System.Globalization;
using System.Text.Json;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Storage;

namespace IpuNet.Worker.Tests;

/// <summary>
/// A batch of small pictures, a gallery, and what each picture's result must say, found without the service. The pictures are blotches of
/// colour,
/// not faces: what matters is that each has an embedding of its own.
/// </summary>
internal sealed class ProbeBatch
{
    public const string Batch = "crash", Gallery = "default";
    private const int Side = 24, Subjects = 20, Named = 5;

    private readonly byte[][] _files;
    private readonly ImageAnswer[] _expected;
    private readonly SubjectRecord[] _subjects;

    private ProbeBatch(byte[][] files, SubjectRecord[] subjects, ImageAnswer[] expected) =>
        (_files, _subjects, _expected) = (files, subjects, expected);

    /// <summary>How many pictures it has.</summary>
    public int Count => _files.Length;

    /// <summary>The first of its pictures alone.</summary>
    public ProbeBatch First(int count) => new(_files[..count], _subjects, _expected[..count]);

    /// <summary>Makes the pictures, and finds what must be said of each with some models.</summary>
    public static async Task<ProbeBatch> CreateAsync(int count, ModelStore store, CancellationToken cancellation)
    {
        using var models = PipelineModels.Open(store, InferenceSettings.Default, recognise: true);
        byte[][] files = [.. Enumerable.Range(0, count).Select(Picture)];
        var pipeline = new ImagePipeline(models, new() { Faces = FaceDetectionMode.Crop });
        List<ImageResult> results = [];
        await foreach (var batch in pipeline.RunAsync(files.Select((file, i) => ImageSource.FromBytes(Name(i), file)), cancellation))
            results.AddRange(batch);
        SubjectRecord[] subjects = [.. results.Take(Subjects).Select((result, i) => Subject(i, result, models.Source))];
        var identifier = new FaceIdentifier(GalleryIndex.Build(models.Source, models.Embedder!.Dimensions, subjects), models);
        return new ProbeBatch(files, subjects, [.. identifier.Identify(results, Named, cancellation)]);
    }

    /// <summary>Puts gallery and pictures into an account, and queues the pictures.</summary>
    public async Task QueueAsync(StorageAccount account, int imagesPerMessage, CancellationToken cancellation)
    {
        await UploadAsync(account, StorageNames.Galleries, $"{Gallery}/gallery.json", """{"schema":1}"""u8.ToArray());
        foreach (SubjectRecord subject in _subjects)
            await UploadAsync(account, StorageNames.Galleries, StorageNames.Subject(Gallery, subject.SubjectId), subject.ToJson());
        await Parallel.ForEachAsync(
            Enumerable.Range(0, _files.Length), cancellation,
            async (i, stop) => await UploadAsync(account, StorageNames.Uploads, $"{Batch}/{Name(i)}", _files[i]));
        foreach (int[] images in Enumerable.Range(0, _files.Length).Chunk(imagesPerMessage))
        {
            var message = new FaceBatchMessage
            {
                BatchId = Batch,
                Gallery = Gallery,
                Faces = FaceDetectionMode.Crop,
                Images = [.. images.Select(i => $"{StorageNames.Uploads}/{Batch}/{Name(i)}")],
            };
            await account.Queue(
                StorageNames.FaceBatches).SendMessageAsync(Convert.ToBase64String(JobSerializer.Write(message)), cancellation);
        }
    }

    /// <summary>How many pictures have a result.</summary>
    public static async Task<int> CountResultsAsync(StorageAccount account, CancellationToken cancellation)
    {
        int count = 0;
        await foreach (
            BlobItem blob in account.Container(
                StorageNames.Results).GetBlobsAsync(new GetBlobsOptions { Prefix = $"{Batch}/" }, cancellation))
            count += blob.Name.EndsWith(".png.json", StringComparison.Ordinal) ? 1 : 0;
        return count;
    }

    /// <summary>Waits until each picture has a result and no message is left.</summary>
    public async Task WaitAsync(StorageAccount account, TimeSpan limit, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limit);
        while (await CountMessagesAsync(account, patience.Token) > 0 || await CountResultsAsync(account, patience.Token) < _files.Length)
            await Task.Delay(TimeSpan.FromMilliseconds(300), patience.Token);
    }

    /// <summary>How many messages about pictures are not done, which costs less to ask than <see cref="CountResultsAsync"/>.</summary>
    public static Task<int> CountMessagesAsync(StorageAccount account, CancellationToken cancellation) =>
        account.CountMessagesAsync(StorageNames.FaceBatches, cancellation);

    /// <summary>Makes sure that there is one result for each picture, the right one, and nothing else is left.</summary>
    public async Task VerifyAsync(StorageAccount account, CancellationToken cancellation)
    {
        (await CountMessagesAsync(account, cancellation)).ShouldBe(0);
        (await account.CountMessagesAsync(StorageNames.FaceBatches + StorageNames.PoisonSuffix, cancellation)).ShouldBe(0);
        (await CountResultsAsync(account, cancellation)).ShouldBe(_files.Length);
        for (int i = 0; i < _files.Length; i++)
            Compare(
                JsonDocument.Parse(await ReadAsync(account, StorageNames.Result(Batch, Name(i)), cancellation)).RootElement, _expected[i]);

        BatchSummary summary = BatchSummary.FromJson(await ReadAsync(account, StorageNames.Summary(Batch), cancellation));
        summary.Images.Ok.ShouldBe(_files.Length);
        List<string> names = [];
        await foreach (BlobItem blob in account.Container(StorageNames.Results).GetBlobsAsync(new GetBlobsOptions(), cancellation))
            names.Add(blob.Name);
        names.ShouldAllBe(name => name.StartsWith($"{Batch}/", StringComparison.Ordinal));
        names.ShouldNotContain(name => name.Contains("/trials/", StringComparison.Ordinal));
    }

    private static void Compare(JsonElement result, ImageAnswer expected)
    {
        result.GetProperty("status").GetString().ShouldBe("ok");
        JsonElement face = result.GetProperty("faces").EnumerateArray().ShouldHaveSingleItem();
        face.GetProperty("decision").GetString().ShouldBe(expected.Faces[0].Decision);
        face.GetProperty("matches").EnumerateArray().Select(
            match => match.GetProperty("subjectId").GetString()).ShouldBe(expected.Faces[0].Matches.Select(match => match.SubjectId));
        face.GetProperty("matches")[0].GetProperty("score").GetSingle().ShouldBe(expected.Faces[0].Matches[0].Score, 1e-4f);
    }

    private static async Task UploadAsync(StorageAccount account, string container, string name, byte[] data) =>
        await account.Container(container).GetBlobClient(name).UploadAsync(new BinaryData(data), overwrite: true);

    private static async Task<BinaryData> ReadAsync(StorageAccount account, string name, CancellationToken cancellation) =>
        (await account.Container(StorageNames.Results).GetBlobClient(name).DownloadContentAsync(cancellation)).Value.Content;

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"{i:0000}.png");

    private static SubjectRecord Subject(int i, ImageResult image, EmbeddingSource source)
    {
        FaceResult face = image.Faces[0];
        var provenance = new EnrolmentProvenance(image.Name, image.Sha256!, face.Box, new EnrolmentQuality(Side, 0));
        return new SubjectRecord(
            $"subject-{i}", [new SubjectEmbedding(source, face.Embedding!, provenance, DateTimeOffset.UnixEpoch)],
            DateTimeOffset.UnixEpoch);
    }

    private static byte[] Picture(int seed)
    {
        var colours = new RgbImage(4, 4);
        new Random(seed).NextBytes(colours.Pixels);
        return ImageEncoder.EncodePng(Resampler.Resize(colours, Side, Side, ResampleFilter.Bicubic));
    }
}
