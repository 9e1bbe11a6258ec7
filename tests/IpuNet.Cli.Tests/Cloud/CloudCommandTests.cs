using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues.Models;
using IpuNet.CommandLine;
using IpuNet.Contract;
using IpuNet.Service.Queues;

namespace IpuNet.Cli.Tests.Cloud;

public sealed class CloudCommandTests(LocalStorage storage) : IClassFixture<LocalStorage>, IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Upload_OfAFolder_UploadsItsImagesWithWhatIsAskedFor()
    {
        _folder.WriteFace("in/1.png", 1);
        _folder.WriteFace("in/more/2.png", 2);
        _folder.Write("in/notes.txt", "no image");

        var run = await storage.RunAsync("upload", _folder["in"], "--batch", "folder", "--gallery", "staff", "--faces", "crop");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain("Uploaded 2 of 2 files to batch");
        BlobProperties properties = await Upload("folder/more/2.png").GetPropertiesAsync(cancellationToken: Cancellation);
        properties.Metadata["gallery"].ShouldBe("staff");
        properties.Metadata["faces"].ShouldBe("crop");
    }

    [Fact]
    public async Task Upload_WithPathsThatDoNotExist_NamesThemAndUploadsNothing()
    {
        _folder.WriteFace("1.png", 1);

        var run = await storage.RunAsync("upload", _folder["1.png"], _folder["2.png"], _folder["3.zip"], "--batch", "missing");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain($"{_folder["2.png"]}: there is no such file or folder. {_folder["3.zip"]}: there is no such file");
        (await Upload("missing/1.png").ExistsAsync(Cancellation)).Value.ShouldBeFalse();
    }

    [Fact]
    public async Task Upload_OfAFolderWithFilesThatAreNoImages_UploadsTheOthersAndNamesThem()
    {
        _folder.WriteFace("in/1.png", 1);
        _folder.Write("in/2.heic", "\0\0\0\u0018ftypheic");

        var run = await storage.RunAsync("upload", _folder["in"], "--batch", "mixed");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("2.heic: HEIC is not supported; convert to JPEG");
        run.Errors.TrimEnd().ShouldEndWith("error: 1 of 2 files could not be uploaded.");
        (await Upload("mixed/1.png").ExistsAsync(Cancellation)).Value.ShouldBeTrue();
        (await Upload("mixed/2.heic").ExistsAsync(Cancellation)).Value.ShouldBeFalse();
    }

    [Fact]
    public async Task Status_OfAnArchiveOfWhichAnEntryWasRefused_NamesItAndExitsWith1()
    {
        _folder.Write("zips/a.zip", "PK");
        (await storage.RunAsync("upload", _folder["zips"], "--batch", "archive")).Code.ShouldBe(ExitCode.Done);
        var answer = new ArchiveAnswer
        {
            BatchId = "archive",
            Image = "uploads/archive/a.zip",
            Status = ImageStatus.Ok,
            Entries = new(1, 0, [new("b.heic", "HEIC is not supported")]),
        };
        await AnswerAsync("archive/a.zip", ImageStatus.Ok, answer);

        var run = await storage.RunAsync("status", "archive");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Output.ShouldContain("refused in archives");
        run.Output.ShouldContain("The files include 1 archive, counted beside the images that were in it.");
        run.Errors.ShouldContain("a.zip: b.heic: HEIC is not supported");
    }

    [Fact]
    public async Task Status_WithResults_CountsThemAndExitsWith1WhereOneIsRejected()
    {
        _folder.WriteFace("in/1.png", 1);
        _folder.WriteFace("in/2.png", 2);
        _folder.WriteFace("in/3.png", 3);
        await storage.RunAsync("upload", _folder["in"], "--batch", "status");
        await AnswerAsync("status/1.png", ImageStatus.Ok);
        var rejection = new ImageAnswer
        {
            Image = "status/2.png",
            Status = ImageStatus.Rejected,
            Reason = "its end is missing",
            Models = null,
            Faces = [],
        };
        await AnswerAsync("status/2.png", ImageStatus.Rejected, image: rejection);

        var run = await storage.RunAsync("status", "status");

        run.Code.ShouldBe(ExitCode.SomeFailed, run.Errors);
        run.Output.ShouldContain("rejected");
        run.Output.ShouldContain("waiting");
        run.Errors.ShouldContain("error: 2.png: its end is missing");
    }

    [Fact]
    public async Task Status_OfAnArchiveOfWhichNothingWasTaken_SaysWhy()
    {
        _folder.Write("zips/a.zip", "PK");
        await storage.RunAsync("upload", _folder["zips"], "--batch", "no-archive");
        var answer = new ArchiveAnswer
        {
            BatchId = "no-archive",
            Image = "uploads/no-archive/a.zip",
            Status = ImageStatus.Rejected,
            Reason = "it is no zip",
            Entries = new(0, 0, []),
        };
        await AnswerAsync("no-archive/a.zip", ImageStatus.Rejected, answer);

        (await storage.RunAsync("status", "no-archive")).Errors.ShouldContain("error: a.zip: it is no zip");
    }

    [Fact]
    public async Task Status_WithWait_EndsWhenEachUploadHasItsResult()
    {
        _folder.WriteFace("in/1.png", 1);
        await storage.RunAsync("upload", _folder["in"], "--batch", "wait");
        Task<CommandRun> waiting = storage.RunAsync("status", "wait", "--wait");
        await AnswerAsync("wait/1.png", ImageStatus.Ok);

        var run = await waiting;

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldNotContain("waiting");
        run.Output.ShouldContain("wait/report.html");
    }

    [Fact]
    public async Task Status_WithWaitAndAnUploadInPoison_EndsWith1AndSaysWhereToLook()
    {
        _folder.WriteFace("in/1.png", 1);
        _folder.WriteFace("in/2.png", 2);
        await storage.RunAsync("upload", _folder["in"], "--batch", "poisoned");
        await AnswerAsync("poisoned/1.png", ImageStatus.Ok);
        await new PoisonLog(storage.Account).AddAsync(
            new PoisonEntry
            {
                Queue = StorageNames.FaceBatches,
                MessageId = "m1",
                Category = "gallery",
                Reason = "There is no gallery.",
                PoisonedOn = DateTimeOffset.UtcNow.AddMinutes(1),
                Body = """{"schema":1,"batchId":"poisoned","gallery":"default","images":["uploads/poisoned/2.png"]}""",
            },
            TestContext.Current.CancellationToken);

        var run = await storage.RunAsync("status", "poisoned", "--wait");

        run.Code.ShouldBe(ExitCode.SomeFailed, run.Errors);
        run.Output.ShouldContain("poison");
        run.Errors.ShouldContain("ipunet poison list");
    }

    [Fact]
    public async Task Status_OfABatchThatIsNotThere_SaysHowToMakeOne()
    {
        var run = await storage.RunAsync("status", "nothing");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("ipunet upload");
    }

    [Fact]
    public async Task EnqueueBatch_WithImagesThatAreThere_SendsThem()
    {
        _folder.WriteFace("in/1.png", 1);
        await storage.RunAsync("upload", _folder["in"], "--batch", "again");

        var run = await storage.RunAsync("enqueue", "batch", "--batch", "again");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        (await ReceiveAsync<FaceBatchMessage>(StorageNames.FaceBatches)).Images.ShouldBe(["uploads/again/1.png"]);
    }

    [Fact]
    public async Task EnqueueEnrolment_WithImages_UploadsThemAndSendsTheJob()
    {
        _folder.WriteFace("ada/1.png", 1);

        var run = await storage.RunAsync(
            "enqueue", "enrolment", _folder["ada"], "--subject", "ada", "--gallery", "staff", "--action", "replace");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        var message = await ReceiveAsync<EnrolmentMessage>(StorageNames.Enrolments);
        (message.SubjectId, message.Gallery, message.Action).ShouldBe(("ada", "staff", EnrolmentAction.Replace));
        string image = message.Images.ShouldHaveSingleItem();
        image.ShouldStartWith($"uploads/enrolments/{message.JobId}/");
        (await Upload(image["uploads/".Length..]).ExistsAsync(Cancellation)).Value.ShouldBeTrue();
    }

    [Fact]
    public async Task EnqueueEnrolment_OfADeletionOfNobody_SaysSo()
    {
        Task<CommandRun> waiting = storage.RunAsync("enqueue", "enrolment", "--subject", "adda", "--action", "delete", "--wait");
        var message = await ReceiveAsync<EnrolmentMessage>(StorageNames.Enrolments);
        var answer = new EnrolmentAnswer
        {
            JobId = message.JobId,
            Gallery = message.Gallery,
            Status = EnrolmentStatus.Ok,
            Removed = new RemovedSubject(0, 0, []),
            SentAt = DateTimeOffset.UnixEpoch,
            FinishedAt = DateTimeOffset.UnixEpoch,
        };
        await storage.Account.Container(StorageNames.Results)
            .UploadBlobAsync(StorageNames.EnrolmentAnswer(message.JobId), new BinaryData(answer.ToJson()), Cancellation);

        var run = await waiting;

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("The gallery 'default' has no subject 'adda', so nothing was removed.");
    }

    [Fact]
    public async Task EnqueueEnrolment_WithWait_ShowsWhatBecameOfEachImage()
    {
        Task<CommandRun> waiting = storage.RunAsync("enqueue", "enrolment", _folder.WriteFace("ada.png", 1), "--subject", "ada", "--wait");
        var message = await ReceiveAsync<EnrolmentMessage>(StorageNames.Enrolments);
        var answer = new EnrolmentAnswer
        {
            JobId = message.JobId,
            Gallery = message.Gallery,
            Status = EnrolmentStatus.Ok,
            Images = [
                new EnrolledImage("1.png", true, null, new EnrolmentQuality(96, 1234)),
                new EnrolledImage("2.png", false, "no face was found", null)],
            Embeddings = 3,
            SentAt = DateTimeOffset.UnixEpoch,
            FinishedAt = DateTimeOffset.UnixEpoch,
        };
        await storage.Account.Container(StorageNames.Results)
            .UploadBlobAsync(StorageNames.EnrolmentAnswer(message.JobId), new BinaryData(answer.ToJson()), Cancellation);

        var run = await waiting;

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Output.ShouldMatch("2.png +ada +refused +no face was found");
        run.Output.ShouldContain("ada now has 3 faces in the gallery 'default'.");
    }

    [Theory]
    [InlineData("promoted", ExitCode.Done)]
    [InlineData("kept", ExitCode.Done)]
    [InlineData("refused", ExitCode.SomeFailed)]
    public async Task EnqueueRetraining_WithWait_SendsTheJobAndShowsItsAnswer(string status, int code)
    {
        Task<CommandRun> waiting = storage.RunAsync("enqueue", "retraining", "--experiment", "small", "--wait", "--json");
        var message = await ReceiveAsync<RetrainingMessage>(StorageNames.Retraining);
        string answer =
            $$"""{"schema":1,"jobId":"{{message.JobId}}","status":"{{status}}","sentAt":"2026-11-25T01:00:00Z","""
            + "\"finishedOn\":\"2026-11-25T02:00:00Z\"}";
        await storage.Account.Container(StorageNames.Results).UploadBlobAsync(
            StorageNames.RetrainingAnswer(message.JobId), BinaryData.FromString(answer), Cancellation);

        var run = await waiting;

        run.Code.ShouldBe(code, run.Errors);
        message.Experiment.ShouldBe("small");
        run.Errors.ShouldContain($"Job {message.JobId} is in the queue");
        run.JsonLines().ShouldHaveSingleItem().GetProperty("status").GetString().ShouldBe(status);
    }

    [Fact]
    public async Task EnqueueRetraining_WithoutAnExperiment_SendsTheDefault()
    {
        var run = await storage.RunAsync("enqueue", "retraining");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        (await ReceiveAsync<RetrainingMessage>(StorageNames.Retraining)).Experiment.ShouldBe("default");
    }

    [Theory]
    [InlineData("upload x.png --batch a/b")]
    [InlineData("enqueue retraining --experiment ../x")]
    [InlineData("status ../b")]
    [InlineData("enqueue batch --batch b uploads/c/1.png")]
    [InlineData("enqueue enrolment --subject ada")]
    [InlineData("enqueue enrolment x.png --subject ada --gallery ../x")]
    [InlineData("upload x.png --batch b --gallery Staff")]
    [InlineData("enqueue enrolment x.png --subject ada --action delete")]
    public async Task Run_WithWhatMakesNoSense_ExitsWith2(string commandLine)
    {
        var run = await storage.RunAsync(commandLine.Split(' '));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Status_WithAWrongKey_SaysSo()
    {
        string wrong = string.Join(
            ';',
            storage.ConnectionString.Split(';').Select(
                part => part.StartsWith("AccountKey", StringComparison.Ordinal) ? "AccountKey=AAAA" : part));

        var run = await CommandRun.OfAsync("status", "b", "--connection-string", wrong);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("check its key");
    }

    [Fact]
    public async Task Status_WithNobodyThere_SaysWhatToStart()
    {
        var run = await CommandRun.OfAsync(
            "status", "b", "--connection-string",
            "AccountName=a;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:9/a;QueueEndpoint=http://127.0.0.1:9/a");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("ipunet up");
    }

    private BlobClient Upload(string name) => storage.Account.Container(StorageNames.Uploads).GetBlobClient(name);

    private async Task AnswerAsync(string name, ImageStatus status, ArchiveAnswer? archive = null, ImageAnswer? image = null)
    {
        BlobProperties upload = await Upload(name).GetPropertiesAsync(cancellationToken: Cancellation);
        var metadata = new ResultMetadata(upload.ETag.ToString(), status) { Refused = archive?.Entries.Refused.Count ?? 0 };
        await storage.Account.Container(StorageNames.Results).GetBlobClient($"{name}.json").UploadAsync(
            new BinaryData(archive?.ToJson() ?? image?.ToJson() ?? "{}"u8.ToArray()),
            new BlobUploadOptions { Metadata = metadata.ToDictionary() },
            Cancellation);
    }

    private async Task<T> ReceiveAsync<T>(string queue)
        where T : JobMessage
    {
        while (true)
        {
            QueueMessage? message = await storage.Account.Queue(queue).ReceiveMessageAsync(cancellationToken: Cancellation);
            if (message is not null)
                return JobSerializer.Read<T>(Convert.FromBase64String(message.Body.ToString()));
            await Task.Delay(20, Cancellation);
        }
    }
}
