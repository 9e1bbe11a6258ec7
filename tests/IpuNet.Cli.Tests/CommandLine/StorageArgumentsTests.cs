using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
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
        using var storage = new Storage(answersBefore: 1, refusals: Away);

        (await UseAsync(storage.Port, async account => await ExistsAsync(account) ? 7 : 0)).ShouldBe(7);
    }

    [Fact]
    public async Task UseAsync_WhereNobodyAnswersAtFirst_SaysSoAtOnce()
    {
        using var storage = new Storage(answersBefore: 0, refusals: int.MaxValue);

        var fault = await Should.ThrowAsync<FaceDataException>(() => UseAsync(storage.Port, _ => Task.FromResult(7)));

        fault.Message.ShouldContain($"127.0.0.1:{storage.Port}");
        storage.Requests.ShouldBe(3);
    }

    private static async Task<bool> ExistsAsync(StorageAccount account) => await account.Container(StorageNames.Results).ExistsAsync(Cancellation);

    private static Task<int> UseAsync(int port, Func<StorageAccount, Task<int>> use)
    {
        var command = new Command("any");
        var arguments = new StorageArguments(command, new Terminal(TextWriter.Null, TextWriter.Null));
        string address = $"http://127.0.0.1:{port}/any";
        return arguments.UseAsync(
            command.Parse(["--connection-string", $"AccountName=any;AccountKey=AAAA;BlobEndpoint={address};QueueEndpoint={address}"]), use, Cancellation);
    }

    // Says that whatever is asked for is there, and in between that it cannot answer.
    private sealed class Storage : IDisposable
    {
        private readonly HttpListener _listener = new();
        private int _requests;

        public Storage(int answersBefore, int refusals)
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Port = ((IPEndPoint)free.LocalEndpoint).Port;
            }

            _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
            _listener.Start();
            _ = Task.Run(async () =>
            {
                while (true)
                {
                    HttpListenerResponse response = (await _listener.GetContextAsync()).Response;
                    int before = Interlocked.Increment(ref _requests) - 1;
                    bool isAway = before >= answersBefore && before - answersBefore < refusals;
                    response.StatusCode = (int)(isAway ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
                    response.Close();
                }
            });
        }

        public int Port { get; }

        public int Requests => Volatile.Read(ref _requests);

        public void Dispose() => _listener.Close();
    }
}
