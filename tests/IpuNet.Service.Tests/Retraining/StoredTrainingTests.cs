using IpuNet.Contract;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Retraining;

public sealed class StoredTrainingTests(AzuriteFixture azurite) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ipunet-run-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task OpenAsync_Elsewhere_HasTheStateThatItBeganWith()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        StoredTraining first = await OpenAsync(account, State());

        StoredTraining second = await StoredTraining.OpenAsync(
            account, "7", _ => throw new InvalidOperationException("It has begun."), Cancellation);

        second.State.ShouldBe(first.State);
    }

    [Fact]
    public async Task OpenAsync_ByTwoAtOnce_GivesBothTheSameState()
    {
        StorageAccount account = await azurite.NewAccountAsync();

        StoredTraining[] trainings = await Task.WhenAll(
            Enumerable.Range(1, 4).Select(i => OpenAsync(account, State() with { BaseRevision = i })));

        trainings.Select(training => training.State).Distinct().Count().ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../7")]
    [InlineData("a/b")]
    [InlineData("retraining")]
    public async Task OpenAsync_OfAnIdThatIsNone_Throws(string jobId)
    {
        StorageAccount account = await azurite.NewAccountAsync();

        await Should.ThrowAsync<FaceDataException>(
            () => StoredTraining.OpenAsync(account, jobId, _ => Task.FromResult(State()), Cancellation));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData(
        """{"schema":2,"jobId":"7","experiment":"default","startedOn":"2026-01-01T00:00:00+00:00",""" +
        """ "baseRevision":1,"candidate":"ipunet@2"}""")]
    [InlineData(
        """{"schema":1,"jobId":"8","experiment":"default","startedOn":"2026-01-01T00:00:00+00:00",""" +
        """ "baseRevision":1,"candidate":"ipunet@2"}""")]
    public async Task OpenAsync_OfAStateThatCannotBeUsed_SaysSo(string json)
    {
        StorageAccount account = await azurite.NewAccountAsync();
        await account.Container(StorageNames.Results).UploadBlobAsync("retraining/7/state.json", BinaryData.FromString(json), Cancellation);

        (await Should.ThrowAsync<FaceDataException>(() => OpenAsync(account, State()))).Message.ShouldContain(
            "results/retraining/7/state.json");
    }

    [Theory]
    [InlineData(StoredTraining.CheckpointFile, 0)]
    [InlineData(StoredTraining.CheckpointFile, 100)]
    [InlineData(StoredTraining.BestFile, 9_000_000)]
    public async Task TryLoadCheckpointAsync_Elsewhere_BringsWhatWasKept(string file, int length)
    {
        StorageAccount account = await azurite.NewAccountAsync();
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        await (await OpenAsync(account, State())).SaveCheckpointAsync(Write("here", file, content), Cancellation);
        string there = Path.Combine(_folder.FullName, "there", file);

        bool isThere = await (await OpenAsync(account, State())).TryLoadCheckpointAsync(there, Cancellation);

        isThere.ShouldBeTrue();
        (await File.ReadAllBytesAsync(there, Cancellation)).AsSpan().SequenceEqual(content).ShouldBeTrue();
        Directory.EnumerateFiles(Path.GetDirectoryName(there)!).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task TryLoadCheckpointAsync_WhereNoneWasKept_WritesNothing()
    {
        StoredTraining training = await OpenAsync(await azurite.NewAccountAsync(), State());
        string path = Write("here", StoredTraining.BestFile, [1]);

        (await training.TryLoadCheckpointAsync(path, Cancellation)).ShouldBeFalse();

        (await File.ReadAllBytesAsync(path, Cancellation)).ShouldBe([1]);
    }

    [Fact]
    public async Task SaveCheckpointAsync_ThatIsCutOff_LeavesTheOneBefore()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        StoredTraining training = await OpenAsync(account, State());
        string path = Write("here", StoredTraining.CheckpointFile, [1, 2, 3]);
        await training.SaveCheckpointAsync(path, Cancellation);
        Write("here", StoredTraining.CheckpointFile, new byte[20_000_000]);
        using var cut = new CancellationTokenSource();
        Task saving = training.SaveCheckpointAsync(path, cut.Token);
        await ConsumerRun.UntilAsync(async () => await StagedAsync(account) > 0 || saving.IsCompleted);
        await cut.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => saving);

        (await training.TryLoadCheckpointAsync(path, Cancellation)).ShouldBeTrue();

        (await File.ReadAllBytesAsync(path, Cancellation)).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task TryLoadCheckpointAsync_OfADamagedOne_SaysSoAndKeepsWhatIsHere()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        StoredTraining training = await OpenAsync(account, State());
        string path = Write("here", StoredTraining.CheckpointFile, [1, 2, 3]);
        await training.SaveCheckpointAsync(path, Cancellation);
        var blob = account.Container(StorageNames.Results).GetBlobClient("retraining/7/checkpoint.safetensors");
        var metadata = (await blob.GetPropertiesAsync(cancellationToken: Cancellation)).Value.Metadata;
        await blob.UploadAsync(
            BinaryData.FromBytes([1, 2, 4]), new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = metadata }, Cancellation);

        (await Should.ThrowAsync<FaceDataException>(() => training.TryLoadCheckpointAsync(path, Cancellation))).Message
            .ShouldContain("SHA-256");

        (await File.ReadAllBytesAsync(path, Cancellation)).ShouldBe([1, 2, 3]);
        Directory.EnumerateFiles(Path.GetDirectoryName(path)!).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task TryLoadCheckpointAsync_OfWhatAnEarlierTrainingOfTheIdLeft_BringsNothing()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        string path = Write("here", StoredTraining.CheckpointFile, [1, 2, 3]);
        StoredTraining former = await OpenAsync(account, State());
        await former.EndAsync(Cancellation);
        await former.SaveCheckpointAsync(path, Cancellation);

        StoredTraining training = await OpenAsync(account, State() with { StartedOn = State().StartedOn.AddDays(1) });

        (await training.TryLoadCheckpointAsync(path, Cancellation)).ShouldBeFalse();
    }

    [Fact]
    public async Task SaveCheckpointAsync_OfAnotherFile_Throws()
    {
        StoredTraining training = await OpenAsync(await azurite.NewAccountAsync(), State());

        await Should.ThrowAsync<ArgumentException>(() => training.SaveCheckpointAsync(Write("here", "state.json", [1]), Cancellation));
    }

    [Fact]
    public async Task EndAsync_LeavesNothingButTheAnswer()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        StoredTraining training = await OpenAsync(account, State());
        await training.SaveCheckpointAsync(Write("here", StoredTraining.CheckpointFile, [1]), Cancellation);
        await training.SaveCheckpointAsync(Write("here", StoredTraining.BestFile, [2]), Cancellation);
        await account.Container(StorageNames.Results)
            .UploadBlobAsync(StorageNames.RetrainingAnswer("7"), BinaryData.FromString("{}"), Cancellation);

        await training.EndAsync(Cancellation);
        await training.EndAsync(Cancellation);

        (
            await account.Container(StorageNames.Results)
                .GetBlobsAsync(cancellationToken: Cancellation).Select(blob => blob.Name).ToArrayAsync(Cancellation))
            .ShouldBe(["retraining/7.json"]);
    }

    private static RetrainingState State() => new()
    {
        JobId = "7",
        Experiment = "default",
        StartedOn = new DateTimeOffset(2026, 11, 25, 1, 2, 3, 456, TimeSpan.FromHours(1)),
        From = "ipunet@1",
        BaseRevision = 4,
        Candidate = "ipunet@2",
    };

    private static Task<StoredTraining> OpenAsync(StorageAccount account, RetrainingState state) =>
        StoredTraining.OpenAsync(account, state.JobId, _ => Task.FromResult(state), Cancellation);

    // The number of uploaded blocks that are not part of the blob yet.
    private static async Task<int> StagedAsync(StorageAccount account)
    {
        var blob = Azure.Storage.Blobs.Specialized.SpecializedBlobExtensions.GetBlockBlobClient(
            account.Container(StorageNames.Results), StorageNames.RetrainingFile("7", StoredTraining.CheckpointFile));
        var blocks = await blob.GetBlockListAsync(Azure.Storage.Blobs.Models.BlockListTypes.Uncommitted, cancellationToken: Cancellation);
        return blocks.Value.UncommittedBlocks.Count();
    }

    private string Write(string folder, string file, byte[] content)
    {
        string path = Path.Combine(_folder.CreateSubdirectory(folder).FullName, file);
        File.WriteAllBytes(path, content);
        return path;
    }
}
