using System.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Tests.CommandLine;

public sealed class StorageArgumentsTests
{
    // A local cloud starts its storage again in about three seconds; with the first pauses between attempts, that is about four attempts.
    private const int Away = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UseAsync_WhereStorageGoesAwayForAMoment_WaitsForIt()
    {
        await using SpoiltServer storage = SpoiltServer.Start(200);
        storage.StatusOf = before => before is 0 or > Away ? 200 : 503;

        (await UseAsync(storage.Address, async account => await ExistsAsync(account) ? 7 : 0)).ShouldBe(7);
    }

    [Fact]
    public async Task UseAsync_WhereNobodyAnswersAtFirst_SaysSoAtOnce()
    {
        await using SpoiltServer storage = SpoiltServer.Start(503);

        var fault = await Should.ThrowAsync<FaceDataException>(() => UseAsync(storage.Address, _ => Task.FromResult(7)));

        fault.Message.ShouldContain($"127.0.0.1:{storage.Address.Port}");
        storage.Requests.ShouldBe(3);
    }

    private static async Task<bool> ExistsAsync(StorageAccount account) =>
        await account.Container(StorageNames.Results).ExistsAsync(Cancellation);

    private static Task<int> UseAsync(Uri storage, Func<StorageAccount, Task<int>> use)
    {
        var command = new Command("any");
        var arguments = new StorageArguments(command, new Terminal(TextWriter.Null, TextWriter.Null));
        string address = $"{storage}any";
        return arguments.UseAsync(
            command.Parse(["--connection-string", $"AccountName=any;AccountKey=AAAA;BlobEndpoint={address};QueueEndpoint={address}"]), use,
            Cancellation);
    }
}
