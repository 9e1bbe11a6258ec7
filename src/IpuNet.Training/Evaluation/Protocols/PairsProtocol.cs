using System.Globalization;
using IpuNet.Contract;

namespace IpuNet.Training.Evaluation.Protocols;

/// <summary>
/// A verification experiment in the format of LFW's pairs files. It has one fold (pairsDevTrain.txt, pairsDevTest.txt) or several
/// (pairs.txt). Each fold has as many genuine pairs as impostor pairs.
/// </summary>
/// <remarks>
/// The first line is "10&lt;tab&gt;300": the number of folds, and the number of genuine pairs in each. A file with one fold has the second
/// number only. Each fold has that many lines "Name&lt;tab&gt;n1&lt;tab&gt;n2", and then the same number of lines
/// "Name1&lt;tab&gt;n1&lt;tab&gt;Name2&lt;tab&gt;n2". The images are {root}/{Name}/{Name}_{n:0000}.jpg.
/// </remarks>
/// <param name="Name">The file's name without its extension.</param>
/// <param name="Folds">The folds in the file's order; at least one.</param>
public sealed record PairsProtocol(string Name, IReadOnlyList<IReadOnlyList<FacePair>> Folds)
{
    /// <summary>The pairs of all folds.</summary>
    public IEnumerable<FacePair> Pairs => Folds.SelectMany(fold => fold);

    /// <summary>The same pairs with the two images swapped.</summary>
    public PairsProtocol Swapped() =>
        this with
        {
            Folds = [.. Folds.Select(fold => fold.Select(pair => pair with { First = pair.Second, Second = pair.First }).ToArray())],
        };

    /// <summary>Reads a pairs file, and checks that its images exist.</summary>
    /// <param name="file">The pairs file.</param>
    /// <param name="imageRoot">The folder with one folder per person.</param>
    /// <exception cref="FaceDataException">
    /// The file or an image is missing, or a line does not have the format. The message names the line.
    /// </exception>
    public static PairsProtocol Read(string file, string imageRoot)
    {
        if (!File.Exists(file))
            throw new FaceDataException($"{file}: no such pairs file.");
        if (!Directory.Exists(imageRoot))
            throw new FaceDataException($"{imageRoot}: no such folder. Name one that has a folder of images for each person.");
        var protocol = new PairsFileParser(file, imageRoot).Parse(File.ReadAllLines(file));
        string? missing = protocol.Pairs.SelectMany(p => new[] { p.First, p.Second }).FirstOrDefault(image => !File.Exists(image));
        return missing is null
            ? protocol
            : throw new FaceDataException($"{missing}: the image is missing, but {file} names it. Is {imageRoot} the folder of this set?");
    }
}

/// <summary>Reads the lines of a pairs file. Each error names the line and the expected content.</summary>
internal sealed class PairsFileParser(string file, string imageRoot)
{
    private const string SameExpected = "'Name<tab>n1<tab>n2', a pair of one person";
    private const string DifferentExpected = "'Name1<tab>n1<tab>Name2<tab>n2', a pair of two people";

    // A name becomes the name of a folder and part of a file name.
    private static readonly char[] NotInNames = ['/', '\\', ':', '\0'];

    public PairsProtocol Parse(IReadOnlyList<string> lines)
    {
        var (folds, perKind) = Header(lines.Count > 0 ? lines[0] : "");
        long perFold = 2L * perKind;
        // No list is made as long as the first line claims. The lists grow line by line, and the first missing line is an error.
        List<IReadOnlyList<FacePair>> parsed = [];
        int next = 1;
        for (int fold = 0; fold < folds; fold++)
        {
            List<FacePair> pairs = [];
            for (long i = 0; i < perFold; i++, next++)
                pairs.Add(Pair(lines, next, genuine: i < perKind));
            parsed.Add(pairs);
        }

        for (; next < lines.Count; next++)
        {
            if (!string.IsNullOrWhiteSpace(lines[next]))
                throw Malformed(next, $"the end of the file, because the first line announces {folds} x {perFold} pairs");
        }

        return new(Path.GetFileNameWithoutExtension(file), parsed);
    }

    private (int Folds, int PerKind) Header(string line)
    {
        int[] numbers = [.. line.Split('\t', StringSplitOptions.TrimEntries).Select(field => Number(field) ?? 0)];
        return numbers switch
        {
            [> 0 and var perKind] => (1, perKind),
            [> 0 and var folds, > 0 and var perKind] => (folds, perKind),
            _ => throw Malformed(0, "'folds<tab>pairs' or 'pairs', where 'pairs' is the number of pairs of one person in each fold"),
        };
    }

    private FacePair Pair(IReadOnlyList<string> lines, int index, bool genuine)
    {
        string expected = genuine ? SameExpected : DifferentExpected;
        if (index >= lines.Count)
            throw Malformed(index, $"{expected}, but the file ends");
        string[] fields = lines[index].Split('\t', StringSplitOptions.TrimEntries);
        if (fields.Length != (genuine ? 3 : 4))
            throw Malformed(index, expected);
        string[] other = genuine ? [fields[0], fields[2]] : [fields[2], fields[3]];
        string first = Image(fields[0], fields[1], index, expected), second = Image(other[0], other[1], index, expected);
        if (first == second)
            throw Malformed(index, $"{expected}, but both images are the same");
        if (!genuine && fields[0] == fields[2])
            throw Malformed(index, $"{expected}, but both names are the same");
        return new(first, second, genuine);
    }

    private string Image(string name, string number, int index, string expected)
    {
        if (name.Length == 0 || name is "." or ".." || name.IndexOfAny(NotInNames) >= 0)
            throw Malformed(index, $"{expected}, with names without / \\ and :");
        int n = Number(number) ?? throw Malformed(index, $"{expected}, with n1 and n2 as whole numbers");
        return Path.Combine(imageRoot, name, string.Create(CultureInfo.InvariantCulture, $"{name}_{n:0000}.jpg"));
    }

    private static int? Number(string field) =>
        int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private FaceDataException Malformed(int index, string expected) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{file}, line {index + 1}: expected {expected}."));
}

/// <summary>Two images, and whether they show the same person.</summary>
/// <param name="First">File of the first image.</param>
/// <param name="Second">File of the second image.</param>
/// <param name="Genuine">True for two images of one person.</param>
public sealed record FacePair(string First, string Second, bool Genuine);
