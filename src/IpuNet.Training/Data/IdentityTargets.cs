using IpuNet.Training.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace IpuNet.Training.Data;

/// <summary>What the identity losses aim at: the frozen recogniser's embeddings of all training faces.</summary>
public sealed class IdentityTargets : IDisposable
{
    private readonly Tensor _aims;
    private readonly Tensor _candidates;
    private readonly long[] _people;
    private readonly Tensor _peopleOfAll;

    /// <summary>Prepares the targets.</summary>
    /// <param name="embeddings">[N][D], of the aligned faces, not normalised.</param>
    /// <param name="faces">The faces, N of them.</param>
    /// <param name="personShare">0 aims at each face's own embedding, 1 at its person's mean.</param>
    public IdentityTargets(float[][] embeddings, IReadOnlyList<TrainingFace> faces, double personShare)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        _people = [.. faces.Select((f, i) => numbers.TryGetValue(f.Identity ?? $"#{i}", out long n) ? n : numbers[f.Identity ?? $"#{i}"] = numbers.Count)];

        using var scope = NewDisposeScope();
        Tensor own = tensor(embeddings.SelectMany(e => e).ToArray(), [embeddings.Length, embeddings[0].Length]);
        Tensor people = tensor(_people);
        Tensor sums = zeros(numbers.Count, own.size(1)).index_add_(0, people, own, 1);
        Tensor counts = zeros(numbers.Count).index_add_(0, people, ones(embeddings.Length), 1);
        Tensor means = (sums / counts.unsqueeze(1)).index_select(0, people);
        _aims = (own * (1 - personShare) + means * personShare).MoveToOuterDisposeScope();
        _candidates = functional.normalize(own, p: 2, dim: 1).t().contiguous().MoveToOuterDisposeScope();
        _peopleOfAll = people.MoveToOuterDisposeScope();
        foreach (Tensor kept in (Tensor[])[_aims, _candidates, _peopleOfAll])
            kept.DetachFromDisposeScope();
    }

    /// <summary>Length of an embedding.</summary>
    public int Dimensions => (int)_aims.size(1);

    /// <summary>The aims of some faces: [N, D].</summary>
    public Tensor Of(int[] indices) => _aims.index_select(0, Rows(indices));

    /// <summary>Cross-entropy of finding each face among all training faces; other pictures of its person do not count against it.</summary>
    /// <param name="embeddings">[N, D], not normalised.</param>
    /// <param name="indices">Which faces they are.</param>
    /// <param name="temperature">In units of cosine similarity.</param>
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
        _aims.Dispose();
        _candidates.Dispose();
        _peopleOfAll.Dispose();
    }

    private static Tensor Rows(int[] indices) => tensor([.. indices.Select(i => (long)i)]);
}
