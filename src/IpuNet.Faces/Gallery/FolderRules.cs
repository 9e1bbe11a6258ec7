using IpuNet.Contract;
using IpuNet.Faces.Files;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// The file with the <see cref="GalleryRules"/> of a gallery in a folder. A gallery of an earlier version has no such file. Its sources are
/// then those that embedded all subjects.
/// </summary>
/// <param name="directory">The folder of the gallery.</param>
/// <param name="path">The file.</param>
/// <param name="sourcesOfSubjects">
/// Finds the sources that embedded all subjects, apart from the subjects in its argument; null if there are no others.
/// </param>
/// <param name="takeToWrite">
/// Takes the lock of the rules. The rules share locks with the subjects, so the caller must not hold the lock of a subject.
/// </param>
internal sealed class FolderRules(
    string directory, string path, Func<IReadOnlySet<string>, IReadOnlyList<EmbeddingSource>?> sourcesOfSubjects,
    Func<IDisposable> takeToWrite)
{
    /// <summary>No subjects.</summary>
    public static readonly IReadOnlySet<string> Nobody = new HashSet<string>();

    public GalleryRules Read()
    {
        GalleryRules rules = Find() ?? new GalleryRules();
        return rules.Sources is null ? rules with { Sources = sourcesOfSubjects(Nobody) } : rules;
    }

    public void Require(EmbeddingSource source, IReadOnlySet<string> replaced) => _ = Taking(Find(), source, replaced);

    public void RequireReady(EmbeddingSource source)
    {
        if (Find() is { Sources: not null } rules && !rules.Names(source) && !rules.IsReadyFor(source, sourcesOfSubjects(Nobody)))
            throw RefusalOf(rules, source);
    }

    public void Take(EmbeddingSource source, IReadOnlySet<string> replaced)
    {
        if (Find()?.Names(source) == true)
            return;
        using var held = takeToWrite();
        GalleryRules? present = Find();
        GalleryRules taking = Taking(present, source, replaced);
        if (!ReferenceEquals(taking, present))
            Write(taking);
    }

    public void NoteReembedding(EmbeddingSource source, bool alone)
    {
        using var held = takeToWrite();
        GalleryRules rules = Find() ?? new GalleryRules();
        Write(rules.AfterReembedding(source, alone, rules.Sources ?? sourcesOfSubjects(Nobody)));
    }

    private GalleryRules Taking(GalleryRules? present, EmbeddingSource source, IReadOnlySet<string> replaced)
    {
        if (present?.Names(source) == true)
            return present;
        IReadOnlyList<EmbeddingSource>? ofSubjects = sourcesOfSubjects(replaced);
        GalleryRules rules = present ?? new GalleryRules { CreatedAt = ofSubjects is null ? DateTimeOffset.UtcNow : null };
        rules = rules.Sources is null ? rules with { Sources = ofSubjects } : rules;
        return rules.Taking(source, ofSubjects) ?? throw RefusalOf(rules, source);
    }

    private FaceDataException RefusalOf(GalleryRules rules, EmbeddingSource source) => rules.RefusalOf(
        $"The gallery {directory}",
        source,
        $"re-embed it with `ipunet gallery reembed --folder {CommandWord.Of(directory)}`, enrol all of its subjects again with "
        + "--replace, or use another recogniser");

    private GalleryRules? Find() => FolderGallery.ReadFile(path) is { } json ? GalleryRules.FromJson(json, path) : null;

    private void Write(GalleryRules rules)
    {
        AtomicFile.Write(path, rules.ToJson(), durable: true);
        FolderFlush.Flush(directory);
    }
}
