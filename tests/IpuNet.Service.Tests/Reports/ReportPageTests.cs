using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Recognition;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Recognition;
using Microsoft.Playwright;

namespace IpuNet.Service.Tests.Reports;

/// <summary>The report of a batch in a browser.</summary>
public sealed class ReportPageTests(AzuriteFixture azurite, ShippedModels shipped)
{
    private const int PhoneWidth = 390, PhoneHeight = 844;

    // If set, screenshots of the page are written there for people.
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("IPUNET_REPORT_PICTURES");

    private static readonly string[] Programs = ["chromium", "chromium-browser", "google-chrome"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Report_OfABatch_ShowsAllOnAPhoneWithoutAnythingFromElsewhere()
    {
        string browser = Browser();
        await OpenAsync(browser, await ReportAsync(), async page =>
        {
            (await page.EvaluateAsync<int>("[...document.images].filter(image => image.naturalWidth > 0).length")).ShouldBe(5);
            (await page.Locator("article").CountAsync()).ShouldBe(3);
            (await page.Locator("img").CountAsync()).ShouldBe(5);
            string text = await page.InnerTextAsync("body");
            string[] expected =
            [
                "Batch cam-7", "3 faces in 5 images", "ada", "Unknown", "threshold", "dark.png", "broken.jpg", "no image of a known format",
                "gone.png", "the upload does not exist",
            ];
            expected.ShouldAllBe(part => text.Contains(part));
            await SavePicturesAsync(page);
        });
    }

    [Fact]
    public async Task Report_OfMoreFacesThanAPageHas_ShowsTheFirstAndSaysHowManyThereAre()
    {
        string browser = Browser();
        await OpenAsync(browser, await LargeReportAsync(BatchReport.MaxFaces + 12), async page =>
        {
            (await page.Locator("article").CountAsync()).ShouldBe(BatchReport.MaxFaces);
            (await page.EvaluateAsync<int>("[...document.images].filter(image => image.naturalWidth > 0).length")).ShouldBe(
                BatchReport.MaxFaces);
            (await page.InnerTextAsync("body")).ShouldContain("The page shows the first 500 of 512 faces");
        });
    }

    private static string Browser()
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => Programs.Select(program => Path.Combine(folder, program))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"No browser is installed: one of {string.Join(", ", Programs)} is needed.");
        return path!;
    }

    // Every page must fit a phone, have no errors, and fetch nothing.
    private static async Task OpenAsync(string browserPath, string file, Func<IPage, Task> look)
    {
        try
        {
            using IPlaywright playwright = await Playwright.CreateAsync();
            await using IBrowser browser = await playwright.Chromium.LaunchAsync(
                new() { ExecutablePath = browserPath, Args = ["--no-sandbox"] });
            IPage page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = PhoneWidth, Height = PhoneHeight } });
            List<string> console = [], requests = [];
            page.Console += (_, message) => console.Add(message.Text);
            page.Request += (_, request) => requests.Add(request.Url);

            await page.GotoAsync(new Uri(file).AbsoluteUri);

            requests.Where(url => !url.StartsWith("data:", StringComparison.Ordinal)).ShouldBe([new Uri(file).AbsoluteUri]);
            console.ShouldBeEmpty();
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(PhoneWidth);
            await look(page);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task SavePicturesAsync(IPage page)
    {
        if (Pictures is null)
            return;
        await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, "phone.png"), FullPage = true });
        await page.PdfAsync(
            new()
            {
                Path = Path.Combine(Pictures, "print.pdf"),
                Format = "A4",
                Margin = new() { Top = "12mm", Bottom = "12mm", Left = "12mm", Right = "12mm" },
            });
        await page.SetViewportSizeAsync(1200, 900);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, "desktop.png"), FullPage = true });
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, "dark.png"), FullPage = true });
    }

    private async Task<string> ReportAsync()
    {
        var rig = new RecognitionRig(await azurite.NewAccountAsync(), shipped.Models);
        await rig.EnrolAsync(
            ("ada", 1), ("bob", 2), ("a subject with a very long name that has to be broken somewhere - for phones are narrow", 3));
        await rig.SendAsync(
            "cam-7",
            await rig.UploadAsync(
                "cam-7", "a/very/long/name/of/an/image/that/comes/from/a/camera/with/folders/0001.png", RecognitionRig.Png(16, 7)),
            await rig.UploadAsync("cam-7", "large.png", RecognitionRig.Png(128, 1)),
            await rig.UploadAsync("cam-7", "broken.jpg", "no image"u8.ToArray()),
            "uploads/cam-7/gone.png");
        await rig.EnrolAsync("nobody");
        string unknown = await rig.UploadAsync("cam-7", "dark.png", ImageEncoder.EncodePng(new RgbImage(16, 16)));
        await rig.SendAsync(
            new FaceBatchMessage { BatchId = "cam-7", Gallery = "nobody", Images = [unknown], Faces = FaceDetectionMode.Crop });
        await rig.RunAsync();
        return await SaveReportAsync(rig.Account, "cam-7");
    }

    // Results as recognition writes them, but faster.
    private async Task<string> LargeReportAsync(int faces)
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var results = new ResultStore(account);
        byte[] picture = RecognitionRig.Png(16, 1);
        await Parallel.ForAsync(0, faces, Cancellation, async (i, stop) =>
        {
            var upload = new UploadName("large", $"{i:000}.png");
            await account.Container(StorageNames.Uploads).GetBlobClient(upload.Blob).UploadAsync(new BinaryData(picture), stop);
            var face = new FaceAnswer
            {
                Box = new(0, 0, 16, 16),
                SourceHeight = 16,
                Band = "12-19",
                Enhanced = false,
                Decision = "unknown",
                Threshold = 0.9f,
                Far = 0.001,
                Matches = [new GalleryMatch("ada", 0.8f)],
            };
            var answer =
                new ImageAnswer { BatchId = upload.Batch, Image = upload.Image, Status = ImageStatus.Ok, Models = null, Faces = [face] };
            await results.TryWriteAsync(
                upload, answer.ToJson(), new ResultMetadata("1", answer.Status, 1), former: null, replacing: null, stop);
        });
        using var reporter = new BatchReporter(account);
        await reporter.RenewAsync("large", Cancellation);
        return await SaveReportAsync(account, "large");
    }

    private static async Task<string> SaveReportAsync(StorageAccount account, string batch)
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.html");
        await account.Container(StorageNames.Results).GetBlobClient(StorageNames.Report(batch)).DownloadToAsync(file, Cancellation);
        return file;
    }
}
