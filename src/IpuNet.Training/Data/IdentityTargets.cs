using IpuNet.Training.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace IpuNet.Training.Data;

/// <summary>The targets of the identity losses: the frozen recogniser's embeddings of all training faces.</summary>
public sealed class IdentityTargets : IDisposable
{
    private readonly Tensor _targets;
    private readonly Tensor _candidates;
    private readonly long[] _people;
    private readonly Tensor _peopleOfAll;

    /// <summary>Prepares the targets.</summary>
    /// <param name="embeddings">The embeddings of the aligned faces, [N][D].</param>
    /// <param name="faces">The N faces.</param>
    /// <param name="personShare">
    /// 0 to 1. At 0 the target of a face is its own embedding. At 1 it is the mean embedding of its person. Between, it is a mixture.
    /// </param>
    public IdentityTargets(float[][] embeddings, IReadOnlyList<TrainingFace> faces, double personShare)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        _people = [.. faces.Select((face, i) => NumberOf(face.Identity ?? $"#{i}"))];

        using var scope = NewDisposeScope();
        Tensor own = tensor(embeddings.SelectMany(e => e).ToArray(), [embeddings.Length, embeddings[0].Length]);
        Tensor people = tensor(_people);
        Tensor sums = zeros(numbers.Count, own.size(1)).index_add_(0, people, own, 1);
        Tensor counts = zeros(numbers.Count).index_add_(0, people, ones(embeddings.Length), 1);
        Tensor means = (sums / counts.unsqueeze(1)).index_select(0, people);
        _targets = (own * (1 - personShare) + means * personShare).MoveToOuterDisposeScope();
        _candidates = functional.normalize(own, p: 2, dim: 1).t().contiguous().MoveToOuterDisposeScope();
        _peopleOfAll = people.MoveToOuterDisposeScope();
        foreach (Tensor kept in (Tensor[])[_targets, _candidates, _peopleOfAll])
            kept.DetachFromDisposeScope();

        long NumberOf(string person) => numbers.TryGetValue(person, out long number) ? number : numbers[person] = numbers.Count;
    }

    /// <summary>Length of an embedding.</summary>
    public int Dimensions => (int)_targets.size(1);

    /// <summary>The targets of some faces: [N, D].</summary>
    public Tensor Of(int[] indices) => _targets.index_select(0, Rows(indices));

    /// <summary>
    /// Cross-entropy of finding each face among all training faces. The other images of its person are left out.
    /// </summary>
    /// <param name="embeddings">[N, D], of any length.</param>
    /// <param name="indices">Indices of the faces.</param>
    /// <param name="temperature">Temperature, in units of cosine similarity.</param>
    public Tensor Contrast(Tensor embeddings, int[] indices, double temperature)
    {
        Tensor rows = Rows(indices);
        Tensor logits = functional.normalize(embeddings, p: 2, dim: 1).matmul(_candidates) / RootedScalar.Of(temperature);
        Tensor people = tensor([.. indices.Select(i => _people[i])]).unsqueeze(1);
        Tensor ofSamePerson = people.eq(_peopleOfAll.unsqueeze(0));
        ofSamePerson = ofSamePerson.scatter(1, rows.unsqueeze(1), zeros(indices.Length, 1, dtype: ScalarType.Bool));
        return functional.cross_entropy(logits.masked_fill(ofSamePerson, RootedScalar.Of(float.NegativeInfinity)), rows);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _targets.Dispose();
        _candidates.Dispose();
        _peopleOfAll.Dispose();
    }

    private static Tensor Rows(int[] indices) => tensor([.. indices.Select(i => (long)i)]);
}
