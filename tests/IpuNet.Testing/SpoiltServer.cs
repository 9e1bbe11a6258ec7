using System.Net;
using System.Net.Sockets;

namespace IpuNet.Testing;

/// <summary>An HTTP server in place of storage. A test sets its answer.</summary>
public sealed class SpoiltServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    private SpoiltServer(int port)
    {
        Address = new Uri($"http://127.0.0.1:{port}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>Number of requests so far.</summary>
    public int Requests { get; private set; }

    /// <summary>Gives the status of an answer by the number of earlier requests. Null leaves the request without an answer.</summary>
    public Func<int, int?> StatusOf { get; set; } = _ => null;

    /// <summary>The status of all later answers. Null leaves the requests without an answer.</summary>
    public int? Status
    {
        set => StatusOf = _ => value;
    }

    public static SpoiltServer Start(int? status)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        return new SpoiltServer(port) { Status = status };
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Close();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                if (StatusOf(Requests++) is not { } status)
                    continue;
                context.Response.StatusCode = status;
                if (status >= 400)
                    context.Response.Headers["x-ms-error-code"] = "ServerBusy";
                context.Response.Close();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                // The server ends, or the client is gone.
            }
        }
    }
}
