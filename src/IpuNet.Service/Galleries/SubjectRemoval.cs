using IpuNet.Contract;

namespace IpuNet.Service.Galleries;

/// <summary>The outcome of the deletion of a subject.</summary>
/// <param name="Embeddings">Number of removed embeddings; null if a damaged record was removed.</param>
/// <param name="Pictures">Number of removed images that were uploaded to enrol the subject.</param>
/// <param name="TrainingImages">
/// Images for retraining that the subject was enrolled from, as <c>training/{identity}/{file}</c>. They are not removed.
/// </param>
/// <param name="Left">Number of embeddings that the subject still has, because they were sent after the deletion.</param>
public sealed record SubjectRemoval(int? Embeddings, int Pictures, IReadOnlyList<string> TrainingImages, int Left)
{
    /// <summary>Number of removed aligned faces.</summary>
    public int Crops { get; init; }

    /// <summary>Number of removed pictures on pages about retrainings.</summary>
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
