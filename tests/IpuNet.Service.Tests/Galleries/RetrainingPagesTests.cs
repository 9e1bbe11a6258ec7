using Azure;
using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Faces.Reports;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Galleries;

public sealed class RetrainingPagesTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_Twice_LeavesTheLastPageWhole()
    {
        var (account, pages) = await CreateSutAsync();

        await pages.WriteAsync("7", PageOf("ada"), Cancellation);
        await pages.WriteAsync("7", PageOf("ada", "bob"), Cancellation);

        var page = (await Blob(account, "7").DownloadContentAsync(Cancellation)).Value;
        page.Content.ToString().ShouldBe(PageOf("ada", "bob").ToString());
        page.Details.ContentType.ShouldBe("text/html; charset=utf-8");
        page.Details.Metadata["marks"].ShouldBe($"{PictureMarks.Of("ada")},{PictureMarks.Of("bob")}");
    }

    [Fact]
    public async Task RemoveAsync_OfSomebody_RemovesTheirPicturesFromEveryPageAndNobodyElses()
    {
        var (account, pages) = await CreateSutAsync();
        await pages.WriteAsync("7", PageOf("ada", "bob"), Cancellation);
        await pages.WriteAsync("8", PageOf("ada"), Cancellation);
        await pages.WriteAsync("9", PageOf("bob"), Cancellation);
        ETag others = await VersionAsync(account, "9");

        int removed = await pages.RemoveAsync(["ada", "carol"], Cancellation);

        removed.ShouldBe(2);
        (await ShownAsync(account, "7")).ShouldBe(["bob"]);
        (await ShownAsync(account, "8")).ShouldBeEmpty();
        (await TextAsync(account, "8")).ShouldContain("This picture was removed because the person was deleted.");
        (await VersionAsync(account, "9")).ShouldBe(others);
    }

    [Fact]
    public async Task RemoveAsync_Again_RemovesNothingAndWritesNothing()
    {
        var (account, pages) = await CreateSutAsync();
        await pages.WriteAsync("7", PageOf("ada", "bob"), Cancellation);
        await pages.RemoveAsync(["ada"], Cancellation);
        ETag once = await VersionAsync(account, "7");

        (await pages.RemoveAsync(["ada"], Cancellation)).ShouldBe(0);

        (await VersionAsync(account, "7")).ShouldBe(once);
    }

    [Fact]
    public async Task RemoveAsync_OfSeveralAtOnce_LosesNoRemoval()
    {
        string[] people = [.. Enumerable.Range(0, 12).Select(i => $"p{i}")];
        var (account, pages) = await CreateSutAsync();
        await pages.WriteAsync("7", PageOf(people), Cancellation);

        int[] removed = await Task.WhenAll(people.Skip(1).Select(person => pages.RemoveAsync([person], Cancellation)));

        removed.Sum().ShouldBe(people.Length - 1);
        (await ShownAsync(account, "7", people)).ShouldBe(["p0"]);
    }

    [Fact]
    public async Task WriteAsync_AfterADeletion_ShowsTheOthers()
    {
        var (account, pages) = await CreateSutAsync();
        await pages.RemoveAsync(["ada"], Cancellation);

        await pages.WriteAsync("7", PageOf("ada", "bob"), Cancellation);

        (await ShownAsync(account, "7")).ShouldBe(["bob"]);
        (await pages.IsHiddenAsync("ada", Cancellation), await pages.IsHiddenAsync("bob", Cancellation)).ShouldBe((true, false));
    }

    [Fact]
    public async Task TryShowAsync_OfAPageThatADeletionFoundNamed_WritesNothing()
    {
        var (account, pages) = await CreateSutAsync();
        string html = PageOf("ada", "bob").ToString();
        ETag named = (await pages.TryNameAsync("7", html, Cancellation)).ShouldNotBeNull();
        (await ShownAsync(account, "7")).ShouldBeEmpty();

        await pages.RemoveAsync(["ada"], Cancellation);

        // As if the search for markers had come before the marker.
        (await pages.TryShowAsync("7", html, named, Cancellation)).ShouldBeFalse();
        (await ShownAsync(account, "7")).ShouldBeEmpty();
    }

    [Fact]
    public async Task WriteAsync_WhileSomebodyIsDeleted_NeverShowsThem()
    {
        const int jobs = 30;
        var (account, pages) = await CreateSutAsync();

        await Task.WhenAll([
            .. Enumerable.Range(0, jobs).Select(job => pages.WriteAsync($"{job}", PageOf("ada", "bob"), Cancellation)),
            Task.Run(() => pages.RemoveAsync(["ada"], Cancellation))]);

        for (int job = 0; job < jobs; job++)
            (await ShownAsync(account, $"{job}")).ShouldBe(["bob"]);
    }

    [Fact]
    public async Task KeepOnlyAsync_OfThoseWhoAreLeft_RemovesTheOthersAndHidesNobody()
    {
        var (account, pages) = await CreateSutAsync();
        await pages.WriteAsync("7", PageOf("ada", "bob", "carol"), Cancellation);

        (await pages.KeepOnlyAsync(["bob", "dan"], Cancellation)).ShouldBe(2);

        (await ShownAsync(account, "7")).ShouldBe(["bob"]);
        (await pages.IsHiddenAsync("ada", Cancellation)).ShouldBeFalse();
    }

    private static HtmlPage PageOf(params IEnumerable<string> people) =>
        new HtmlPage("Retraining", "ä").Pictures(people.Select(PictureOf)).Section("End");

    private static ReportPicture PictureOf(string person) => new(DataOf(person), "image/jpeg", "d", Mark: PictureMarks.Of(person));

    private static byte[] DataOf(string person) => System.Text.Encoding.UTF8.GetBytes($"the picture of {person}, which is as long as this");

    private static async Task<string> TextAsync(StorageAccount account, string job) =>
        (await Blob(account, job).DownloadContentAsync(Cancellation)).Value.Content.ToString();

    private static async Task<IReadOnlyList<string>> ShownAsync(StorageAccount account, string job, IEnumerable<string>? people = null)
    {
        string html = await TextAsync(account, job);
        return
        [
            .. (people ?? ["ada", "bob", "carol"])
                .Where(person => html.Contains(Convert.ToBase64String(DataOf(person)), StringComparison.Ordinal)),
        ];
    }

    private static async Task<ETag> VersionAsync(StorageAccount account, string job) =>
        (await Blob(account, job).GetPropertiesAsync(cancellationToken: Cancellation)).Value.ETag;

    private static BlobClient Blob(StorageAccount account, string job) =>
        account.Container(StorageNames.Results).GetBlobClient($"retraining/{job}.html");

    private async Task<(StorageAccount Account, RetrainingPages Pages)> CreateSutAsync()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        return (account, new RetrainingPages(account, TimeProvider.System));
    }
}
