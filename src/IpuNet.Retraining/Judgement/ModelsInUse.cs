using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Service.Registry;
using IpuNet.Service.Retraining;

namespace IpuNet.Retraining.Judgement;

/// <summary>
/// The models that workers use: those that storage names. If it names none, workers use those of their own folder.
/// </summary>
/// <param name="Enhancer">The enhancer; null if none is in use.</param>
/// <param name="Recogniser">The recogniser.</param>
internal sealed record ModelsInUse(InstalledModel? Enhancer, InstalledModel Recogniser)
{
    /// <summary>
    /// The models that a candidate is compared with. If the job was killed after the promotion, these are the models before it.
    /// </summary>
    public static async Task<ModelsInUse> BeforeAsync(
        RetrainingState state, ModelRegistry registry, ModelStore store, CancellationToken cancellation)
    {
        CurrentModels current = await registry.CurrentAsync(cancellation) ?? new();
        if (current.Enhancer == state.Candidate)
        {
            var history = await registry.HistoryAsync(cancellation);
            current = history.FirstOrDefault(models => models.Change!.Revision == state.BaseRevision) ?? new();
        }

        string? enhancer = current.Enhancer ?? store.Current.Enhancer;
        string recogniser = current.Recogniser ?? store.Current.Recogniser ?? throw new FaceDataException(
            $"No recogniser is in use, neither in storage nor in {store.Root}. Promote one with `ipunet registry promote`.");
        return new ModelsInUse(
            enhancer is null ? null : await FindAsync(registry, store, enhancer, cancellation),
            await FindAsync(registry, store, recogniser, cancellation));
    }

    /// <summary>Finds a model in storage, or else in the folder.</summary>
    /// <exception cref="FaceDataException">Neither has the model.</exception>
    public static async Task<InstalledModel> FindAsync(
        ModelRegistry registry, ModelStore store, string id, CancellationToken cancellation) =>
        ModelId.IsValid(id) && await registry.FindAsync(id, cancellation) is not null
            ? await registry.DownloadAsync(id, cancellation)
            : store.Find(id);
}
