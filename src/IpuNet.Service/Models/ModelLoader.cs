using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Registry;

namespace IpuNet.Service.Models;

/// <summary>Loads the models that storage has in use, and for kinds that it does not name those of this machine.</summary>
/// <param name="registry">The models in storage.</param>
/// <param name="options">Where those of this machine are, and what runs all.</param>
public sealed class ModelLoader(ModelRegistry registry, ModelOptions options)
{
    /// <summary>Loads models, checks them against their manifests, and runs each once.</summary>
    /// <param name="wanted">Ids of models in storage; of a kind that is not named, this machine's is taken.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Models that are ready to run; they are the caller's.</returns>
    /// <exception cref="FaceDataException">A model is not there, is damaged, cannot be run, or does not fit the others.</exception>
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
