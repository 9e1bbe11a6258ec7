using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// A gallery in memory, for exact searches: a query is compared with every embedding. All embeddings are unit vectors of one source. So the
/// score, a dot product, is the cosine similarity. The score of a subject is the highest score of its embeddings.
/// </summary>
/// <remarks>
/// Thread-safe. A search sees the gallery as it was at its beginning, and never half of a change. Searches do not wait for writers, but
/// writers wait for each other. Later searches do not see a removed subject. Its vectors are overwritten when the present searches have
/// ended.
/// </remarks>
public sealed class GalleryIndex
{
    // Small enough to stay in the cache of a core while many queries are compared, and to be copied for the change of one subject.
    private const int BlockBytes = 256 << 10;

    private readonly int _blockRows;
    private readonly Lock _writing = new();

    // Held for moments only, so that searches hardly wait for it.
    private readonly Lock _reading = new();
    private readonly Dictionary<string, int> _slotOf = new(StringComparer.Ordinal);
    private volatile GalleryBlock[] _blocks = [];
    private bool _isCleared;

    /// <summary>Creates an empty index.</summary>
    /// <param name="source">The source of the embeddings and of the queries.</param>
    /// <param name="dimensions">Number of dimensions of an embedding, at least 1.</param>
    public GalleryIndex(EmbeddingSource source, int dimensions)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimensions);
        Source = source;
        Dimensions = dimensions;
        _blockRows = Math.Max(1, BlockBytes / (sizeof(float) * dimensions * PanelKernels.Width)) * PanelKernels.Width;
    }

    /// <summary>The source of the embeddings and of the queries.</summary>
    public EmbeddingSource Source { get; }

    /// <summary>Number of dimensions of an embedding.</summary>
    public int Dimensions { get; }

    /// <summary>Number of subjects in the index.</summary>
    public int SubjectCount
    {
        get
        {
            lock (_writing)
                return _slotOf.Count;
        }
    }

    /// <summary>The blocks that a new search uses.</summary>
    internal IReadOnlyList<GalleryBlock> Blocks => _blocks;

    /// <summary>Builds an index of a whole gallery.</summary>
    /// <param name="source">The source of the embeddings and of the queries.</param>
    /// <param name="dimensions">Number of dimensions of an embedding, at least 1.</param>
    /// <param name="subjects">The subjects, each once.</param>
    /// <param name="unusable">
    /// Gets an error for each subject that is left out, because it has embeddings of another source or of another length. If this is null,
    /// such a subject is an error.
    /// </param>
    /// <exception cref="FaceDataException">A subject is given twice, or cannot be used and <paramref name="unusable"/> is null.</exception>
    public static GalleryIndex Build(
        EmbeddingSource source, int dimensions, IEnumerable<SubjectRecord> subjects, ICollection<FaceDataException>? unusable = null)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        var index = new GalleryIndex(source, dimensions);
        List<GalleryBlock> blocks = [];
        List<SubjectRecord> pending = [];
        var rows = 0;
        foreach (var subject in subjects)
        {
            try
            {
                index.Require(subject);
            }
            catch (FaceDataException fault) when (unusable is not null)
            {
                unusable.Add(fault);
                continue;
            }

            if (rows + subject.Embeddings.Count > index._blockRows)
                Seal();
            if (!index._slotOf.TryAdd(subject.SubjectId, blocks.Count))
                throw new FaceDataException($"The subject '{subject.SubjectId}' is given twice: merge its two records into one.");
            pending.Add(subject);
            rows += subject.Embeddings.Count;
        }

        Seal();
        index._blocks = [.. blocks];
        return index;

        void Seal()
        {
            if (pending.Count > 0)
                blocks.Add(GalleryBlock.Of(dimensions, older: null, without: null, pending));
            pending.Clear();
            rows = 0;
        }
    }

    /// <summary>Adds a subject, or replaces it.</summary>
    /// <exception cref="FaceDataException">The subject has embeddings of another source or of another length.</exception>
    public void Put(SubjectRecord subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        Require(subject);
        lock (_writing)
        {
            GalleryBlock[] blocks = [.. _blocks];
            GalleryBlock? between = null;
            if (_slotOf.TryGetValue(subject.SubjectId, out var present))
                blocks[present] = between = GalleryBlock.Of(Dimensions, blocks[present], subject.SubjectId, []);
            var slot = SlotFor(subject.Embeddings.Count, blocks);
            if (slot == blocks.Length)
                Array.Resize(ref blocks, slot + 1);
            blocks[slot] = GalleryBlock.Of(Dimensions, blocks[slot], without: null, [subject]);
            _slotOf[subject.SubjectId] = slot;
            if (between is not null && !blocks.Contains(between))
                between.Overwrite();
            Publish(blocks);
        }
    }

    /// <summary>Removes a subject with all its embeddings.</summary>
    /// <returns>False if the subject was not in the index.</returns>
    public bool Remove(string subjectId)
    {
        lock (_writing)
        {
            if (!_slotOf.Remove(subjectId, out var slot))
                return false;
            GalleryBlock[] blocks = [.. _blocks];
            blocks[slot] = GalleryBlock.Of(Dimensions, blocks[slot], subjectId, []);
            Publish(blocks);
            return true;
        }
    }

    /// <summary>
    /// Closes the index: it cannot be searched any more, and its embeddings are overwritten when the present searches have ended.
    /// </summary>
    public void Clear()
    {
        lock (_writing)
        {
            _slotOf.Clear();
            lock (_reading)
                _isCleared = true;
            Publish([]);
        }
    }

    /// <summary>Finds the subjects closest to one face.</summary>
    /// <param name="source">The source of the query.</param>
    /// <param name="query">A unit vector, [Dimensions].</param>
    /// <param name="count">Greatest number of subjects to find, at least 1.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>
    /// Distinct subjects, highest score first; those with equal scores by id, in ordinal order. Empty if the gallery is empty.
    /// </returns>
    /// <exception cref="FaceDataException">The query has another source or another length, or is not a unit vector.</exception>
    /// <exception cref="InvalidOperationException">The index was closed.</exception>
    public IReadOnlyList<GalleryMatch> Search(
        EmbeddingSource source, ReadOnlySpan<float> query, int count, CancellationToken cancellation = default)
    {
        RequireQueries(source, count);
        Require(query, "The query");
        var blocks = BeginReading();
        try
        {
            return GallerySearch.One(blocks, query, Limit(count, blocks), cancellation);
        }
        finally
        {
            EndReading(blocks);
        }
    }

    /// <summary>
    /// Finds the subjects closest to each of many faces. This is much faster than one search for each face, and the scores are equal to the
    /// last bit.
    /// </summary>
    /// <param name="source">The source of the queries.</param>
    /// <param name="queries">Unit vectors, [Dimensions] each.</param>
    /// <param name="count">Greatest number of subjects to find for each query, at least 1.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>
    /// For each query, in their order: distinct subjects, highest score first; those with equal scores by id, in ordinal order.
    /// </returns>
    /// <exception cref="FaceDataException">A query has another source or another length, or is not a unit vector.</exception>
    /// <exception cref="InvalidOperationException">The index was closed.</exception>
    public IReadOnlyList<IReadOnlyList<GalleryMatch>> SearchMany(
        EmbeddingSource source, IReadOnlyList<float[]> queries, int count, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        RequireQueries(source, count);
        for (var i = 0; i < queries.Count; i++)
            Require(queries[i], $"Query {i}");
        var blocks = BeginReading();
        try
        {
            return queries.Count switch
            {
                0 => [],
                1 => [GallerySearch.One(blocks, queries[0], Limit(count, blocks), cancellation)],
                _ => GallerySearch.Many(blocks, queries, Limit(count, blocks), cancellation),
            };
        }
        finally
        {
            EndReading(blocks);
        }
    }

    private GalleryBlock[] BeginReading()
    {
        lock (_reading)
        {
            if (_isCleared)
                throw new InvalidOperationException("The index was closed before the search. Get the gallery again.");
            foreach (var block in _blocks)
                block.Readers++;
            return _blocks;
        }
    }

    private void EndReading(GalleryBlock[] blocks)
    {
        lock (_reading)
        {
            foreach (var block in blocks)
            {
                if (--block.Readers == 0 && block.IsRetired)
                    block.Overwrite();
            }
        }
    }

    // The caller holds the lock of writers.
    private void Publish(GalleryBlock[] blocks)
    {
        lock (_reading)
        {
            var former = _blocks;
            _blocks = blocks;
            for (var i = 0; i < former.Length; i++)
            {
                // A block keeps its place in the list, so an equal entry is still in use.
                if (i < blocks.Length && blocks[i] == former[i])
                    continue;
                former[i].IsRetired = true;
                if (former[i].Readers == 0)
                    former[i].Overwrite();
            }
        }
    }

    // There are at most as many matches as embeddings. A huge count, meant as "all", must not reserve memory for more.
    private static int Limit(int count, GalleryBlock[] blocks) => Math.Max(1, Math.Min(count, blocks.Sum(block => block.Rows)));

    // A new subject goes into the last block. If that is full, it goes into a block that is at most half full after removals, so that
    // blocks do not pile up. Otherwise a new block begins.
    private int SlotFor(int rows, GalleryBlock[] blocks)
    {
        if (blocks.Length > 0 && blocks[^1].Rows + rows <= _blockRows)
            return blocks.Length - 1;
        var sparse = Array.FindIndex(blocks, block => block.Rows <= _blockRows / 2 && block.Rows + rows <= _blockRows);
        return sparse >= 0 ? sparse : blocks.Length;
    }

    private void RequireQueries(EmbeddingSource source, int count)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        Source.RequireSame(source);
    }

    private void Require(SubjectRecord subject)
    {
        foreach (var embedding in subject.Embeddings)
        {
            if (embedding.Source != Source)
            {
                throw new FaceDataException(
                    $"The subject '{subject.SubjectId}' was embedded by '{embedding.Source}'. Its embeddings cannot be compared with those "
                    + $"of '{Source}': re-enrol or re-embed the gallery.");
            }

            Require(embedding.Vector, $"An embedding of '{subject.SubjectId}'");
        }
    }

    private void Require(ReadOnlySpan<float> vector, string what)
    {
        if (vector.Length != Dimensions)
            throw new FaceDataException(
                $"{what} has {vector.Length} numbers, the gallery's embeddings have {Dimensions}: re-enrol or re-embed the gallery.");
        UnitVector.Require(vector, what);
    }
}
