using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Models;

/// <summary>Looks every few seconds whether storage has other models in use.</summary>
/// <param name="models">Switches to them.</param>
/// <param name="options">How often it looks.</param>
/// <param name="time">The time.</param>
public sealed class ModelWatch(ModelSwitch models, IOptions<ModelOptions> options, TimeProvider time) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var timer = new PeriodicTimer(options.Value.PollInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            await models.LookAsync(stoppingToken).ConfigureAwait(false);
    }
}
