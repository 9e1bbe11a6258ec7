using Azure;
using Azure.Storage.Blobs;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Tests.Storage;

public sealed class StorageResilienceTests
{
    // The number of requests needed to decide that most of them fail.
    private const int Enough = 30;

    private readonly RecordedLog _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_OfWhichStorageFailsMost_AreHeldBackWithTheFirstCause()
    {
        await using SpoiltServer server = SpoiltServer.Start(503);
        StorageAccount account = AccountOf(server);

        List<string> errors = await FailAsync(account);

        string cause = $"GET list at {server.Address.Authority}: status 503 ServerBusy";
        errors.ShouldContain(
            error => error.Contains("are held back", StringComparison.Ordinal) && error.Contains(cause, StringComparison.Ordinal));
        _log.Of(LogLevel.Warning).ShouldHaveSingleItem().ShouldContain(cause);
    }

    [Fact]
    public async Task Requests_ToNobody_AreHeldBackWithTheFirstCause()
    {
        SpoiltServer server = SpoiltServer.Start(200);
        await server.DisposeAsync();

        await FailAsync(AccountOf(server));

        _log.Of(LogLevel.Warning).ShouldHaveSingleItem().ShouldContain("SocketException, Connection refused");
    }

    [Fact]
    public async Task Requests_ThatAreHeldBack_NameNoBlob()
    {
        await using SpoiltServer server = SpoiltServer.Start(500);
        BlobClient blob = AccountOf(server).Container("results").GetBlobClient("ada-lovelace.json");

        List<string> errors = await FailAsync(() => blob.DownloadContentAsync(Cancellation));

        errors.Where(error => error.Contains("are held back", StringComparison.Ordinal)).ShouldNotBeEmpty();
        errors.Where(error => error.Contains("are held back", StringComparison.Ordinal)).ShouldAllBe(
            error => !error.Contains("ada", StringComparison.Ordinal));
        _log.Of(LogLevel.Warning).ShouldAllBe(line => !line.Contains("ada", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_OnceStorageAnswersAgain_AreSentAgain()
    {
        await using SpoiltServer server = SpoiltServer.Start(503);
        StorageAccount account = AccountOf(server);
        await FailAsync(account);

        // Failed checks do not delay the next ones.
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
        server.Status = 404;

        await ConsumerRun.UntilAsync(async () => await FailureOfAsync(() => ListAsync(account)) is RequestFailedException { Status: 404 });
        (await FailAsync(account)).ShouldAllBe(error => !error.Contains("are held back", StringComparison.Ordinal));
        _log.Of(LogLevel.Information).ShouldHaveSingleItem().ShouldContain("blobs are sent again");
        _log.Of(LogLevel.Warning).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Requests_ThatAreNotAnsweredInTime_HoldNoOthersBack()
    {
        await using SpoiltServer server = SpoiltServer.Start(status: null);
        StorageAccount account = AccountOf(server, TimeSpan.FromSeconds(0.2));

        List<string> errors = await FailAsync(account);

        errors.ShouldAllBe(
            error => error.Contains(
                $"did not answer GET list at {server.Address.Authority} within 0.2 s, at attempt 1", StringComparison.Ordinal));
        _log.Of(LogLevel.Warning).ShouldBeEmpty();
    }

    [Fact]
    public async Task Request_ThatIsNotAnsweredInTime_IsNoCancellation()
    {
        await using SpoiltServer server = SpoiltServer.Start(status: null);
        StorageAccount account = AccountOf(server, TimeSpan.FromSeconds(0.2));

        Exception error = (await FailureOfAsync(() => ListAsync(account))).ShouldNotBeNull();

        StorageCheck.IsUnavailable(error).ShouldBeTrue(error.ToString());
    }

    [Fact]
    public async Task Request_ThatTheCallerCancels_IsACancellation()
    {
        await using SpoiltServer server = SpoiltServer.Start(status: null);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(0.2));

        await Should.ThrowAsync<OperationCanceledException>(() => AccountOf(server).Container("results").ExistsAsync(stop.Token));
    }

    [Fact]
    public async Task Requests_ToOneService_AreSentWhileThoseToAnotherAreHeldBack()
    {
        await using SpoiltServer blobs = SpoiltServer.Start(503), queues = SpoiltServer.Start(404);
        StorageAccount account = AccountOf(blobs, queues: queues);

        await FailAsync(account);

        (await FailureOfAsync(() => account.CountMessagesAsync("face-batches", Cancellation)))
            .ShouldBeOfType<RequestFailedException>().Status.ShouldBe(404);
    }

    private static async Task ListAsync(StorageAccount account) =>
        await account.Container("results").GetBlobsAsync(cancellationToken: Cancellation).ToListAsync(Cancellation);

    private static Task<List<string>> FailAsync(StorageAccount account) => FailAsync(() => ListAsync(account));

    private static async Task<List<string>> FailAsync(Func<Task> request)
    {
        var failures = await Task.WhenAll(Enumerable.Range(0, Enough).Select(_ => FailureOfAsync(request)));
        return [.. failures.Append(await FailureOfAsync(request)).Select(failure => failure.ShouldNotBeNull().Message)];
    }

    private static async Task<Exception?> FailureOfAsync(Func<Task> request)
    {
        try
        {
            await request();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private StorageAccount AccountOf(SpoiltServer server, TimeSpan? timeout = null, SpoiltServer? queues = null)
    {
        string key = Convert.ToBase64String(new byte[64]);
        string connection = $"DefaultEndpointsProtocol=http;AccountName=ipunet;AccountKey={key};BlobEndpoint={server.Address}ipunet;"
            + $"QueueEndpoint={(queues ?? server).Address}ipunet;";
        var options = new StorageOptions { ConnectionString = connection, Retries = 0 };
        if (timeout is { } attempt)
            options.AttemptTimeout = attempt;
        return new StorageAccount(options, _log);
    }
}
