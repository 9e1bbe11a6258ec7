using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using IpuNet.CommandLine;
using IpuNet.Contract;
using IpuNet.LocalCloud;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Tests.Up;

public sealed class UpCommandTests(TestModels models) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), Look = TimeSpan.FromMilliseconds(100),
    Erased = TimeSpan.FromSeconds(60);

    private const string StartedAgain = "(exit code 137). Restarting it ...";

    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => IpuNetProcess.RemoveHomeAsync(_folder);

    [Fact]
    public async Task Up_WithAnUpload_GivesItsResultStopsOnCtrlCAndFindsItsDataAgain()
    {
        await MakeHomeAsync();
        _folder.WriteFace("face.png", 1);
        int port;
        await using (IpuNetProcess up = StartUp())
        {
            port = await PortAsync(up);
            await RunAsync(ExitCode.Done, "enqueue", "enrolment", _folder["face.png"], "--subject", "ada", "--wait");

            (await RunAsync(ExitCode.Done, "upload", _folder["face.png"], "--batch", "b", "--wait")).ShouldContain("report.html?");
            await using (IpuNetProcess second = StartUp())
            {
                (await second.ExitAsync()).ShouldBe(ExitCode.SomeFailed);
                second.Errors.ShouldContain("another `ipunet up` uses this folder (process ");
            }

            up.Interrupt();
            (await up.ExitAsync()).ShouldBe(ExitCode.Stopped);
            up.Errors.ShouldContain("Uploads 1, images 1, faces 1, enrolments 1, poison 0");
        }

        await GoneAsync(port);
        await using IpuNetProcess later = StartUp();
        port = await PortAsync(later);
        // Commands find the local cloud by themselves.
        await using (IpuNetProcess status = IpuNetProcess.Start(_folder["home"], ["status", "b"]))
        {
            (await status.ExitAsync()).ShouldBe(ExitCode.Done, status.Errors);
            status.Output.ShouldContain("ok");
        }

        later.Kill();
        await GoneAsync(port);
    }

    [Fact]
    public async Task Up_BesideAnother_SaysSoAndGivesCommandsBackToItAtItsEnd()
    {
        await MakeHomeAsync();
        await using IpuNetProcess first = StartUp();
        await PortAsync(first);
        string ofFirst = await ConnectionStringAsync();
        await using (IpuNetProcess second = IpuNetProcess.Start(
            _folder["home"], ["up", "--data", _folder["data2"], "--models", models.Root]))
        {
            await PortAsync(second);
            (await ConnectionStringAsync()).ShouldNotBe(ofFirst);
            second.Interrupt();
            (await second.ExitAsync()).ShouldBe(ExitCode.Stopped);
            second.Errors.ShouldContain("Another local cloud of yours is running.");
        }

        (await ConnectionStringAsync()).ShouldBe(ofFirst);
    }

    [Fact]
    public async Task Up_WhileTheAzuriteOfAKilledOneStillRuns_WaitsForIt()
    {
        await MakeHomeAsync();
        int azurite;
        await using (IpuNetProcess killed = StartUp())
        {
            await PortAsync(killed);
            azurite = IpuNetProcess.AzuriteOf(_folder["data"]);
            IpuNetProcess.Signal("-STOP", azurite);
            killed.Kill();
        }

        await using IpuNetProcess later = StartUp();
        try
        {
            (await later.ErrorLineAsync("still saves its data. Waiting for it")).ShouldContain($"with Azurite as process {azurite}");
            later.Output.ShouldBeEmpty();
        }
        finally
        {
            IpuNetProcess.Signal("-CONT", azurite);
        }

        await PortAsync(later);
    }

    [Fact]
    public async Task Up_WhoseAzuriteIsKilledWhileItStarts_StartsItOnceMore()
    {
        await MakeHomeAsync();
        _folder.WriteFace("face.png", 1);
        await using IpuNetProcess up = StartUp();
        int port = await PortAsync(up);

        await KillAzuriteAsync(up, times: 2);

        await up.ErrorLineAsync(StartedAgain, times: 2);
        await UntilAsync(async () => await AnswersAsync(port));
        await RunAsync(ExitCode.Done, "enqueue", "enrolment", _folder["face.png"], "--subject", "ada", "--wait");
    }

    [Fact]
    public async Task Up_WhoseAzuriteEndsAgainAndAgain_EndsAndSaysHow()
    {
        await MakeHomeAsync();
        await using IpuNetProcess up = StartUp();
        await PortAsync(up);

        await KillAzuriteAsync(up, times: 4);

        (await up.ExitAsync()).ShouldBe(ExitCode.SomeFailed);
        up.Errors.ShouldContain("(exit code 137). Start `ipunet up` again");
    }

    [Fact]
    public async Task Up_WhoseSubjectIsDeleted_LeavesNothingOfThemInItsFolderWhichOthersCannotRead()
    {
        await MakeHomeAsync();
        string picture = _folder.WriteFace("face.png", 1);
        // As an earlier version made it.
        string old = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Folder("data"), "__blobstorage__")).FullName, "old");
        await File.WriteAllTextAsync(old, "", Cancellation);
        foreach (string path in (string[])[_folder["data"], Path.GetDirectoryName(old)!, old])
            OpenToOthers(path);
        await using IpuNetProcess up = StartUp();
        await up.LineAsync("The local cloud runs at");
        await RunAsync(ExitCode.Done, "enqueue", "enrolment", picture, "--subject", "ada", "--wait");
        var galleries = new BlobContainerClient(await ConnectionStringAsync(), StorageNames.Galleries);
        byte[] crops = await ContentAsync(galleries, "crops/ada/"), record = await ContentAsync(galleries, "subjects/ada.json");
        string vector = JsonDocument.Parse(record).RootElement.GetProperty("embeddings")[0].GetProperty("vector").GetString()!;
        byte[][] traces = [
            await File.ReadAllBytesAsync(picture, Cancellation), crops, Encoding.ASCII.GetBytes(vector), Convert.FromBase64String(vector)];
        // The searched text must exist first; otherwise the search proves nothing.
        traces[..3].ShouldAllBe(trace => IsKept(trace));

        await RunAsync(ExitCode.Done, "enqueue", "enrolment", "--subject", "ada", "--action", "delete", "--wait");

        using var limit = new CancellationTokenSource(Erased);
        while (traces.Any(IsKept))
            await Task.Delay(Look, limit.Token);
        foreach (
            string path in Directory.EnumerateFileSystemEntries(_folder["data"], "*", SearchOption.AllDirectories).Append(_folder["data"]))
            IsClosed(path).ShouldBeTrue(path);
    }

    [Fact]
    public async Task Up_OnAFolderInWhichOthersMayHavePutSomething_IsRefused()
    {
        await MakeHomeAsync();
        _folder.Write("data/something", "");
        LetOthersWrite(_folder["data"]);

        var run = await models.RunAsync("up", "--data", _folder["data"]);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain($"chmod go-w {_folder["data"]}");
        File.Delete(_folder["data/something"]);
    }

    [Fact]
    public async Task Upload_ToALocalCloudWhoseDiskIsFull_SaysSo()
    {
        await MakeHomeAsync();
        string picture = _folder.WriteFace("face.png", 1);
        using DataFolder data = await DataFolder.TakeAsync(_folder["data"], _ => { }, Cancellation);
        var settings = new AzuriteSettings { Accounts = [AzuriteAccount.New("full")], Folder = data, KeptBytes = long.MaxValue };
        await using AzuriteProcess storage = await AzuriteProcess.StartAsync(settings, _ => { }, Cancellation);
        await new StorageAccount(new StorageOptions { ConnectionString = storage.ConnectionString }).CreateAllAsync(Cancellation);

        var run = await CommandRun.OfAsync("upload", picture, "--batch", "b", "--connection-string", storage.ConnectionString);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("has no room. ");
        run.Errors.ShouldContain("Uploads are refused");
    }

    [Fact]
    public async Task Up_WithAPortThatIsTaken_NamesIt()
    {
        await MakeHomeAsync();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;

        var run = await models.RunAsync("up", "--data", _folder["data"], "--port", $"{port}");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain($"Another program uses port {port} of 127.0.0.1.");
    }

    [Fact]
    public async Task Up_WithoutNode_SaysWhatToInstall()
    {
        await MakeHomeAsync();
        await using IpuNetProcess up = StartUp(path: "/nowhere");

        (await up.ExitAsync()).ShouldBe(ExitCode.SomeFailed);
        up.Errors.ShouldContain("Install Node.js");
    }

    [Fact]
    public async Task Up_WithAFileInPlaceOfTheDataFolder_NamesIt()
    {
        string file = _folder.Write("data", "no folder");

        var run = await models.RunAsync("up", "--data", file);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain($"{file}: the folder cannot hold data");
    }

    [Fact]
    public async Task Up_WithoutModels_NamesTheFolder()
    {
        await AzuriteFixture.Package.PathAsync();

        var run = await CommandRun.OfAsync("up", "--data", _folder["data"], "--models", _folder.Folder("models"));

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain(_folder["models"]);
    }

    private Task MakeHomeAsync() => IpuNetProcess.MakeHomeAsync(_folder);

    private IpuNetProcess StartUp(string? path = null) =>
        IpuNetProcess.Start(_folder["home"], ["up", "--data", _folder["data"], "--models", models.Root], path);

    private async Task<string> RunAsync(int code, params string[] arguments)
    {
        CommandRun run = await CommandRun.OfAsync([.. arguments, "--connection-string", await ConnectionStringAsync()]);
        run.Code.ShouldBe(code, run.Errors);
        return run.Output;
    }

    private Task<string> ConnectionStringAsync() => File.ReadAllTextAsync(_folder["home/ipunet/local-cloud"], Cancellation);

    // Each as soon as it is there, which is before it answers.
    private async Task KillAzuriteAsync(IpuNetProcess up, int times)
    {
        for (int killed = 0, last = 0; killed < times; await Task.Delay(Look / 5, Cancellation))
        {
            up.RequireRunning();
            int azurite = IpuNetProcess.AzuriteOf(_folder["data"]);
            if (azurite == last)
                continue;
            IpuNetProcess.Signal("-KILL", azurite);
            (last, killed) = (azurite, killed + 1);
        }
    }

    private static async Task<byte[]> ContentAsync(BlobContainerClient galleries, string name)
    {
        await foreach (var blob in galleries.GetBlobsAsync(cancellationToken: Cancellation))
        {
            if (blob.Name.Contains(name, StringComparison.Ordinal))
                return (await galleries.GetBlobClient(blob.Name).DownloadContentAsync(Cancellation)).Value.Content.ToArray();
        }

        throw new InvalidOperationException($"There is no {name}.");
    }

    // A part of the text is enough, because a part of a picture is a picture, too.
    private bool IsKept(byte[] trace) => Directory.EnumerateFiles(_folder["data"], "*", SearchOption.AllDirectories).Any(file =>
    {
        try
        {
            return !file.EndsWith(".lock", StringComparison.Ordinal)
                && File.ReadAllBytes(file).AsSpan().IndexOf(trace.AsSpan(trace.Length / 2, Math.Min(64, trace.Length / 2))) >= 0;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    });

    private static bool IsClosed(string path) =>
        OperatingSystem.IsWindows() || (
            File.GetUnixFileMode(path) & (
                UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == 0;

    private static void OpenToOthers(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private static void LetOthersWrite(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherWrite);
    }

    private static async Task<int> PortAsync(IpuNetProcess up) =>
        int.Parse(
            Regex.Match(await up.LineAsync("The local cloud runs at"), ":([0-9]+)/").Groups[1].Value,
            System.Globalization.CultureInfo.InvariantCulture);

    private static Task GoneAsync(int port) => UntilAsync(async () => !await AnswersAsync(port));

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await isSo())
            await Task.Delay(Look, limit.Token);
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, Cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
