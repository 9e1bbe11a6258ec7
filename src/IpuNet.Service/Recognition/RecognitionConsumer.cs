using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Recognition;

/// <summary>
/// Reads <see cref="StorageNames.FaceBatches"/> and recognises the images that its messages name. Several, in as many processes as one
/// likes, may read the queue. Told to stop, it finishes what it holds, and gives back what is left when its time is up.
/// </summary>
public sealed class RecognitionConsumer : BackgroundService
{
    private static readonly TimeSpan ReturnTime = TimeSpan.FromSeconds(3);

    private readonly JobQueue _queue;
    private readonly int _maxImages;
    private readonly RecognitionLine _line;
    private readonly FaceBatchHandler _handler;
    private readonly CancellationTokenSource _timeUp = new();

    /// <summary>Prepares for an account.</summary>
    public RecognitionConsumer(
        [FromKeyedServices(StorageNames.FaceBatches)] JobQueue queue, StorageAccount account, PipelineModels models, GalleryCache galleries,
        BatchReporter reporter, IOptions<RecognitionOptions> options, TimeProvider time, ILogger<RecognitionConsumer> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        RecognitionOptions settings = options.Value;
        var matcher = new ImageMatcher(models, galleries, settings.Matches);
        _queue = queue;
        _maxImages = settings.MaxImages;
        _line = new RecognitionLine(account, models, matcher, settings, logger);
        _handler = new FaceBatchHandler(_line, matcher, new TrialMarkers(account), reporter, new HeldBatches(settings.ReportInterval, time), logger);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration timeUp = cancellationToken.Register(_timeUp.Cancel);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (ExecuteTask is { IsCompleted: false } returning)
            await returning.WaitAsync(ReturnTime, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _handler.Dispose();
        _timeUp.Dispose();
        base.Dispose();
    }

    private static int ImagesOf(LeasedMessage message) => message.Read<FaceBatchMessage>().Images.Count;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task line = _line.RunAsync(_timeUp.Token);
        var handlings = new HashSet<Task>();
        await foreach (LeasedMessage message in _queue.ReadAllAsync(_maxImages, FaceBatchMessage.MaxImages, ImagesOf, stoppingToken).ConfigureAwait(false))
        {
            handlings.RemoveWhere(handling => handling.IsCompleted);
            bool isSuspected = message.DequeueCount > FaceBatchHandler.TrustedDeliveries;
            // Should the worker end, it has to be clear whose fault it is.
            if (isSuspected)
                await Task.WhenAll(handlings).ConfigureAwait(false);
            Task handling = Task.Run(() => _handler.HandleAsync(message, _timeUp.Token), CancellationToken.None);
            if (isSuspected)
                await handling.ConfigureAwait(false);
            else
                handlings.Add(handling);
        }

        await Task.WhenAll(handlings).ConfigureAwait(false);
        _line.Complete();
        await line.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
