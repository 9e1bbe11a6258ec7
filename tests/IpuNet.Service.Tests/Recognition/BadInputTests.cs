using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Tests.Recognition;

public sealed class BadInputTests(AzuriteFixture azurite, ShippedModels shipped)
{
    private const string Long = "long";
    private static readonly string LongestName = new string('x', 896) + ".png";

    [Fact]
    public async Task ExecuteAsync_OfBadImagesAmongGoodOnes_SaysWhatIsWrongWithEach()
    {
        RecognitionRig rig = await RigAsync();
        rig.Options.MaxImageBytes = 200_000;
        byte[] jpeg = ImageEncoder.EncodeJpeg(RecognitionRig.Face(200, 5));
        (string File, byte[]? Data, ImageStatus Status, string Reason)[] cases =
        [
            ("good.png", RecognitionRig.Png(16, 1), ImageStatus.Ok, ""),
            ("missing.png", null, ImageStatus.Failed, "the upload does not exist"),
            ("empty.png", [], ImageStatus.Rejected, "empty"),
            ("text.jpg", "Dear diary, today was long"u8.ToArray(), ImageStatus.Rejected, "no image of a known format"),
            ("cut.jpg", jpeg[..(jpeg.Length / 2)], ImageStatus.Rejected, "cut off"),
            ("bomb.png", BadPictures.Bomb(), ImageStatus.Rejected, "over the limit"),
            ("huge.bmp", new byte[200_001], ImageStatus.Rejected, "over the limit"),
            ("mislabelled.png", jpeg, ImageStatus.Ok, ""),
            ("gif.png", "GIF89a"u8.ToArray(), ImageStatus.Rejected, ""),
            ("größe \u4e09 \U0001f600 #?%2F&.png", RecognitionRig.Png(16, 2), ImageStatus.Ok, ""),
            ("folder/of/a.png", RecognitionRig.Png(16, 3), ImageStatus.Ok, ""),
            (LongestName, RecognitionRig.Png(16, 4), ImageStatus.Ok, ""),
        ];
        List<string> images = [];
        foreach (var (file, data, _, _) in cases)
            images.Add(data is null ? $"uploads/b/{file}" : await rig.UploadAsync("b", file, data));
        await rig.SendAsync("b", images);

        await rig.RunAsync();

        foreach (var (file, _, status, reason) in cases)
        {
            ImageAnswer result = await rig.ResultAsync("b", file);
            result.Status.ShouldBe(status, file);
            (result.Reason ?? "").ShouldContain(reason, customMessage: file);
        }

        (await rig.PoisonedAsync()).ShouldBeEmpty();
        (await rig.SummaryAsync("b")).Images.Total.ShouldBe(cases.Length);
    }

    [Theory]
    [InlineData("uploads/b/../c/1.png", "full stop")]
    [InlineData("uploads/b/c\\1.png", "backslash")]
    [InlineData("uploads/other/1.png", "does not belong to this batch")]
    [InlineData("galleries/default/subjects/ada.json", "does not belong to this batch")]
    [InlineData("uploads/b/summary", "is reserved for results")]
    [InlineData("uploads/b/trials/1.png", "is reserved for results")]
    [InlineData("uploads/b/a\u0007.png", "control character")]
    [InlineData(Long, "at most 900")]
    public async Task ExecuteAsync_OfABadNameAmongGoodOnes_DoesTheGoodOnesAndGivesTheMessageToPoison(string name, string reason)
    {
        RecognitionRig rig = await RigAsync();
        string good = await rig.UploadAsync("b", "good.png", RecognitionRig.Png(16, 1));
        await rig.SendAsync("b", name == Long ? $"uploads/b/{new string('x', 1020)}.png" : name, good);

        await rig.RunAsync();

        PoisonEntry entry = (await rig.PoisonedAsync()).ShouldHaveSingleItem();
        (entry.Category, entry.DequeueCount).ShouldBe(("name", 1));
        entry.Reason.ShouldStartWith("Image 1 of 2: ");
        entry.Reason.ShouldContain(reason);
        (await rig.ResultAsync("b", "good.png")).Status.ShouldBe(ImageStatus.Ok);
    }

    [Theory]
    [InlineData(
        """{"schema":1,"batchId":"b","gallery":"default","images":["","","","","","","","","","","","","","","","","",""" +
        """ "","","","","","","","","","","","","","","",""]}""", "size")]
    [InlineData("""{"schema":1,"batchId":"..","gallery":"default","images":["uploads/../1.png"]}""", "name")]
    [InlineData("""{"schema":1,"batchId":"enrolments","gallery":"default","images":["uploads/enrolments/1.png"]}""", "name")]
    [InlineData("""{"schema":1,"batchId":"b","gallery":"nobody","images":["uploads/b/1.png"]}""", "gallery")]
    [InlineData("""{"schema":1,"batchId":"b","gallery":"../x","images":["uploads/b/1.png"]}""", "gallery")]
    [InlineData("""{"schema":2,"batchId":"b","gallery":"default","images":["uploads/b/1.png"]}""", "schema")]
    [InlineData("""{"schema":1,"batchId":"b","gallery":"default","images":["uploads/b/1.png"],"faces":"some"}""", "json")]
    [InlineData("""{"schema":1,"batchId":"b","gallery":"default","images":["uploads/b/1.png"],"faces":7}""", "json")]
    [InlineData("""{"schema":1,"batchId":"b","gallery":"default","images":[null]}""", "json")]
    [InlineData("no json", "json")]
    public async Task ExecuteAsync_OfABadMessage_GivesItToPoisonAtOnce(string message, string category)
    {
        RecognitionRig rig = await RigAsync();
        await rig.SendTextAsync(message);

        await rig.RunAsync();

        PoisonEntry entry = (await rig.PoisonedAsync()).ShouldHaveSingleItem();
        (entry.Category, entry.DequeueCount).ShouldBe((category, 1));
        (await rig.ResultBlobsAsync()).Keys.ShouldAllBe(name => name.StartsWith("poison/"));
    }

    [Fact]
    public async Task ExecuteAsync_WithAGalleryOfAnotherRecogniser_GivesTheMessageToPoison()
    {
        var rig = new RecognitionRig(await azurite.NewAccountAsync(), shipped.Models);
        await rig.EnrolAsync();
        var vector = new float[128];
        vector[0] = 1;
        await rig.PutAsync("eve", new EmbeddingSource("other-recogniser@1", shipped.Models.Source.Alignment), vector);
        await rig.SendAsync("b", await rig.UploadAsync("b", "1.png", RecognitionRig.Png(16, 1)));

        await rig.RunAsync();

        PoisonEntry entry = (await rig.PoisonedAsync()).ShouldHaveSingleItem();
        (entry.Category, entry.DequeueCount).ShouldBe(("gallery", 1));
        entry.Reason.ShouldContain("re-embed it with `ipunet gallery reembed`");
    }

    [Theory]
    [InlineData(0, ImageStatus.Ok)]
    [InlineData(2, ImageStatus.Failed)]
    public async Task ExecuteAsync_OfAMessageDeliveredOften_LeavesAloneWhatEndedTheWorker(int trials, ImageStatus status)
    {
        RecognitionRig rig = await RigAsync();
        string image = await rig.UploadAsync("b", "1.png", RecognitionRig.Png(16, 1)),
        other = await rig.UploadAsync("b", "2.png", RecognitionRig.Png(16, 2));
        await rig.SendAsync("b", image, other);
        await rig.BeSuspectedAsync("b", "1.png", trials);

        await rig.RunAsync();

        (await rig.PoisonedAsync()).ShouldBeEmpty();
        (await rig.ResultAsync("b", "1.png")).Status.ShouldBe(status);
        (await rig.ResultAsync("b", "2.png")).Status.ShouldBe(ImageStatus.Ok);
        (await rig.ResultBlobsAsync()).Keys.ShouldNotContain(name => name.Contains("trials"));
    }

    private async Task<RecognitionRig> RigAsync()
    {
        var rig = new RecognitionRig(await azurite.NewAccountAsync(), shipped.Models);
        await rig.EnrolAsync(("ada", 1), ("bob", 2));
        return rig;
    }
}
