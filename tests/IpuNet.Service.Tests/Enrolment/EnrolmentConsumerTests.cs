using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Galleries;
using IpuNet.Service.Queues;
using IpuNet.Service.Tests.Recognition;

namespace IpuNet.Service.Tests.Enrolment;

public sealed class EnrolmentConsumerTests(AzuriteFixture azurite, ShippedModels shipped)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ExecuteAsync_OfAnAddition_EnrolsAndAnswers()
    {
        EnrolmentRig rig = await RigAsync();

        EnrolmentAnswer answer = await rig.EnrolAsync("7", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1), EnrolmentRig.Face(2));

        (answer.JobId, answer.Gallery, answer.SubjectId, answer.Action).ShouldBe(("7", EnrolmentRig.Gallery, "ada", EnrolmentAction.Add));
        (answer.Status, answer.Reason, answer.Embeddings, answer.Removed).ShouldBe((EnrolmentStatus.Ok, null, 2, null));
        answer.Images.Select(image => (image.Image, image.Accepted)).ShouldBe(
            [("uploads/enrolments/7/01.png", true), ("uploads/enrolments/7/02.png", true)]);
        answer.Images[0].Quality!.FaceHeight.ShouldBe(96);
        SubjectRecord subject = (await rig.FindAsync("ada"))!;
        subject.Embeddings.ShouldAllBe(face => face.Source == shipped.Models.Source && face.EnrolledAt == answer.SentAt);
        (await rig.BlobsAsync(StorageNames.Uploads)).ShouldBe(["enrolments/7/01.png", "enrolments/7/02.png"]);
        (await rig.PoisonedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task ExecuteAsync_OfTwoJobsOfASubject_AddsUp()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.EnrolAsync("1", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1));

        (await rig.EnrolAsync("2", "ada", EnrolmentAction.Add, EnrolmentRig.Face(2))).Embeddings.ShouldBe(2);
    }

    [Fact]
    public async Task ExecuteAsync_OfAReplacement_DropsWhatWasThereWithItsPictures()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.EnrolAsync("1", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1), EnrolmentRig.Face(2));

        (await rig.EnrolAsync("2", "ada", EnrolmentAction.Replace, EnrolmentRig.Face(3))).Embeddings.ShouldBe(1);

        (await rig.FindAsync("ada"))!.Embeddings.ShouldHaveSingleItem().Provenance.Image.ShouldBe("uploads/enrolments/2/01.png");
        (await rig.BlobsAsync(StorageNames.Uploads)).ShouldBe(["enrolments/2/01.png"]);
    }

    [Fact]
    public async Task ExecuteAsync_OfAnImageForRetraining_EnrolsItAndLeavesItThere()
    {
        EnrolmentRig rig = await RigAsync();
        string image = await rig.PutAsync(StorageNames.Training, "ada/1.png", EnrolmentRig.Face(1));
        await rig.SendAsync("1", EnrolmentAction.Add, "ada", image);

        await rig.RunAsync();

        (await rig.AnswerAsync("1")).Status.ShouldBe(EnrolmentStatus.Ok);
        (await rig.BlobsAsync(StorageNames.Training)).ShouldBe(["ada/1.png"]);
    }

    [Fact]
    public async Task ExecuteAsync_OfAJobDeliveredTwice_LeavesTheSameBlobs()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendAsync("1", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1), EnrolmentRig.Face(9, side: 20));
        await rig.RunWithoutEndAsync();
        byte[] subject = (await rig.FindAsync("ada"))!.ToJson(), answer = (await rig.AnswerAsync("1")).ToJson();

        await rig.RunAsync();

        (await rig.FindAsync("ada"))!.ToJson().ShouldBe(subject);
        (await rig.AnswerAsync("1")).ToJson().ShouldBe(answer);
    }

    [Fact]
    public async Task ExecuteAsync_OfAJobSentAgain_IsDoneAgain()
    {
        EnrolmentRig rig = await RigAsync();
        string image = await rig.PutAsync(StorageNames.Uploads, "enrolments/1.png", EnrolmentRig.Face(1, side: 20));
        await rig.SendAsync("1", EnrolmentAction.Add, "ada", image);
        await rig.RunAsync();
        (await rig.AnswerAsync("1")).Status.ShouldBe(EnrolmentStatus.Refused);
        await rig.PutAsync(StorageNames.Uploads, "enrolments/1.png", EnrolmentRig.Face(1));

        // The storage clock counts in seconds.
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        await rig.SendAsync("1", EnrolmentAction.Add, "ada", image);
        await rig.RunAsync();

        (await rig.AnswerAsync("1")).Status.ShouldBe(EnrolmentStatus.Ok);
    }

    [Theory]
    [InlineData(EnrolmentAction.Add)]
    [InlineData(EnrolmentAction.Replace)]
    public async Task ExecuteAsync_AfterAWorkerThatEndedBeforeItsAnswer_AnswersAndLeavesTheSubjectAsItIs(EnrolmentAction action)
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendAsync("1", "ada", action, EnrolmentRig.Face(1));
        await rig.RunWithoutEndAsync();
        byte[] subject = (await rig.FindAsync("ada"))!.ToJson();
        await rig.Account.Container(StorageNames.Results)
            .DeleteBlobAsync(StorageNames.EnrolmentAnswer("1"), cancellationToken: Cancellation);

        await rig.RunAsync();

        (await rig.FindAsync("ada"))!.ToJson().ShouldBe(subject);
        (await rig.AnswerAsync("1")).Embeddings.ShouldBe(1);
        (await rig.BlobsAsync(StorageNames.Uploads)).ShouldBe(["enrolments/1/01.png"]);
    }

    [Fact]
    public async Task ExecuteAsync_OfUnfitImages_SaysWhatIsWrongWithEachAndEnrolsTheOthers()
    {
        EnrolmentRig rig = await RigAsync();
        rig.Options.MaxImageBytes = 600_000;
        byte[] jpeg = ImageEncoder.EncodeJpeg(ImageDecoder.Decode(EnrolmentRig.Face(1, 200), "face"));
        (string File, byte[]? Data, string? Reason)[] cases =
        [
            ("good.png", EnrolmentRig.Face(1), null),
            ("missing.png", null, "does not exist"),
            ("empty.png", [], "empty"),
            ("text.jpg", "Dear diary"u8.ToArray(), "no image of a known format"),
            ("cut.jpg", jpeg[..(jpeg.Length / 2)], "cut off"),
            ("bomb.png", BadPictures.Bomb(), "over the limit"),
            ("long.bmp", new byte[600_001], "600,001 bytes, over the limit"),
            ("nobody.png", EnrolmentRig.Face(1, side: 400), "no face was found"),
            ("group.png", BadPictures.Group(), "faces were found"),
            ("small.png", EnrolmentRig.Face(1, side: 20), "20 px high, less than 32"),
            ("blurred.png", ImageEncoder.EncodePng(new RgbImage(120, 120)), "blurred"),
            ("größe \u4e09 %2F&.png", EnrolmentRig.Face(3), null),
        ];
        List<string> images = [];
        foreach (var (file, data, _) in cases)
            images.Add(data is null ? $"uploads/enrolments/1/{file}" : await rig.UploadAsync("1", file, data));
        await rig.SendAsync("1", EnrolmentAction.Add, "ada", images);

        await rig.RunAsync();

        EnrolmentAnswer answer = await rig.AnswerAsync("1");
        (answer.Status, answer.Embeddings).ShouldBe((EnrolmentStatus.Ok, 2));
        foreach (var ((file, _, reason), image) in cases.Zip(answer.Images))
        {
            image.ShouldSatisfyAllConditions(
                i => i.Image.ShouldBe($"uploads/enrolments/1/{file}"),
                i => i.Accepted.ShouldBe(reason is null, file),
                i => (i.Reason ?? "").ShouldContain(reason ?? "", customMessage: file));
        }

        (await rig.PoisonedAsync()).ShouldBeEmpty();
        // A deletion would not find a picture that no record names.
        (await rig.BlobsAsync(StorageNames.Uploads)).ShouldBe(
            ["enrolments/1/good.png", "enrolments/1/größe \u4e09 %2F&.png"], ignoreOrder: true);
    }

    [Fact]
    public async Task ExecuteAsync_WithoutAnyImageThatIsFit_RefusesAndMakesNoGallery()
    {
        EnrolmentRig rig = await RigAsync();

        EnrolmentAnswer answer = await rig.EnrolAsync("1", "ada", EnrolmentAction.Replace, EnrolmentRig.Face(1, side: 20));

        (answer.Status, answer.Embeddings).ShouldBe((EnrolmentStatus.Refused, null));
        answer.Reason.ShouldBe("No image can be enrolled. Each image has its own reason.");
        (await rig.BlobsAsync(StorageNames.Galleries)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ExecuteAsync_OfAPhotoWithOneFace_FindsIt()
    {
        EnrolmentRig rig = await RigAsync();

        EnrolmentAnswer answer = await rig.EnrolAsync("1", "ada", EnrolmentAction.Add, BadPictures.Portrait());

        answer.Status.ShouldBe(EnrolmentStatus.Ok, answer.Images[0].Reason);
        (await rig.FindAsync("ada"))!.Embeddings[0].Provenance.Box.Width.ShouldBeLessThan(300);
    }

    [Fact]
    public async Task ExecuteAsync_WithAGalleryOfOtherModels_RefusesAndChangesNothing()
    {
        EnrolmentRig rig = await RigAsync();
        var vector = new float[128];
        vector[0] = 1;
        var face = new SubjectEmbedding(
            new EmbeddingSource("other-recogniser@1", shipped.Models.Source.Alignment), vector,
            new EnrolmentProvenance("1.png", new string('0', 64), new(0, 0, 128, 128), new EnrolmentQuality(128, 100)),
            DateTimeOffset.UnixEpoch);
        await new BlobGallery(
            rig.Account, EnrolmentRig.Gallery, TimeProvider.System).AddAsync("eve", [face], DateTimeOffset.UnixEpoch, Cancellation);

        EnrolmentAnswer answer = await rig.EnrolAsync("1", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1));

        answer.Status.ShouldBe(EnrolmentStatus.Refused);
        answer.Reason!.ShouldContain("other-recogniser@1");
        (await rig.FindAsync("ada")).ShouldBeNull();
    }

    [Fact]
    public async Task ExecuteAsync_ByTwoWorkers_LosesNothing()
    {
        const int jobs = 16;
        EnrolmentRig rig = await RigAsync();
        for (int job = 0; job < jobs; job++)
            await rig.SendAsync(
                $"{job}", EnrolmentAction.Add, job % 2 == 0 ? "ada" : "bob",
                await rig.UploadAsync($"{job}", "01.png", EnrolmentRig.Face(job)));

        await rig.RunAsync(workers: 2);

        (await rig.FindAsync("ada"))!.Embeddings.Count.ShouldBe(jobs / 2);
        (await rig.FindAsync("bob"))!.Embeddings.Count.ShouldBe(jobs / 2);
        (await rig.BlobsAsync(StorageNames.Results)).Count.ShouldBe(jobs);
    }

    [Fact]
    public async Task ExecuteAsync_OfAJobDeliveredOftenWithoutAnEnd_GivesItToPoisonAfterTwoTrialsAndDoesItWhenRequeued()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendAsync("1", EnrolmentAction.Add, "ada", await rig.UploadAsync("1", "01.png", EnrolmentRig.Face(1)));
        var queue = rig.Account.Queue(StorageNames.Enrolments);
        for (int delivery = 0; delivery < 6; delivery++)
        {
            QueueMessage message = await queue.ReceiveMessageAsync(cancellationToken: Cancellation);
            await queue.UpdateMessageAsync(
                message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Cancellation);
        }

        var trials = new TrialCounter(rig.Account);
        for (int trial = 0; trial < TrialCounter.MaxTrials; trial++)
            await trials.BeginAsync(StorageNames.Enrolments, "1", Cancellation);

        await rig.RunAsync();

        PoisonEntry poisoned = (await rig.PoisonedAsync()).ShouldHaveSingleItem();
        poisoned.Category.ShouldBe("error");
        (await rig.AnswerAsync("1")).Status.ShouldBe(EnrolmentStatus.Refused);
        (await rig.BlobsAsync(StorageNames.Results)).ShouldNotContain(name => name.Contains("trials"));

        await rig.Poison.RequeueAsync(poisoned.MessageId, Cancellation);
        await rig.RunAsync();

        (await rig.AnswerAsync("1")).Status.ShouldBe(EnrolmentStatus.Ok);
    }

    [Fact]
    public async Task StopAsync_WithJobsInHand_LosesNone()
    {
        EnrolmentRig rig = await RigAsync();
        for (int job = 0; job < 8; job++)
            await rig.SendAsync($"{job}", EnrolmentAction.Add, "ada", await rig.UploadAsync($"{job}", "01.png", EnrolmentRig.Face(job)));
        using (EnrolmentConsumer consumer = rig.Consumer())
        {
            await consumer.StartAsync(Cancellation);
            await Task.Delay(300, Cancellation);
            await consumer.StopAsync(new CancellationToken(canceled: true));
        }

        await rig.RunAsync();

        (await rig.FindAsync("ada"))!.Embeddings.Count.ShouldBe(8);
    }

    private async Task<EnrolmentRig> RigAsync() => new(await azurite.NewAccountAsync(), shipped.Models);
}
