using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Reports;
using IpuNet.Retraining;
using IpuNet.Retraining.Preparation;
using IpuNet.Service.Hosting;
using IpuNet.Service.Registry;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Trainer.Display;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Trainer.Tests.Train;

public sealed class RetrainingConsumerTests : IDisposable
{
    private const int People = 36, ImagesEach = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly Lazy<(string Name, byte[] File)[]> Pictures = new(() =>
    [
        .. from person in Enumerable.Range(0, People)
           from image in Enumerable.Range(0, ImagesEach)
           select ($"p{person}/{image}.png", ImageEncoder.EncodePng(Face(person, image))),
    ]);

    private readonly TestFolder _folder = new();
    private readonly LocalStorage _storage;
    private readonly ModelStore _store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public RetrainingConsumerTests(AzuriteFixture azurite)
    {
        _storage = new LocalStorage(azurite);
        _store = TestModels.CopyTo(_folder.Folder("models"));
        _folder.Write("models/experiments/test.json", Experiment(steps: 4));
        _folder.Write("models/experiments/long.json", Experiment(steps: 100_000));
        foreach ((string name, byte[] file) in Pictures.Value)
            _folder.Write($"people/{name}", file);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_OnImagesInStorage_AnswersWithFiguresAndAPage()
    {
        await UploadAsync();

        var run = await TrainAsync("test");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        RetrainingAnswer answer = await AnswerAsync();
        answer.ShouldSatisfyAllConditions(
            a => a.Status.ShouldBeOneOf(RetrainingStatus.Kept, RetrainingStatus.Promoted),
            a => a.Candidate.ShouldBe("test-enhancer@2"),
            a => a.Steps.ShouldBe(4),
            a => a.Data!.Faces.ShouldBe(People * ImagesEach),
            a => a.Data!.Identities.ShouldBe(People),
            a => a.Bands.ShouldNotBeEmpty());
        string page = await ResultAsync($"retraining/{answer.JobId}.html");
        page.ShouldContain("Side by side");
        PictureMarks.In(page).Intersect(Enumerable.Range(0, People).Select(person => PictureMarks.Of($"p{person}"))).Count().ShouldBe(6);
        // What is in use is what the answer says.
        (await RegistryOf().CurrentAsync(Cancellation))?.Enhancer.ShouldBe(
            answer.Status == RetrainingStatus.Promoted ? answer.Candidate : null);
        (await RetrainingBlobsAsync()).ShouldBe(
            [$"retraining/{answer.JobId}.html", $"retraining/{answer.JobId}.json", "retraining/lease"], ignoreOrder: true);
        (await _storage.Account.Queue(StorageNames.Retraining).PeekMessageAsync(Cancellation)).Value.ShouldBeNull();
    }

    [Fact]
    public async Task Train_WithAFixedSet_JudgesByItAndLearnsFromNobodyInIt()
    {
        await UploadAsync();
        for (int person = 0; person < 8; person++)
        {
            for (int image = 0; image < ImagesEach; image++)
                _folder.Write($"fixed/p{person}/{image}.png", ImageEncoder.EncodePng(Face(person, 5000 + image)));
        }

        await _storage.RunAsync("upload-training", _folder["fixed"], "--fixed");

        var run = await TrainAsync("test");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        RetrainingAnswer answer = await AnswerAsync();
        answer.Bands.Select(band => band.Set).Distinct().ShouldBe([EvaluationSet.HeldOut, EvaluationSet.Fixed]);
        answer.Data!.Identities.ShouldBe(People);
        answer.Data.Faces.ShouldBe(People * ImagesEach);
    }

    [Fact]
    public async Task Train_BesideAnEnhancerThatHarms_PutsTheNewOneInUse()
    {
        await UploadAsync();
        // Of the enhancer that the folder has in use, every small face comes out nearly white.
        InstalledModel harmful = _store.FindCurrent(ModelKind.Enhancer);
        TestModels.InstallWhitening(_store);

        var run = await TrainAsync("test");

        RetrainingAnswer answer = await AnswerAsync();
        answer.Status.ShouldBe(RetrainingStatus.Promoted, answer.Reason);
        (await RegistryOf().CurrentAsync(Cancellation))!.ShouldSatisfyAllConditions(
            current => current.Enhancer.ShouldBe(answer.Candidate),
            current => current.Change!.By.ShouldBe($"retraining {answer.JobId}"));
        InstalledModel model = await RegistryOf().DownloadAsync(answer.Candidate!, Cancellation);
        model.ReadVerified().ShouldNotBeEmpty();
        model.Manifest.PolicyFor(harmful.Manifest.Policies![0].Recogniser)!.Far.ShouldBe(0.1);
        model.Manifest.TrainedOn.ShouldBe(["training"]);
        run.Output.ShouldContain("promoted");
    }

    [Fact]
    public async Task Train_StoppedAndStartedElsewhere_GoesOnFromTheCheckpoint()
    {
        await UploadAsync();
        using var stop = new CancellationTokenSource();
        Task<CommandRun> training = CommandRun.OfAsync(stop.Token, Command("long", "here"));
        while (
            !(await RetrainingBlobsAsync()).Exists(blob => blob.EndsWith("checkpoint.safetensors", StringComparison.Ordinal))
                && !training.IsCompleted)
            await Task.Delay(50, Cancellation);
        await stop.CancelAsync();
        (await training).Code.ShouldBe(ExitCode.Stopped, (await training).Errors);
        // The same job with fewer steps than it has is at its end.
        _folder.Write("models/experiments/long.json", Experiment(steps: 1));

        var run = await CommandRun.OfAsync(Command(experiment: null, "elsewhere"));

        run.Errors.ShouldContain("Resuming the training from checkpoint.safetensors in storage.");
        (await AnswerAsync()).Steps.ShouldBeGreaterThanOrEqualTo(1);
    }

    [Fact]
    public async Task Train_WhoseLeaseAnotherTakes_WritesNoMoreAndGoesOnAfterIt()
    {
        using Training training = await TrainWithoutALeaseAsync();
        TrainingLease other = await AcquireLeaseAsync();

        await training.UntilItLetTheJobGoAsync();
        string? last = await CheckpointAsync();
        training.Time.Advance(TrainingLease.Duration);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        (await CheckpointAsync()).ShouldBe(last);
        await other.DisposeAsync();

        await training.UntilCheckpointIsOtherThanAsync(last);
        (await training.StopAsync()).ShouldBe(RetrainingEnd.Stopped);
        training.Errors.ShouldContain("Another process has taken over the account's training lease");
    }

    [Fact]
    public async Task Train_WhoseLeaseAndJobAnotherTakes_IsDoneAndWasNotStopped()
    {
        using Training training = await TrainWithoutALeaseAsync();
        TrainingLease other = await AcquireLeaseAsync();

        await training.UntilItLetTheJobGoAsync();
        await _storage.Account.Queue(StorageNames.Retraining).ClearMessagesAsync(Cancellation);
        await other.DisposeAsync();

        await training.UntilAsync(() => Task.FromResult(training.Running.IsCompleted));
        (await training.Running).ShouldBe(RetrainingEnd.Done);
    }

    [Fact]
    public async Task Train_WhoseLeaseNobodyHasAnyMore_GoesOnAsIfNothingWere()
    {
        using Training training = await TrainWithoutALeaseAsync();

        training.Time.Advance(TrainingLease.Duration);
        string? last = await CheckpointAsync();
        await training.UntilCheckpointIsOtherThanAsync(last);

        (await TrainingLease.TryAcquireAsync(_storage.Account, TimeProvider.System, Cancellation)).ShouldBeNull();
        (await training.StopAsync()).ShouldBe(RetrainingEnd.Stopped);
        training.Errors.ShouldNotContain("another process");
    }

    [Fact]
    public async Task Train_CutOffByStorage_FailsWithTheReasonAndNoBug()
    {
        await UploadAsync();
        var fault = new Fault(() => new RequestFailedException("Nobody answers."));
        using var training = new Training(this, "long", fault);
        await training.UntilCheckpointIsOtherThanAsync(null);

        fault.Meets = _ => true;
        // It was sure of its lease when it began to write. If time went by before, it would wait for its lease.
        await UntilAsync(() => Task.FromResult(fault.HasMet("checkpoint.safetensors")));
        await training.UntilAsync(() => Task.FromResult(training.Running.IsCompleted));

        var failure = Failure.Of(await Should.ThrowAsync<RequestFailedException>(() => training.Running));
        failure.IsInternal.ShouldBeFalse();
        failure.Text.ShouldStartWith("Storage cannot be reached: Nobody answers.");
        training.Errors.ShouldContain("Retrying ...");
    }

    [Fact]
    public async Task Train_KilledAfterItsPromotionAndGoneOnAfterARollback_AnswersPromotedAndPutsNothingInUse()
    {
        await UploadAsync();
        InstalledModel shipped = _store.FindCurrent(ModelKind.Enhancer);
        TestModels.InstallWhitening(_store);
        InstalledModel harmful = _store.FindCurrent(ModelKind.Enhancer);
        await RegistryOf().PublishAsync(harmful.Manifest, harmful.ReadVerified(), Cancellation);
        await RegistryOf().PromoteAsync([harmful.Id], new ModelChangeRequest("a test", "It harms."), Cancellation);
        // The page is written right after the promotion.
        var fault = new Fault(() => new InvalidOperationException("The process is killed."))
        {
            Meets = request => request.Method == RequestMethod.Put && request.Uri.Path.EndsWith(".html", StringComparison.Ordinal),
        };
        using var killed = new Training(this, "test", fault);
        await Should.ThrowAsync<InvalidOperationException>(() => killed.Running);
        string? candidate = (await RegistryOf().CurrentAsync(Cancellation))!.Enhancer;
        candidate.ShouldNotBeOneOf(harmful.Id, shipped.Id);
        await RegistryOf().RollbackAsync(new ModelChangeRequest("a test", "Somebody wants it."), null, Cancellation);

        var run = await CommandRun.OfAsync(Command(experiment: null, "elsewhere"));

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        RetrainingAnswer answer = await AnswerAsync();
        (answer.Status, answer.Candidate).ShouldBe((RetrainingStatus.Promoted, candidate), answer.Reason);
        (await RegistryOf().CurrentAsync(Cancellation))!.Enhancer.ShouldBe(harmful.Id);
    }

    [Fact]
    public async Task Train_OnTooFewPeople_RefusesWithTheNumbers()
    {
        await UploadAsync();

        var run = await CommandRun.OfAsync(Command("test", "work", minPeople: 500));

        run.Code.ShouldBe(ExitCode.SomeFailed);
        RetrainingAnswer answer = await AnswerAsync();
        answer.Status.ShouldBe(RetrainingStatus.Refused);
        answer.Reason.ShouldNotBeNull().ShouldContain("of 500 people to train on");
    }

    [Fact]
    public async Task Train_WithAnEmptyQueue_SaysHowToAskForATraining()
    {
        var run = await CommandRun.OfAsync(Command(experiment: null, "work"));

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain("ipunet enqueue retraining");
    }

    [Fact]
    public async Task Train_OfAnExperimentThatIsNotThere_IsRefused()
    {
        var run = await TrainAsync("nothing");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        (await AnswerAsync()).Reason.ShouldNotBeNull().ShouldContain("nothing.json");
    }

    // What storage does by itself when a holder is dead for as long as a lease lasts.
    // A training in the middle of its job, whose lease nobody has.
    private async Task<Training> TrainWithoutALeaseAsync()
    {
        await UploadAsync();
        var training = new Training(this, "long");
        await training.UntilCheckpointIsOtherThanAsync(null);
        await BreakLeaseAsync();
        return training;
    }

    private async Task BreakLeaseAsync() => await _storage.Account.Container(StorageNames.Results).GetBlobClient(StorageNames.TrainingLease)
        .GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: Cancellation);

    private async Task<TrainingLease> AcquireLeaseAsync() =>
        (await TrainingLease.TryAcquireAsync(_storage.Account, TimeProvider.System, Cancellation)).ShouldNotBeNull();

    // The version; null if there is none.
    private async Task<string?> CheckpointAsync() => await _storage.Account.Container(StorageNames.Results)
        .GetBlobsAsync(new GetBlobsOptions { Prefix = "retraining/" }, Cancellation)
        .Where(blob => blob.Name.EndsWith("checkpoint.safetensors", StringComparison.Ordinal))
        .Select(blob => $"{blob.Properties.ETag}").FirstOrDefaultAsync(Cancellation);

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (!await isSo())
            await Task.Delay(50, patience.Token);
    }

    private async Task UploadAsync()
    {
        var run = await _storage.RunAsync("upload-training", _folder["people"]);
        run.Output.ShouldContain($"Uploaded {People * ImagesEach} of {People * ImagesEach} images.");
    }

    private Task<CommandRun> TrainAsync(string experiment) => CommandRun.OfAsync(Command(experiment, "work"));

    private string[] Command(string? experiment, string work, int minPeople = 10) =>
    [
        "train", .. experiment is null ? (string[])[] : [experiment], "--storage", "--connection-string", _storage.ConnectionString,
        "--models", _store.Root, "--work", _folder[work],
        "--min-faces", "20", "--min-people", $"{minPeople}", "--min-judges", "2", "--far", "0.1",
    ];

    private async Task<RetrainingAnswer> AnswerAsync()
    {
        string blob = (await RetrainingBlobsAsync()).Where(name => name.EndsWith(".json", StringComparison.Ordinal)).ShouldHaveSingleItem();
        return RetrainingAnswer.FromJson(System.Text.Encoding.UTF8.GetBytes(await ResultAsync(blob)), blob);
    }

    private async Task<string> ResultAsync(string blob) =>
        (await _storage.Account.Container(StorageNames.Results).GetBlobClient(blob).DownloadContentAsync(Cancellation)).Value.Content
            .ToString();

    private async Task<List<string>> RetrainingBlobsAsync() => await _storage.Account.Container(StorageNames.Results)
        .GetBlobsAsync(new GetBlobsOptions { Prefix = "retraining/" }, Cancellation).Select(blob => blob.Name).ToListAsync(Cancellation);

    private ModelRegistry RegistryOf() => new(_storage.Account, TimeProvider.System);

    // One person's pictures are alike, and no two show the same.
    private static RgbImage Face(int person, int image)
    {
        RgbImage face = TestFolder.Pattern(person, 96), other = TestFolder.Pattern(1000 + person * ImagesEach + image, 96);
        for (int i = 0; i < face.Pixels.Length; i++)
            face.Pixels[i] = (byte)((2 * face.Pixels[i] + other.Pixels[i]) / 3);
        return face;
    }

    private static string Experiment(int steps) => $$"""
        {
          "name": "test",
          "data": { "sets": [ { "folder": "training", "identities": true } ] },
          "network": { "width": 2, "residual": true },
          "degradation": { "sizes": ["12x12", "16x16"] },
          "schedule": { "batch": 2, "steps": {{steps}}, "checkpointEvery": 1, "warmup": 1, "learningRate": 0.00001 },
          "validation": { "every": 1000000, "people": 0 }
        }
        """;

    /// <summary>A training whose lease goes by a clock of the test's.</summary>
    private sealed class Training : IDisposable
    {
        private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

        private readonly RetrainingConsumerTests _test;
        private readonly CancellationTokenSource _stop = new();
        private readonly StringWriter _output = new(), _errors = new();

        public Training(RetrainingConsumerTests test, string experiment, HttpPipelinePolicy? policy = null)
        {
            _test = test;
            var account = new StorageAccount(new StorageOptions { ConnectionString = test._storage.ConnectionString }, null, policy);
            var minimum = new RetrainingMinimum(20, 10, 2);
            var settings = new RetrainingSettings(test._folder["here"], minimum, 0.1, null, new InferenceSettings());
            var consumer = new RetrainingConsumer(account, test._store, settings, new WorkDisplay(new Terminal(_output, _errors)), Time);
            Running = Task.Run(() => consumer.RunAsync(experiment, _stop.Token), CancellationToken.None);
        }

        public FakeTimeProvider Time { get; } = new();

        public Task<RetrainingEnd> Running { get; }

        /// <summary>What it wrote; only at its end.</summary>
        public string Errors => Running.IsCompleted ? _errors.ToString() : throw new InvalidOperationException("It still runs.");

        /// <summary>Waits, while time goes by for the training.</summary>
        public Task UntilAsync(Func<Task<bool>> isSo) => RetrainingConsumerTests.UntilAsync(() =>
        {
            Time.Advance(Tick);
            return isSo();
        });

        public async Task UntilCheckpointIsOtherThanAsync(string? former)
        {
            // Without a checkpoint, the training has just started, and stops at once.
            Func<Func<Task<bool>>, Task> until = former is null ? RetrainingConsumerTests.UntilAsync : UntilAsync;
            await until(async () => Running.IsCompleted || await _test.CheckpointAsync() != former);
            if (Running.IsCompleted)
                throw new InvalidOperationException($"It ended with {await Running}: {Errors}");
        }

        /// <summary>Waits until the job is in the queue for anybody.</summary>
        public Task UntilItLetTheJobGoAsync() => UntilAsync(async () =>
            (await _test._storage.Account.Queue(StorageNames.Retraining).PeekMessageAsync(Cancellation)).Value is not null);

        public async Task<RetrainingEnd> StopAsync()
        {
            await _stop.CancelAsync();
            return await Running;
        }

        public void Dispose()
        {
            _stop.Cancel();
            // The folder is removed next.
            ((IAsyncResult)Running).AsyncWaitHandle.WaitOne(Patience);
            _stop.Dispose();
        }
    }

    /// <summary>Has some requests fail, once and for all.</summary>
    private sealed class Fault(Func<Exception> error) : HttpPipelinePolicy
    {
        private readonly ConcurrentQueue<string> _met = [];

        public Predicate<Request> Meets { get; set; } = _ => false;

        /// <summary>Whether a request for a file of this name has failed.</summary>
        public bool HasMet(string file) => _met.Contains(file);

        public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            if (!Meets(message.Request))
                return ProcessNextAsync(message, pipeline);
            _met.Enqueue(message.Request.Uri.Path.Split('/')[^1]);
            throw error();
        }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();
    }
}
