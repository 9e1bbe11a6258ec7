using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// A part of a gallery in memory that never changes: whole subjects, the embeddings of each in adjacent rows, stored in panels
/// [panels, dimensions, <see cref="PanelKernels.Width"/>]. The last panel is filled up with zeros.
/// </summary>
internal sealed class GalleryBlock
{
    private const int AlignmentBytes = 64;

    private readonly float[] _storage;
    private readonly int _start;
    private readonly string[] _subjectOfRow;

    private GalleryBlock(int dimensions, int rows)
    {
        Dimensions = dimensions;
        Panels = (rows + PanelKernels.Width - 1) / PanelKernels.Width;

        // On the pinned heap the array stays where it is, so it is aligned once and for all.
        _storage = GC.AllocateArray<float>(Panels * PanelLength + AlignmentBytes / sizeof(float), pinned: true);
        _start = AlignedStart(_storage);
        _subjectOfRow = new string[rows];
    }

    /// <summary>Numbers in a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Searches under way that read the block. Whoever changes it holds the index's lock for that.</summary>
    public int Readers { get; set; }

    /// <summary>Whether later searches do not see the block, so that it is to be overwritten after the last reader.</summary>
    public bool IsRetired { get; set; }

    /// <summary>Embeddings in the block.</summary>
    public int Rows => _subjectOfRow.Length;

    /// <summary>Panels in the block.</summary>
    public int Panels { get; }

    /// <summary>Numbers in a panel.</summary>
    public int PanelLength => Dimensions * PanelKernels.Width;

    /// <summary>The panels; must not be written to.</summary>
    public ReadOnlySpan<float> Vectors => _storage.AsSpan(_start, Panels * PanelLength);

    /// <summary>Lays subjects out, those of an older block without one of them before new ones.</summary>
    public static GalleryBlock Of(int dimensions, GalleryBlock? older, string? without, IReadOnlyList<SubjectRecord> added)
    {
        int[] kept = older is null ? [] : [.. Enumerable.Range(0, older.Rows).Where(row => older._subjectOfRow[row] != without)];
        var block = new GalleryBlock(dimensions, kept.Length + added.Sum(subject => subject.Embeddings.Count));
        var at = 0;
        foreach (var row in kept)
            block.CopyRow(at++, older!, row);
        foreach (var subject in added)
        {
            foreach (var embedding in subject.Embeddings)
                block.SetRow(at++, subject.SubjectId, embedding.Vector);
        }

        return block;
    }

    /// <summary>Overwrites the vectors with zeros, for it is the only certain way to have them out of memory.</summary>
    public void Overwrite() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_storage.AsSpan()));

    /// <summary>Offers the rows of one panel whose score reaches the selection's floor.</summary>
    /// <param name="panel">Which panel.</param>
    /// <param name="scores">A score for each row of the panel.</param>
    /// <param name="top">The selection.</param>
    public void Offer(int panel, ReadOnlySpan<float> scores, TopSubjects top)
    {
        var first = panel * PanelKernels.Width;
        var rows = Math.Min(PanelKernels.Width, Rows - first);
        for (var lane = 0; lane < rows; lane++)
        {
            if (scores[lane] >= top.Floor)
                top.Offer(_subjectOfRow[first + lane], scores[lane]);
        }
    }

    private static unsafe int AlignedStart(float[] storage)
    {
        fixed (float* address = storage)
            return (int)(-(nint)address & (AlignmentBytes - 1)) / sizeof(float);
    }

    private int OffsetOf(int row) => _start + row / PanelKernels.Width * PanelLength + row % PanelKernels.Width;

    private void SetRow(int row, string subjectId, float[] vector)
    {
        _subjectOfRow[row] = subjectId;
        for (int i = 0, at = OffsetOf(row); i < vector.Length; i++, at += PanelKernels.Width)
            _storage[at] = vector[i];
    }

    private void CopyRow(int row, GalleryBlock other, int otherRow)
    {
        _subjectOfRow[row] = other._subjectOfRow[otherRow];
        for (
            int i = 0, at = OffsetOf(row), from = other.OffsetOf(otherRow); i < Dimensions; i++, at += PanelKernels.Width,
            from += PanelKernels.Width)
            _storage[at] = other._storage[from];
    }
}
