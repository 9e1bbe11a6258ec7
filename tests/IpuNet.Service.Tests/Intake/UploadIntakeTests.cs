using IpuNet.Contract;

namespace IpuNet.Service.Tests.Intake;

public sealed class UploadIntakeTests(AzuriteFixture azurite)
{
    private static readonly Dictionary<string, (string File, byte[] Content, string Reason)> Rejected = new()
    {
        ["text"] = ("notes.txt", [1], "no image of a known format"),
        ["no extension"] = ("notes", [1], "no image of a known format"),
        ["two extensions"] = ("photo.png.exe", [1], "no image of a known format"),
        ["HEIC"] = ("photo.heic", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0], "HEIC is not supported; convert to JPEG"),
        ["empty"] = ("photo.png", [], "is empty"),
        ["empty archive file"] = ("photos.zip", [], "is empty"),
        ["too long"] = ("photo.png", new byte[(1 << 20) + 1], "1,048,577 bytes"),
        ["archive too long"] = ("photos.zip", new byte[(4 << 20) + 1], "4,194,305 bytes"),
    };

    public static TheoryData<string> RejectedKinds => [.. Rejected.Keys];

    public static TheoryData<string> ArchiveKinds =>
        [.. BadArchives.Whole.Keys.Where(kind => BadArchives.Whole[kind].Content.Length <= BadArchives.Limits.MaxArchiveBytes)];

    public static TheoryData<string> PartlyKinds => [.. BadArchives.Partly.Keys];

    public static TheoryData<string, string> BadNames => new()
    {
        { "photo.png", "not in a batch" },
        { "/photo.png", "is empty" },
        { "a b/photo.png", "not allowed" },
        { ".a/photo.png", "not allowed" },
        { "../photo.png", "not allowed" },
        { "käfer/photo.png", "not allowed" },
        { new string('b', 65) + "/photo.png", "not allowed" },
        { "b/../photo.png", "full stop" },
        { "b/./photo.png", "full stop" },
        { "b/a//photo.png", "without a name" },
        { @"b/a\photo.png", "backslash" },
        { "b/C:/photo.png", "drive" },
        { "b/pho\tto.png", "control character" },
        { "b/" + new string('e', 1018) + ".png", "characters" },
        { "b/summary", "is reserved for results" },
        { "b/messages/photo.png", "is reserved for results" },
        { "b/trials/photo.png", "is reserved for results" },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("photo.png")]
    [InlineData("from camera 7/é 写真.JPEG")]
    [InlineData("x.zip/photo.png")]
    public async Task HandleAsync_WithAnImage_SendsItOnce(string file)
    {
        IntakeHost host = await HostAsync();
        await host.UploadAsync($"cam-7/{file}", [1], new Dictionary<string, string> { ["gallery"] = "staff", ["faces"] = "crop" });

        await host.HandleAsync($"cam-7/{file}");

        var message = (await host.SentAsync()).ShouldHaveSingleItem();
        message.Images.ShouldBe([$"uploads/cam-7/{file}"]);
        (message.BatchId, message.Gallery, message.Faces).ShouldBe(("cam-7", "staff", FaceDetectionMode.Crop));
    }

    [Theory]
    [InlineData("photo.jpe")]
    [InlineData("photo")]
    public async Task HandleAsync_WithAnImageOfAnotherName_JudgesItByItsContent(string file)
    {
        IntakeHost host = await HostAsync();
        await host.UploadAsync($"b/{file}", [0xFF, 0xD8, 0xFF, 0xE0]);

        await host.HandleAsync($"b/{file}");

        (await host.SentAsync()).ShouldHaveSingleItem().Images.ShouldBe([$"uploads/b/{file}"]);
    }

    [Fact]
    public async Task HandleAsync_WithNoMetadata_SearchesTheDefaultGallery()
    {
        IntakeHost host = await HostAsync();
        await host.UploadAsync("b/1.png", [1]);

        await host.HandleAsync("b/1.png");

        var message = (await host.SentAsync()).ShouldHaveSingleItem();
        (message.Gallery, message.Faces).ShouldBe(("default", FaceDetectionMode.Auto));
    }

    [Fact]
    public async Task HandleAsync_WithAnUploadThatIsGone_DoesNothing()
    {
        IntakeHost host = await HostAsync();

        await host.HandleAsync("b/1.png");

        (await host.SentAsync()).ShouldBeEmpty();
        (await host.BlobsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task HandleAsync_WithAnEnrolmentsImage_LeavesItAlone()
    {
        IntakeHost host = await HostAsync();
        await host.UploadAsync("enrolments/7/1.png", [1]);

        await host.HandleAsync("enrolments/7/1.png");

        (await host.SentAsync()).ShouldBeEmpty();
        (await host.BlobsAsync()).ShouldHaveSingleItem();
    }

    [Theory]
    [MemberData(nameof(RejectedKinds))]
    public async Task HandleAsync_WithABadUpload_RejectsItWithAReason(string kind)
    {
        var (file, content, reason) = Rejected[kind];
        IntakeHost host = await HostAsync();
        await host.UploadAsync($"b/{file}", content);

        await HandleTwiceAsync(host, $"b/{file}");

        string result = await host.ResultAsync($"b/{file}");
        result.ShouldContain("\"status\": \"rejected\"");
        result.ShouldContain(reason);
        (await host.SentAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("faces", "all", "auto, detect or crop")]
    [InlineData("gallery", "../staff", "Use 1 to 63 letters a-z")]
    [InlineData("gallery", "", "is empty")]
    public async Task HandleAsync_WithARequestThatCannotBe_RejectsIt(string key, string value, string reason)
    {
        IntakeHost host = await HostAsync();
        await host.UploadAsync("b/1.png", [1], new Dictionary<string, string> { [key] = value });

        await HandleTwiceAsync(host, "b/1.png");

        (await host.ResultAsync("b/1.png")).ShouldContain(reason);
        (await host.SentAsync()).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(BadNames))]
    public async Task HandleAsync_WithANameThatNoResultCanHave_PoisonsIt(string name, string reason)
    {
        IntakeHost host = await HostAsync();

        await HandleTwiceAsync(host, name);

        List<PoisonEntry> entries = [];
        await foreach (PoisonEntry entry in host.Poison.ListAsync(Cancellation))
            entries.Add(entry);
        PoisonEntry only = entries.ShouldHaveSingleItem();
        only.Reason.ShouldContain(reason);
        (only.Queue, only.Category, only.Body).ShouldBe(("uploads", "name", name));
    }

    [Theory]
    [MemberData(nameof(ArchiveKinds))]
    public async Task HandleAsync_WithAnArchiveThatIsBad_RejectsIt(string kind)
    {
        IntakeHost host = await HostAsync();
        await host.UploadAsync("b/photos.zip", BadArchives.Whole[kind].Content);

        await HandleTwiceAsync(host, "b/photos.zip");

        var answer = ArchiveAnswer.FromJson(System.Text.Encoding.UTF8.GetBytes(await host.ResultAsync("b/photos.zip")));
        answer.Status.ShouldBe(ImageStatus.Rejected);
        answer.Reason!.ShouldContain(BadArchives.Whole[kind].Reason);
        (await host.SentAsync()).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(PartlyKinds))]
    public async Task HandleAsync_WithAnArchiveOfWhichSomethingIsBad_TakesTheRest(string kind)
    {
        IntakeHost host = await HostAsync();
        await host.UploadAsync("b/photos.zip", BadArchives.Partly[kind].Content);

        await HandleTwiceAsync(host, "b/photos.zip");

        var answer = ArchiveAnswer.FromJson(System.Text.Encoding.UTF8.GetBytes(await host.ResultAsync("b/photos.zip")));
        answer.Entries.Accepted.ShouldBe(1);
        answer.Entries.Refused.ShouldHaveSingleItem().Reason.ShouldContain(BadArchives.Partly[kind].Reason);
        (await host.SentAsync()).ShouldHaveSingleItem().Images.ShouldBe(["uploads/b/photos.zip/good.png"]);
        (await host.BlobsAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task HandleAsync_WithAnArchiveOf70_SendsMessagesOf32AndTheRequest()
    {
        IntakeHost host = await HostAsync();
        await host.UploadAsync(
            "b/photos.ZIP", TestArchive.Of([.. Enumerable.Range(0, 70).Select(i => $"{i:00}.png")]),
            new Dictionary<string, string> { ["gallery"] = "staff" });

        await host.HandleAsync("b/photos.ZIP");

        var sent = await host.SentAsync();
        sent.Select(message => message.Images.Count).ShouldBe([32, 32, 6], ignoreOrder: true);
        sent.ShouldAllBe(message => message.Gallery == "staff");
        sent.SelectMany(message => message.Images).Distinct().Count().ShouldBe(70);
    }

    [Fact]
    public async Task HandleAsync_WithAnImageOfAnArchive_LeavesItToTheArchive()
    {
        IntakeHost host = await HostAsync();
        await host.UploadAsync("b/photos.zip", TestArchive.Of("1.png"));
        await host.HandleAsync("b/photos.zip");
        await host.SentAsync();

        await host.HandleAsync("b/photos.zip/1.png");

        (await host.SentAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task HandleAsync_WithAnArchiveInPlaceOfAnother_ReplacesItsImages()
    {
        IntakeHost host = await HostAsync();
        await host.UploadAsync("b/photos.zip", TestArchive.Of(("1.png", [1])));
        await host.HandleAsync("b/photos.zip");
        var former = await host.BlobsAsync();
        await host.UploadAsync("b/photos.zip", TestArchive.Of(("1.png", [2])));

        await host.HandleAsync("b/photos.zip");

        (await host.BlobsAsync()).ShouldAllBe(blob => !former.Contains(blob));
    }

    private async Task<IntakeHost> HostAsync() => new(await azurite.NewAccountAsync());

    // Handling twice has the same effect as handling once.
    private static async Task HandleTwiceAsync(IntakeHost host, string name)
    {
        await host.HandleAsync(name);
        var once = await host.BlobsAsync();
        await host.HandleAsync(name);
        (await host.BlobsAsync()).ShouldBe(once);
    }
}
