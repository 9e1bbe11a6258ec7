using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Reports;
using IpuNet.Service.Retraining;

namespace IpuNet.Service.Tests.Retraining;

public sealed class TrainingImagesTests(AzuriteFixture azurite)
{
    private const string Ada = "ada/1.png", Bob = "bob/1.jpg", Cyd = "_fixed/cyd/1.PNG";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SyncAsync_IntoAnEmptyFolder_BringsAllImagesInOrder()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Bob, Ada, Cyd);

        TrainingImageSet set = await rig.SyncAsync();

        set.Images.Select(image => (image.Blob, image.Identity, image.IsFixed))
            .ShouldBe([(Cyd, "cyd", true), (Ada, "ada", false), (Bob, "bob", false)]);
        foreach (TrainingImage image in set.Images)
        {
            byte[] content = await File.ReadAllBytesAsync(image.Path, Cancellation);
            content.ShouldBe(SyncRig.ContentOf(image.Blob));
            image.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(content)));
        }

        set.Refused.ShouldBeEmpty();
        rig.Progress.ShouldBe(new TrainingSync(3, 3, 3));
    }

    [Fact]
    public async Task SyncAsync_OnceMore_DownloadsNothing()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada, Bob);
        TrainingImageSet first = await rig.SyncAsync();

        TrainingImageSet second = await rig.SyncAsync();

        second.Images.ShouldBe(first.Images);
        rig.Progress.ShouldBe(new TrainingSync(2, 2, 0));
    }

    [Fact]
    public async Task SyncAsync_AfterChanges_DownloadsWhatIsNewOrReplaced()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada, Bob);
        await rig.SyncAsync();
        await rig.UploadAsync(Ada, [1, 2, 3]);
        await rig.UploadAsync("dan/1.png", [4]);

        TrainingImageSet set = await rig.SyncAsync();

        rig.Progress.ShouldBe(new TrainingSync(3, 3, 2));
        (await File.ReadAllBytesAsync(set.Images[0].Path, Cancellation)).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task SyncAsync_AfterTheBlobsOfAPersonAreDeleted_LeavesNoTraceOfThem()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada, Bob);
        TrainingImageSet before = await rig.SyncAsync();
        await rig.DeleteAsync(Ada);

        TrainingImageSet after = await rig.SyncAsync();

        after.Images.ShouldHaveSingleItem().Blob.ShouldBe(Bob);
        File.Exists(before.Images[0].Path).ShouldBeFalse();
        foreach (string file in rig.Files())
            (await File.ReadAllTextAsync(file, Cancellation)).ShouldNotContain(Ada);
    }

    [Fact]
    public async Task SyncAsync_AfterTheBlobsOfAPersonAreDeleted_RemovesThemFromEarlierPages()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada, Bob, Cyd, "ada/2.png", "bob/2.jpg", "eve/no-image.txt");
        await rig.Pages.WriteAsync("7", new HtmlPage("Retraining").Pictures(Shown("ada", "bob", "cyd", "eve")), Cancellation);
        foreach (string blob in (string[])[Ada, "ada/2.png", Bob])
            await rig.DeleteAsync(blob);

        // Images that a training ignores still count as images of a person.
        TrainingImageSet set = await rig.SyncAsync(until: DateTimeOffset.MinValue);

        set.Images.ShouldBeEmpty();
        set.StripsRemoved.ShouldBe(2);
        PictureMarks.In(await rig.PageAsync("7")).ShouldBe([PictureMarks.Of("bob"), PictureMarks.Of("cyd")]);
    }

    [Fact]
    public async Task SyncAsync_WithADamagedFile_DownloadsItAgain()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada, Bob);
        string path = (await rig.SyncAsync()).Images[0].Path;
        byte[] content = await File.ReadAllBytesAsync(path, Cancellation);
        await File.WriteAllBytesAsync(path, [.. content[..^1], 0], Cancellation);

        await rig.SyncAsync();

        rig.Progress.Downloaded.ShouldBe(1);
        (await File.ReadAllBytesAsync(path, Cancellation)).ShouldBe(content);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json\n")]
    [InlineData("{\"count\":7}\n")]
    [InlineData("{\"blob\":null,\"eTag\":\"\",\"sha256\":\"\",\"length\":1}\n{\"count\":1}\n")]
    public async Task SyncAsync_WithADamagedIndex_StartsOver(string content)
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada, Bob);
        TrainingImageSet first = await rig.SyncAsync();
        await File.WriteAllTextAsync(
            rig.Files().Single(file => file.EndsWith("index.jsonl", StringComparison.Ordinal)), content, Cancellation);

        TrainingImageSet second = await rig.SyncAsync();

        second.Images.ShouldBe(first.Images);
        rig.Progress.Downloaded.ShouldBe(2);
    }

    [Fact]
    public async Task SyncAsync_WithAnIndexThatIsCutOff_StartsOver()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada, Bob);
        await rig.SyncAsync();
        string index = rig.Files().Single(file => file.EndsWith("index.jsonl", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(index, (await File.ReadAllLinesAsync(index, Cancellation))[..^1], Cancellation);

        await rig.SyncAsync();

        rig.Progress.Downloaded.ShouldBe(2);
    }

    [Fact]
    public async Task SyncAsync_WithWhatAnInterruptedDownloadLeft_RemovesIt()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada);
        string aside = $"{(await rig.SyncAsync()).Images[0].Path}.tmp";
        await File.WriteAllTextAsync(aside, "half", Cancellation);

        await rig.SyncAsync();

        File.Exists(aside).ShouldBeFalse();
    }

    [Fact]
    public async Task SyncAsync_UntilATime_LeavesOutWhatCameLater()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada);
        DateTimeOffset written = (await rig.Blob(Ada).GetPropertiesAsync(cancellationToken: Cancellation)).Value.LastModified;

        (await rig.SyncAsync(written)).Images.Count.ShouldBe(1);
        (await rig.SyncAsync(written.AddSeconds(-1))).Images.ShouldBeEmpty();
    }

    [Fact]
    public async Task SyncAsync_OfWhatIsNoImageOfAPerson_CountsItByCategory()
    {
        using SyncRig rig = await SyncRig.CreateAsync(
            azurite, Ada, "alone.png", "_fixed/alone.png", "/nobody.png",
            "ada/notes.txt", "ada/data.csv", "ada/more/2.png", "ada/back\\slash.png", "ada/long.png");
        rig.Limits = new TrainingImageLimits { MaxImageBytes = 100 };
        await rig.UploadAsync("ada/long.png", new byte[101]);

        TrainingImageSet set = await rig.SyncAsync();

        set.Images.ShouldHaveSingleItem().Blob.ShouldBe(Ada);
        set.Refused.ShouldBe(
            new Dictionary<string, int> { ["extension"] = 2, ["identity"] = 3, ["name"] = 2, ["size"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task SyncAsync_OfABlobWhoseChecksumIsWrong_RefusesItAndKeepsTheOthers()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada, Bob);
        await rig.SyncAsync();
        await rig.SpoilChecksumAsync(Bob);

        TrainingImageSet set = await rig.SyncAsync();

        set.Images.ShouldHaveSingleItem().Blob.ShouldBe(Ada);
        set.Refused.ShouldBe(new Dictionary<string, int> { ["checksum"] = 1 });
        rig.Files().Count.ShouldBe(2);
    }

    [Fact]
    public async Task SyncAsync_OfNamesThatLookLikePaths_StaysInTheFolder()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, "ada/C:\u2215x.png", "-rf/~.png", "ada/%2e%2e%2f1.png");

        TrainingImageSet set = await rig.SyncAsync();

        set.Images.Count.ShouldBe(3);
        set.Images.ShouldAllBe(
            image => image.Path.StartsWith(rig.Folder + Path.DirectorySeparatorChar)
                && Path.GetFileNameWithoutExtension(image.Path).Length == 64);
    }

    [Theory]
    [InlineData(1, 1L << 30, "MaxImages")]
    [InlineData(10, 30, "MaxTotalBytes")]
    public async Task SyncAsync_OfTooMuch_DownloadsNothingAndNamesTheLimit(int maxImages, long maxTotalBytes, string limit)
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada, Bob);
        rig.Limits = new TrainingImageLimits { MaxImages = maxImages, MaxTotalBytes = maxTotalBytes };

        var error = await Should.ThrowAsync<FaceDataException>(() => rig.SyncAsync());

        error.Message.ShouldContain(limit);
        rig.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task SyncAsync_WhileAnotherIsAtTheFolder_Throws()
    {
        using SyncRig rig = await SyncRig.CreateAsync(azurite, Ada);
        await rig.SyncAsync();
        await using var other = new FileStream(
            Path.Combine(rig.Folder, "index.jsonl.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        await Should.ThrowAsync<IOException>(() => rig.SyncAsync());
    }

    [Fact]
    public async Task TrainingImages_WithALimitOutOfRange_Throws()
    {
        var account = await azurite.NewAccountAsync();

        Should.Throw<ValidationException>(
            () => new TrainingImages(account, new TrainingImageLimits { MaxImages = 0 }, TimeProvider.System));
    }

    private static IEnumerable<ReportPicture> Shown(params IEnumerable<string> people) =>
        people.Select(person => new ReportPicture([1, 2, 3], "image/png", "d", Mark: PictureMarks.Of(person)));
}
