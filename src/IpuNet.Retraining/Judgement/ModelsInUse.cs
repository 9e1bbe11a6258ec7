using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Service.Registry;
using IpuNet.Service.Retraining;

namespace IpuNet.Retraining.Judgement;

/// <summary>The models that workers use: those that storage names, and where it names none, those of the folder, which workers come with.</summary>
/// <param name="Enhancer">The enhancer; null where none is in use.</param>
/// <param name="Recogniser">The recogniser.</param>
internal sealed record ModelsInUse(InstalledModel? Enhancer, InstalledModel Recogniser)
{
    /// <summary>Those that a training's candidate is held against: also where the training was killed after the candidate was put in use.</summary>
    public static async Task<ModelsInUse> BesideAsync(RetrainingState state, ModelRegistry registry, ModelStore store, CancellationToken cancellation)
    {
        CurrentModels current = await registry.CurrentAsync(cancellation) ?? new();
        if (current.Enhancer == state.Candidate)
            current = (await registry.HistoryAsync(cancellation)).FirstOrDefault(models => models.Change!.Revision == state.BaseRevision) ?? new();
        string? enhancer = current.Enhancer ?? store.Current.Enhancer;
        string recogniser = current.Recogniser ?? store.Current.Recogniser ?? throw new FaceDataException($"No recogniser is in use, in storage or in {store.Root}.");
        return new ModelsInUse(
            enhancer is null ? null : await FindAsync(registry, store, enhancer, cancellation), await FindAsync(registry, store, recogniser, cancellation));
    }

    /// <summary>A model of storage, or else of the folder.</summary>
    /// <exception cref="FaceDataException">It is in neither.</exception>
    public static async Task<InstalledModel> FindAsync(ModelRegistry registry, ModelStore store, string id, CancellationToken cancellation) =>
        ModelId.IsValid(id) && await registry.FindAsync(id, cancellation) is not null ? await registry.DownloadAsync(id, cancellation) : store.Find(id);
}
