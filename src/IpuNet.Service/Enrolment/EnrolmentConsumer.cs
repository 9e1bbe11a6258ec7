using IpuNet.Contract;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Enrolment;

/// <summary>
/// Reads <see cref="StorageNames.Enrolments"/> and <see cref="StorageNames.CheckedEnrolments"/> and changes the galleries accordingly.
/// </summary>
public sealed class EnrolmentConsumer : JobConsumer
{
    private readonly JobQueue _sent, _checked;
    private readonly int _maxJobs;
    private readonly EnrolmentHandler _handler;

    /// <summary>Prepares for an account. If models are switched, a re-embedding uses the models that are to be used next.</summary>
    public EnrolmentConsumer(
        [FromKeyedServices(StorageNames.Enrolments)] JobQueue sent,
        [FromKeyedServices(StorageNames.CheckedEnrolments)] JobQueue checkedJobs,
        StorageAccount account, ServingModels models, GalleryCache galleries,
        IOptions<EnrolmentOptions> options, TimeProvider time, ILogger<EnrolmentConsumer> logger, ModelSwitch? modelSwitch)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_sent, _checked) = (sent, checkedJobs);
        _maxJobs = options.Value.MaxJobs;
        var reembedding = new ReembeddingJobs(account, models, modelSwitch, sent, options.Value, time);
        _handler = new EnrolmentHandler(account, models, galleries, reembedding, options.Value, time, logger);
    }

    /// <inheritdoc/>
    protected override IAsyncEnumerable<LeasedMessage> ReadAllAsync(CancellationToken cancellation) =>
        _sent.ReadAllWithAsync(_checked, _maxJobs, cancellation);

    /// <inheritdoc/>
    protected override Task HandleAsync(LeasedMessage message, CancellationToken timeUp) => _handler.HandleAsync(message, timeUp);
}
