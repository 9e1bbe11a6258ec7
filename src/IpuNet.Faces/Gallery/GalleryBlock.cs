using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// A part of a gallery in memory that never changes. It holds whole subjects, with the embeddings of each in adjacent rows. The rows are
/// stored in panels, [panels, dimensions, <see cref="PanelKernels.Width"/>]. Zeros fill up the last panel.
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

        // The pinned heap never moves the array, so it stays aligned.
        _storage = GC.AllocateArray<float>(Panels * PanelLength + AlignmentBytes / sizeof(float), pinned: true);
        _start = AlignedStart(_storage);
        _subjectOfRow = new string[rows];
    }

    /// <summary>Number of dimensions of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Number of searches that are reading the block. Only the index changes it, under its lock for readers.</summary>
    public int Readers { get; set; }

    /// <summary>Whether new searches no longer use the block. Its last reader then overwrites it.</summary>
    public bool IsRetired { get; set; }

    /// <summary>Number of embeddings in the block.</summary>
    public int Rows => _subjectOfRow.Length;

    /// <summary>Number of panels in the block.</summary>
    public int Panels { get; }

    /// <summary>Number of floats in a panel.</summary>
    public int PanelLength => Dimensions * PanelKernels.Width;

    /// <summary>The panels, [panels, dimensions, Width].</summary>
    public ReadOnlySpan<float> Vectors => _storage.AsSpan(_start, Panels * PanelLength);

    /// <summary>Makes a block from the rows of an older block, without one of its subjects, and from new subjects.</summary>
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

    /// <summary>Overwrites the vectors with zeros. This is the only sure way to remove them from memory.</summary>
    public void Overwrite() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_storage.AsSpan()));

    /// <summary>Offers the rows of a panel to a selection, if their scores reach its floor.</summary>
    /// <param name="panel">Index of the panel.</param>
    /// <param name="scores">The score of each row of the panel.</param>
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
