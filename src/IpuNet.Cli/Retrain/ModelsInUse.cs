using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Service.Registry;
using IpuNet.Service.Retraining;

namespace IpuNet.Cli.Retrain;

/// <summary>The models that workers use: those that storage names, and where it names none, those of the folder, which workers come with.</summary>
/// <param name="Revision">Revision of what storage says; 0 where it says nothing.</param>
/// <param name="Enhancer">The enhancer; null where none is in use.</param>
/// <param name="Recogniser">The recogniser.</param>
internal sealed record ModelsInUse(int Revision, InstalledModel? Enhancer, InstalledModel Recogniser)
{
    public static async Task<ModelsInUse> ReadAsync(ModelRegistry registry, ModelStore store, CancellationToken cancellation) =>
        await OfAsync(await registry.CurrentAsync(cancellation) ?? new(), registry, store, cancellation);

    /// <summary>Those that a training's candidate is held against: also where the training was killed after the candidate was put in use.</summary>
    public static async Task<ModelsInUse> BesideAsync(RetrainingState state, ModelRegistry registry, ModelStore store, CancellationToken cancellation)
    {
        CurrentModels current = await registry.CurrentAsync(cancellation) ?? new();
        if (current.Enhancer == state.Candidate)
            current = (await registry.HistoryAsync(cancellation)).FirstOrDefault(models => models.Change!.Revision == state.BaseRevision) ?? new();
        return await OfAsync(current, registry, store, cancellation);
    }

    private static async Task<ModelsInUse> OfAsync(CurrentModels current, ModelRegistry registry, ModelStore store, CancellationToken cancellation)
    {
        string? enhancer = current.Enhancer ?? store.Current.Enhancer;
        string recogniser = current.Recogniser ?? store.Current.Recogniser ?? throw new FaceDataException($"No recogniser is in use, in storage or in {store.Root}.");
        return new ModelsInUse(
            current.Change?.Revision ?? 0, enhancer is null ? null : await FindAsync(registry, store, enhancer, cancellation), await FindAsync(registry, store, recogniser, cancellation));
    }

    /// <summary>A model of storage, or else of the folder.</summary>
    /// <exception cref="FaceDataException">It is in neither.</exception>
    public static async Task<InstalledModel> FindAsync(ModelRegistry registry, ModelStore store, string id, CancellationToken cancellation) =>
        ModelId.IsValid(id) && await registry.FindAsync(id, cancellation) is not null ? await registry.DownloadAsync(id, cancellation) : store.Find(id);
}
