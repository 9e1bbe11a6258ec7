using IpuNet.Contract;

namespace IpuNet.Service.Galleries;

/// <summary>What the deletion of a subject removed.</summary>
/// <param name="Embeddings">How many embeddings; null where the record was damaged, and removed as it was.</param>
/// <param name="Pictures">How many pictures that were uploaded to enrol the subject.</param>
/// <param name="TrainingImages">
/// Images for retraining that the subject was enrolled from, as <c>training/{identity}/{file}</c>; they are still there.
/// </param>
/// <param name="Left">How many embeddings the subject has that were enrolled after the deletion was sent.</param>
public sealed record SubjectRemoval(int? Embeddings, int Pictures, IReadOnlyList<string> TrainingImages, int Left)
{
    /// <summary>How many aligned faces that the gallery kept.</summary>
    public int Crops { get; init; }

    /// <summary>How many pictures on pages about retrainings.</summary>
    public int Strips { get; init; }

    internal RemovedSubject Answer => new(Embeddings, Pictures, TrainingImages, Crops, Strips);

    internal static SubjectRemoval Nothing { get; } = new(0, 0, [], 0);

    internal static SubjectRemoval Of(SubjectDeparture departure) => new(
        departure.Former?.Embeddings.Count - (departure.Rest?.Embeddings.Count ?? 0),
        0,
        [.. departure.Images.Where(image => !image.IsOfSubject).Select(image => image.Name)],
        departure.Rest?.Embeddings.Count ?? 0);

    internal SubjectRemoval With(IReadOnlyDictionary<SubjectTrace, int> traces) => this with
    {
        Pictures = traces.GetValueOrDefault(SubjectTrace.Picture),
        Crops = traces.GetValueOrDefault(SubjectTrace.Crop),
        Strips = traces.GetValueOrDefault(SubjectTrace.Strip),
    };
}
