using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Service.Storage;
using IpuNet.Service.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Queues;

/// <summary>Registers queues.</summary>
public static class QueueServices
{
    /// <summary>
    /// Adds the queues of <see cref="StorageNames.Queues"/>, each as a <see cref="JobQueue"/> with its name as the key, and
    /// <see cref="PoisonLog"/>. <see cref="StorageServices.AddIpuNetStorage"/> must be called too. A second call has no effect.
    /// </summary>
    public static IServiceCollection AddIpuNetQueues(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<QueueOptions>().Bind(configuration.GetSection(QueueOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PoisonLog>();
        foreach (string queue in StorageNames.Queues)
            services.TryAddKeyedSingleton(queue, (provider, _) => ActivatorUtilities.CreateInstance<JobQueue>(provider, queue));
        return services;
    }
}

/// <summary>The log messages about queues. They contain no message body.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(1, LogLevel.Warning, "Cannot read queue {Queue}. Trying again in {Pause}.")]
    public static partial void CannotRead(this ILogger logger, Exception error, string queue, TimeSpan pause);

    [LoggerMessage(2, LogLevel.Warning, "Message {Message} of queue {Queue} is no longer held here. It will be handled again.")]
    public static partial void LeaseLost(this ILogger logger, string message, string queue);

    [LoggerMessage(
        3, LogLevel.Warning,
        "Message {Message} of queue {Queue} goes to poison: {Category}. `ipunet poison show {Message}` has the reason.")]
    public static partial void Poisoned(this ILogger logger, string message, string queue, string category);

    [LoggerMessage(4, LogLevel.Warning, "Message {Message} of queue {Queue} could not be returned. It returns by itself.")]
    public static partial void CannotReturn(this ILogger logger, Exception error, string message, string queue);
}

/// <summary>The metrics of queues.</summary>
internal static class QueueMetrics
{
    private static readonly Histogram<double> AgeOfMessages = ServiceMeter.Meter.CreateHistogram<double>(
        "ipunet.queue.age", "s", "How long messages waited before they were received.");

    private static readonly Counter<long> Poison = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.poisoned", "{message}", "Messages that cannot be handled.");

    private static readonly Counter<long> LeasesLost = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.queue.leases.lost", "{message}", "Messages that another reader got before they were done.");

    public static void Received(string queue, TimeSpan age) =>
        AgeOfMessages.Record(Math.Max(0, age.TotalSeconds), new KeyValuePair<string, object?>("queue", queue));

    public static void Poisoned(string queue, string category) =>
        Poison.Add(1, new KeyValuePair<string, object?>("queue", queue), new KeyValuePair<string, object?>("category", category));

    public static void LeaseLost(string queue) => LeasesLost.Add(1, new KeyValuePair<string, object?>("queue", queue));
}

/// <summary>The reading options of queues.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class QueueOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Queues";

    /// <summary>
    /// How long a message stays hidden after the last sign of its reader. It is renewed after a third of this time.
    /// </summary>
    /// <value>60 s by default; 1 s to 1 h. The messages of a dead reader are handled again after this time.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan VisibilityTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The longest pause between two reads of an empty queue. The first pause is 0.1 s, and each is twice the one before.
    /// </summary>
    /// <value>2 s by default; 0.1 s to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan LongestPoll { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Access to the queues and answers for commands.</summary>
public static class Jobs
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>A queue to send to, or to read from message by message.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="name">One of <see cref="StorageNames.Queues"/>.</param>
    public static JobQueue Queue(StorageAccount account, string name) =>
        new(account, name, new PoisonLog(account), Microsoft.Extensions.Options.Options.Create(new QueueOptions()), TimeProvider.System);

    /// <summary>Waits for the answer to a job.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="name">The answer's name in <see cref="StorageNames.Results"/>.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public static async Task<BinaryData> AnswerAsync(StorageAccount account, string name, CancellationToken cancellation)
    {
        BlobClient blob = account.Container(StorageNames.Results).GetBlobClient(name);
        while (!await blob.ExistsAsync(cancellation))
            await Task.Delay(Pause, cancellation);
        return (await blob.DownloadContentAsync(cancellation)).Value.Content;
    }
}
