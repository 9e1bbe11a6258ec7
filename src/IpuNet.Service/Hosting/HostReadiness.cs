using IpuNet.Service.Models;
using IpuNet.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Hosting;

/// <summary>Finds out before a host starts what would else make every job fail.</summary>
public static class HostReadiness
{
    /// <summary>Checks the options, reaches storage, loads the models.</summary>
    /// <exception cref="OptionsValidationException">An option is wrong.</exception>
    /// <exception cref="Faces.FaceDataException">Storage or a model cannot be used; the message says what to do.</exception>
    public static async Task RequireReadyAsync(this IHost host, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        await StorageCheck.RequireAsync(host.Services.GetRequiredService<StorageAccount>(), cancellation).ConfigureAwait(false);
        await host.Services.GetRequiredService<ModelSwitch>().BeginAsync(cancellation).ConfigureAwait(false);
        using ModelLease models = host.Services.GetRequiredService<ServingModels>().Borrow();
        _ = models.Models.RequirePolicy();
    }
}
