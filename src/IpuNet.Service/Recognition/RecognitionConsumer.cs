using IpuNet.Contract;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Recognition;

/// <summary>Reads <see cref="StorageNames.FaceBatches"/> and recognises the images that its messages name.</summary>
public sealed class RecognitionConsumer : JobConsumer
{
    private readonly JobQueue _queue;
    private readonly int _maxImages;
    private readonly RecognitionLine _line;
    private readonly FaceBatchHandler _handler;

    /// <summary>Prepares for an account.</summary>
    public RecognitionConsumer(
        [FromKeyedServices(StorageNames.FaceBatches)] JobQueue queue, StorageAccount account, ServingModels models, GalleryCache galleries,
        BatchReporter reporter, IOptions<RecognitionOptions> options, TimeProvider time, ILogger<RecognitionConsumer> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        RecognitionOptions settings = options.Value;
        var matcher = new ImageMatcher(models, galleries, settings.Matches);
        _queue = queue;
        _maxImages = settings.MaxImages;
        _line = new RecognitionLine(account, models, matcher, reporter.Images, settings, logger);
        _handler = new FaceBatchHandler(
            _line, matcher, new TrialCounter(account), reporter, new BatchesInProgress(settings.ReportInterval, time), logger);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _handler.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override IAsyncEnumerable<LeasedMessage> ReadAllAsync(CancellationToken cancellation) =>
        _queue.ReadAllAsync(_maxImages, FaceBatchMessage.MaxImages, message => message.Read<FaceBatchMessage>().Images.Count, cancellation);

    /// <inheritdoc/>
    protected override Task HandleAsync(LeasedMessage message, CancellationToken timeUp) => _handler.HandleAsync(message, timeUp);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task line = _line.RunAsync(TimeUp);
        await base.ExecuteAsync(stoppingToken).ConfigureAwait(false);
        _line.Complete();
        await line.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
