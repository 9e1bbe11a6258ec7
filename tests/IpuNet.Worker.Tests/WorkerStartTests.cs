using System.Net;
using System.Net.Sockets;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Worker.Tests;

public sealed class WorkerStartTests(AzuriteFixture azurite)
{
    private const string ConnectionString = "Storage__ConnectionString";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Start_WithoutStorage_SaysWhatToSet() => FailsAsync("Storage:BlobEndpoint");

    [Fact]
    public Task Start_WithSomethingThatIsNoConnectionString_SaysSo() =>
        FailsAsync("Storage:ConnectionString is not a valid connection string", (ConnectionString, "secret"));

    [Fact]
    public Task Start_WithStorageThatDoesNotAnswer_NamesItsAddress() => FailsAsync(
        "http://127.0.0.1:9/nobody cannot be reached",
        (
            ConnectionString,
            "AccountName=nobody;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:9/nobody;QueueEndpoint=http://127.0.0.1:9/nobody"),
        ("Storage__Retries", "1"));

    [Fact]
    public async Task Start_WithAWrongKey_SaysThatAccessIsRefused()
    {
        string[] parts = (await azurite.NewOptionsAsync()).ConnectionString!.Split(';');
        parts = [.. parts.Select(part => part.StartsWith("AccountKey=", StringComparison.Ordinal) ? "AccountKey=AAAA" : part)];

        await FailsAsync("refuses access", (ConnectionString, string.Join(';', parts)));
    }

    [Fact]
    public async Task Start_WithAnEmptyAccount_NamesTheQueueThatIsAbsent() =>
        await FailsAsync("queue 'face-batches'", (ConnectionString, (await azurite.NewOptionsAsync()).ConnectionString!));

    [Fact]
    public async Task Start_WithAModelFolderThatIsMissing_NamesIt()
    {
        StorageOptions options = await AccountAsync();

        await FailsAsync("/nowhere/models", (ConnectionString, options.ConnectionString!), ("Models__Folder", "/nowhere/models"));
    }

    [Fact]
    public async Task Start_WithAModelThatIsNotInstalled_NamesItAndWhereItShouldBe()
    {
        StorageOptions options = await AccountAsync();
        string folder = Directory.CreateTempSubdirectory("ipunet-models-").FullName;
        try
        {
            File.Copy(Path.Combine(ModelStore.Locate().Root, "current.json"), Path.Combine(folder, "current.json"));

            await FailsAsync(
                $"There is no model 'rfb-320@1' in {folder}", (ConnectionString, options.ConnectionString!),
                ("Models__Folder", folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Start_WithARecogniserThatNoThresholdsWereMeasuredFor_SaysSo()
    {
        StorageOptions options = await AccountAsync();
        string folder = Directory.CreateTempSubdirectory("ipunet-models-").FullName;
        try
        {
            ModelStore store = new(folder);
            TestModels.CopyShippedTo(store, Enum.GetValues<ModelKind>());
            InstalledModel recogniser = store.FindCurrent(ModelKind.Recogniser);
            store.Install(recogniser.Manifest with { Name = "other" }, recogniser.ReadVerified());

            await FailsAsync(
                "say nothing about scores of 'other@1'", (ConnectionString, options.ConnectionString!), ("Models__Folder", folder),
                ("Models__Recogniser", "other"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Start_WithoutTheContainerOfTheGalleries_NamesIt()
    {
        StorageOptions options = await AccountAsync();
        await new StorageAccount(options).Container(StorageNames.Galleries).DeleteAsync(cancellationToken: Cancellation);

        await FailsAsync("container 'galleries'", (ConnectionString, options.ConnectionString!));
    }

    [Fact]
    public async Task Start_WithOnePoisonQueueGone_NamesIt()
    {
        StorageOptions options = await AccountAsync();
        await new StorageAccount(options).Queue(StorageNames.Enrolments + StorageNames.PoisonSuffix).DeleteAsync(Cancellation);

        await FailsAsync("queue 'enrolments-poison'", (ConnectionString, options.ConnectionString!));
    }

    [Theory]
    [InlineData("Models__Device", "gpu", "Models:Device is 'cpu' or 'cuda'")]
    [InlineData("Models__BatchSize", "0", "BatchSize")]
    [InlineData("Storage__Retries", "-1", "Retries")]
    [InlineData("Enrolment__MaxJobs", "0", "MaxJobs")]
    [InlineData("Worker__ShutdownTimeout", "00:00:00", "ShutdownTimeout")]
    public async Task Start_WithAnOptionOutOfRange_NamesIt(string option, string value, string expected) =>
        await FailsAsync(expected, (ConnectionString, "UseDevelopmentStorage=true"), (option, value));

    [Fact]
    public async Task Start_OnAPortThatIsTaken_SaysSoInOneLine()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        StorageOptions options = await AccountAsync();

        await FailsAsync(
            "address already in use", (ConnectionString, options.ConnectionString!), ("ASPNETCORE_URLS", $"http://{taken.LocalEndpoint}"));
    }

    // Nobody answers there; telemetry is no reason not to work.
    [Fact]
    public async Task Health_OfAWorkerThatCannotSendItsTelemetry_IsReady()
    {
        StorageOptions options = await AccountAsync();
        await using var worker = WorkerProcess.Start(
            (ConnectionString, options.ConnectionString!),
            (
                "APPLICATIONINSIGHTS_CONNECTION_STRING",
                "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:1/"));
        using var client = new HttpClient { BaseAddress = await worker.Address };

        (await client.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Health_OfARunningWorker_IsLiveAndReady()
    {
        StorageOptions options = await AccountAsync();
        await using var worker = WorkerProcess.Start((ConnectionString, options.ConnectionString!));
        using var client = new HttpClient { BaseAddress = await worker.Address };

        (await client.GetAsync(new Uri("/health/live", UriKind.Relative), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Start_OfAUserWithoutAHome_RunsKeepsItsFilesFromOthersAndReportsToNobody()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks at Linux's /proc.");
        StorageOptions options = await AccountAsync();
        string folder = Directory.CreateTempSubdirectory("ipunet-worker-").FullName;
        try
        {
            // Nobody can make a folder there, root included.
            await using var worker = WorkerProcess.Start(
                (ConnectionString, options.ConnectionString!), ("HOME", "/proc/nobody"), ("XDG_CACHE_HOME", folder),
                ("DOTNET_EnableDiagnostics", "0"));
            await worker.Address;

            File.ReadLines($"/proc/{worker.Id}/status").ShouldContain(line => line.StartsWith("Umask:") && line.EndsWith("0077"));
            Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Stop_OfAnIdleWorker_EndsItWithExitCodeZero()
    {
        StorageOptions options = await AccountAsync();
        await using var worker = WorkerProcess.Start((ConnectionString, options.ConnectionString!));
        await worker.Address;

        worker.Terminate();
        await worker.WaitForExitAsync(Cancellation);

        worker.ExitCode.ShouldBe(0);
    }

    private async Task<StorageOptions> AccountAsync()
    {
        StorageOptions options = await azurite.NewOptionsAsync();
        await new StorageAccount(options).CreateAllAsync(Cancellation);
        return options;
    }

    private static async Task FailsAsync(string expected, params (string Name, string Value)[] settings)
    {
        await using var worker = WorkerProcess.Start(settings);
        await worker.WaitForExitAsync(Cancellation);

        worker.ExitCode.ShouldBe(1);
        worker.Output.ShouldContain(expected);
        worker.Output.ShouldNotContain("   at ");
        worker.Output.Split('\n').Count(line => line.StartsWith("error: ", StringComparison.Ordinal)).ShouldBe(1);
    }
}
