using CsCheck;
using IpuNet.Contract;
using IpuNet.Service.Intake;

namespace IpuNet.Service.Tests.Intake;

public sealed class ImageArchiveTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Whole => [.. BadArchives.Whole.Keys];

    public static TheoryData<string> Partly => [.. BadArchives.Partly.Keys];

    [Fact]
    public async Task ReadAsync_WithImages_GivesThemAndLeavesAloneWhatSystemsAdd()
    {
        byte[] zip = TestArchive.Of("1.png", "people/ada/写真 é.JPG", "people/.DS_Store", "__MACOSX/._1.png", "people/");

        var (archive, images) = await ReadAsync(zip);

        images.Select(image => image.Name).ShouldBe(["1.png", "people/ada/写真 é.JPG"]);
        images[1].Content.ShouldBe(TestArchive.Picture(images[1].Name));
        archive.Refused.ShouldBeEmpty();
        archive.Skipped.ShouldBe(3);
    }

    [Theory]
    [InlineData("cam1\\a.png", "cam1/a.png")]
    [InlineData("cam1\\2026\\a.png", "cam1/2026/a.png")]
    public async Task ReadAsync_WithBackslashes_TakesThemForFolders(string packed, string name) =>
        (await ReadAsync(TestArchive.Of(packed))).Images.ShouldHaveSingleItem().Name.ShouldBe(name);

    [Theory]
    [InlineData("M\x81nchen.png", "München.png")]
    [InlineData("Malm\x94.png", "Malmö.png")]
    [InlineData("\x9D.png", "Ø.png")]
    [InlineData("caf\xC3\xA9.png", "café.png")]
    public async Task ReadAsync_WithANameOfNoStatedEncoding_ReadsItAsUtf8OrElseAsDosDoes(string bytes, string name)
    {
        string unnamed = new('x', bytes.Length);

        (await ReadAsync(TestArchive.Of(unnamed).WithText(unnamed, bytes))).Images.ShouldHaveSingleItem().Name.ShouldBe(name);
    }

    [Fact]
    public async Task ReadAsync_WithTwoNamesThatBecomeOne_RefusesTheSecond()
    {
        var (archive, images) = await ReadAsync(TestArchive.Of("a/1.png", "a\\1.png"));

        images.ShouldHaveSingleItem().Name.ShouldBe("a/1.png");
        archive.Refused.ShouldHaveSingleItem().Reason.ShouldBe("an earlier entry has the same name");
    }

    [Fact]
    public async Task ReadAsync_WithAnImageOfAnotherName_JudgesItByItsContent()
    {
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0], heic = [0, 0, 0, 24, .. "ftypheic"u8];

        var (archive, images) = await ReadAsync(TestArchive.Of(("a.jpe", jpeg), ("b", jpeg), ("c.heic", heic), ("d.txt", [1])));

        images.Select(image => image.Name).ShouldBe(["a.jpe", "b"]);
        archive.Refused.ShouldHaveSingleItem().ShouldBe(new RefusedEntry("c.heic", "HEIC is not supported; convert to JPEG"));
        archive.Skipped.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public async Task OpenAndRead_WithNothingToUse_TakesNothing(string kind)
    {
        try
        {
            var (archive, images) = await ReadAsync(BadArchives.Whole[kind].Content);

            images.ShouldBeEmpty();
            archive.Accepted.ShouldBe(0);
        }
        catch (FaceDataException refusal)
        {
            refusal.Message.ShouldContain(BadArchives.Whole[kind].Reason);
        }
    }

    [Theory]
    [MemberData(nameof(Partly))]
    public async Task ReadAsync_WithAnEntryThatIsBad_RefusesItAndGivesTheOthers(string kind)
    {
        var (archive, images) = await ReadAsync(BadArchives.Partly[kind].Content);

        images.Select(image => image.Name).ShouldBe(["good.png"]);
        archive.Refused.ShouldHaveSingleItem().Reason.ShouldContain(BadArchives.Partly[kind].Reason);
    }

    [Fact]
    public async Task ReadAsync_WithAnyBytesChanged_GivesWhatWasPackedOrRefuses()
    {
        byte[] zip = TestArchive.Of("a.png", "b/c.jpg", "d.bmp");
        var names = new[] { "a.png", "b/c.jpg", "d.bmp" };
        await Gen.Select(Gen.Int[0, zip.Length - 1], Gen.Byte).Array[1, 6].SampleAsync(
            async changes =>
            {
                byte[] damaged = [.. zip];
                foreach (var (at, value) in changes)
                    damaged[at] = value;
                try
                {
                    var (_, images) = await ReadAsync(damaged);
                    return images.All(image => names.Any(name => TestArchive.Picture(name).AsSpan().SequenceEqual(image.Content)));
                }
                catch (FaceDataException)
                {
                    return true;
                }
            },
            iter: 300);
    }

    [Fact]
    public async Task ReadAsync_WhenTheBytesCannotBeRead_DoesNotBlameTheArchive()
    {
        await Should.ThrowAsync<IOException>(async () => await ReadAsync(new BrokenStream(TestArchive.Of("a.png"))));
    }

    private static Task<(ImageArchive Archive, List<ArchivedImage> Images)> ReadAsync(byte[] zip) => ReadAsync(new MemoryStream(zip));

    private static async Task<(ImageArchive Archive, List<ArchivedImage> Images)> ReadAsync(Stream bytes)
    {
        await using ImageArchive archive = await ImageArchive.OpenAsync("photos.zip", bytes, BadArchives.Limits, Cancellation);
        List<ArchivedImage> images = [];
        await foreach (ArchivedImage image in archive.ReadAsync(Cancellation))
            images.Add(image);
        return (archive, images);
    }

    private sealed class BrokenStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("The wire is cut.");
    }
}
