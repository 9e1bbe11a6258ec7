using IpuNet.Faces;

namespace IpuNet.Training.Evaluation.Protocols;

/// <summary>
/// A verification experiment in the format of LFW's pairs files: one fold (pairsDevTrain.txt, pairsDevTest.txt) or several
/// (pairs.txt), each with as many genuine as impostor pairs.
/// </summary>
/// <remarks>
/// The first line is "10&lt;tab&gt;300", folds and genuine pairs of a fold, or only the latter. Each fold has that many lines
/// "Name&lt;tab&gt;n1&lt;tab&gt;n2", then as many "Name1&lt;tab&gt;n1&lt;tab&gt;Name2&lt;tab&gt;n2". The images are
/// {root}/{Name}/{Name}_{n:0000}.jpg.
/// </remarks>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="Folds">The folds in the file's order; at least one.</param>
public sealed record PairsProtocol(string Name, IReadOnlyList<IReadOnlyList<FacePair>> Folds)
{
    /// <summary>The pairs of all folds.</summary>
    public IEnumerable<FacePair> Pairs => Folds.SelectMany(fold => fold);

    /// <summary>The same pairs, the second image first.</summary>
    public PairsProtocol Swapped() =>
        this with { Folds = [.. Folds.Select(fold => fold.Select(pair => pair with { First = pair.Second, Second = pair.First }).ToArray())] };

    /// <summary>Reads a pairs file and makes sure that its images are there.</summary>
    /// <param name="file">The pairs file.</param>
    /// <param name="imageRoot">The folder with one folder per person.</param>
    /// <exception cref="FaceDataException">The file or an image is missing, or a line is not as the format has it; the message names the line.</exception>
    public static PairsProtocol Read(string file, string imageRoot)
    {
        if (!File.Exists(file))
            throw new FaceDataException($"{file}: there is no such pairs file.");
        if (!Directory.Exists(imageRoot))
            throw new FaceDataException($"{imageRoot}: there is no such folder. It should hold one folder of images per person.");
        var protocol = new PairsFileParser(file, imageRoot).Parse(File.ReadAllLines(file));
        string? missing = protocol.Pairs.SelectMany(p => new[] { p.First, p.Second }).FirstOrDefault(image => !File.Exists(image));
        return missing is null
            ? protocol
            : throw new FaceDataException($"{missing}: the image is missing, but {file} names it. Is {imageRoot} the folder of this set?");
    }
}
