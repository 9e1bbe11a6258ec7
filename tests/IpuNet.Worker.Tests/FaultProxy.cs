using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace IpuNet.Worker.Tests;

/// <summary>
/// Stands between the worker and storage and spoils a tenth of the answers: 500, 503, a connection that breaks, or 30 s of silence. Half of
/// these requests were carried out all the same, which is what makes repeating them hard.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private const double FaultyShare = 0.1;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _client = new(
        new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
    private readonly Random _random;
    private int _faults;

    private FaultProxy(Uri storage, int seed)
    {
        _random = new Random(seed);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Services.AddHttpForwarder();
        _app = builder.Build();
        var forwarder = _app.Services.GetRequiredService<IHttpForwarder>();
        _app.Run(context => ServeAsync(context, forwarder, storage));
    }

    public Uri Address =>
        new(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>How many answers were spoilt.</summary>
    public int Faults => _faults;

    public static async Task<FaultProxy> StartAsync(Uri storage, int seed)
    {
        var proxy = new FaultProxy(storage, seed);
        await proxy._app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        // Silent requests are not waited for.
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task ServeAsync(HttpContext context, IHttpForwarder forwarder, Uri storage)
    {
        (bool faulty, bool carriedOut, int kind) = Draw();
        if (!faulty)
        {
            await forwarder.SendAsync(
                context, storage.GetLeftPart(UriPartial.Authority), _client, ForwarderRequestConfig.Empty, new SameHost());
            return;
        }

        Interlocked.Increment(ref _faults);
        if (carriedOut)
            await CarryOutAsync(context, storage);
        switch (kind)
        {
            case 0:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                break;
            case 1:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                break;
            case 2:
                context.Abort();
                break;
            default:
                await Task.Delay(Silence, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                context.Abort();
                break;
        }
    }

    // The answer is read and thrown away.
    private async Task CarryOutAsync(HttpContext context, Uri storage)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), new Uri(storage, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget));
        request.Content = new StreamContent(context.Request.Body);
        foreach (var (name, values) in context.Request.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        using HttpResponseMessage response = await _client.SendAsync(request, CancellationToken.None);
        await response.Content.CopyToAsync(Stream.Null);
    }

    private (bool Faulty, bool CarriedOut, int Kind) Draw()
    {
        lock (_random)
            return (_random.NextDouble() < FaultyShare, _random.Next(2) == 0, _random.Next(4));
    }

    private sealed class SameHost : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext context, HttpRequestMessage request, string destination, CancellationToken cancellation)
        {
            await base.TransformRequestAsync(context, request, destination, cancellation);
            request.Headers.Host = context.Request.Host.Value;
        }
    }
}
