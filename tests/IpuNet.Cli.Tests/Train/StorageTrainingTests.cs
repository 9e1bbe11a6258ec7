using Azure.Storage.Blobs.Models;
using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Tests.Cloud;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Reports;
using IpuNet.Service.Registry;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests;

namespace IpuNet.Cli.Tests.Train;

public sealed class StorageTrainingTests : IDisposable
{
    private const int People = 60, ImagesEach = 3;

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

    public StorageTrainingTests(AzuriteFixture azurite)
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
        (await RegistryOf().CurrentAsync(Cancellation))?.Enhancer.ShouldBe(answer.Status == RetrainingStatus.Promoted ? answer.Candidate : null);
        (await RetrainingBlobsAsync()).ShouldBe([$"retraining/{answer.JobId}.html", $"retraining/{answer.JobId}.json", "retraining/lease"], ignoreOrder: true);
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
        while (!(await RetrainingBlobsAsync()).Exists(blob => blob.EndsWith("checkpoint.safetensors", StringComparison.Ordinal)) && !training.IsCompleted)
            await Task.Delay(50, Cancellation);
        await stop.CancelAsync();
        (await training).Code.ShouldBe(ExitCode.Stopped, (await training).Errors);
        // The same job with fewer steps than it has is at its end.
        _folder.Write("models/experiments/long.json", Experiment(steps: 1));

        var run = await CommandRun.OfAsync(Command(experiment: null, "elsewhere"));

        run.Errors.ShouldContain("checkpoint.safetensors of this job is in storage");
        (await AnswerAsync()).Steps.ShouldBeGreaterThanOrEqualTo(1);
    }

    [Fact]
    public async Task Train_OnTooFewPeople_RefusesWithTheNumbers()
    {
        await UploadAsync();

        var run = await CommandRun.OfAsync(Command("test", "work", minPeople: 500));

        run.Code.ShouldBe(ExitCode.SomeFailed);
        RetrainingAnswer answer = await AnswerAsync();
        answer.Status.ShouldBe(RetrainingStatus.Refused);
        answer.Reason.ShouldNotBeNull().ShouldContain("people to learn from, and 500 are needed");
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

    private async Task UploadAsync()
    {
        var run = await _storage.RunAsync("upload-training", _folder["people"]);
        run.Output.ShouldContain($"{People * ImagesEach} of {People * ImagesEach} images are uploaded");
    }

    private Task<CommandRun> TrainAsync(string experiment) => CommandRun.OfAsync(Command(experiment, "work"));

    private string[] Command(string? experiment, string work, int minPeople = 10) =>
    [
        "train", .. experiment is null ? (string[])[] : [experiment], "--storage", "--connection-string", _storage.ConnectionString, "--models", _store.Root, "--work", _folder[work],
        "--min-faces", "20", "--min-people", $"{minPeople}", "--min-judges", "2", "--far", "0.1",
    ];

    private async Task<RetrainingAnswer> AnswerAsync()
    {
        string blob = (await RetrainingBlobsAsync()).Where(name => name.EndsWith(".json", StringComparison.Ordinal)).ShouldHaveSingleItem();
        return RetrainingAnswer.FromJson(System.Text.Encoding.UTF8.GetBytes(await ResultAsync(blob)), blob);
    }

    private async Task<string> ResultAsync(string blob) =>
        (await _storage.Account.Container(StorageNames.Results).GetBlobClient(blob).DownloadContentAsync(Cancellation)).Value.Content.ToString();

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
}
