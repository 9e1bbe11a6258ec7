using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Registry;

namespace IpuNet.Service.Models;

/// <summary>
/// Loads the models that storage names as in use. For kinds that storage does not name, it loads the models of this machine.
/// </summary>
/// <param name="registry">The models in storage.</param>
/// <param name="options">The folder of this machine's models, and the device for all models.</param>
public sealed class ModelLoader(ModelRegistry registry, ModelOptions options)
{
    /// <summary>Loads models, checks them against their manifests, and runs each once.</summary>
    /// <param name="wanted">The ids of models in storage. For a kind without an id, the model of this machine is loaded.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>Models that are ready to run. The caller must dispose of them.</returns>
    /// <exception cref="FaceDataException">A model is missing or damaged, cannot be run, or does not fit the others.</exception>
    public async Task<PipelineModels> LoadAsync(CurrentModels wanted, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ModelStore store = options.Folder is { } folder ? new ModelStore(folder) : ModelStore.Locate();
        ModelSet set = ModelSet.Current(options.Recogniser is { } own ? store.WithRecogniser(own) : store, recognise: true);
        foreach (ModelKind kind in Enum.GetValues<ModelKind>())
        {
            if (wanted.Of(kind) is { } id)
                set = set.With(kind, await registry.DownloadAsync(id, cancellation).ConfigureAwait(false));
        }

        return await Task.Run(() => Open(set), cancellation).ConfigureAwait(false);
    }

    private PipelineModels Open(ModelSet set)
    {
        var models = PipelineModels.Open(set, options.ToSettings());
        try
        {
            _ = models.RequirePolicy();
            models.Warm();
            return models;
        }
        catch
        {
            models.Dispose();
            throw;
        }
    }
}
