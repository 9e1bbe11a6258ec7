using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Galleries;

/// <summary>A gallery that was read from its folder.</summary>
/// <param name="Index">Its subjects.</param>
/// <param name="Failures">How many of its subjects could not be read or used; each was reported.</param>
internal sealed record GalleryFolder(GalleryIndex Index, int Failures)
{
    public static Option<string> CreateOption() => new("--gallery", "-g") { Description = "Folder of the gallery.", HelpName = "DIR", Required = true };

    /// <summary>Reads what is enrolled, and reports the files that cannot be read.</summary>
    /// <exception cref="UsageException">There is nothing in it.</exception>
    public static GalleryContents Read(string folder, Terminal terminal, CancellationToken cancellation)
    {
        GalleryContents contents = new FolderGallery(folder).Load(cancellation);
        foreach (var failure in contents.Failures)
            terminal.Fail(failure.Message);
        return contents.Subjects.Count + contents.Failures.Count > 0 ? contents : throw Empty(folder);
    }

    /// <exception cref="UsageException">There is no subject in it.</exception>
    /// <exception cref="FaceDataException">All of it was embedded by other models.</exception>
    public static GalleryFolder Load(string folder, PipelineModels models, Terminal terminal, CancellationToken cancellation)
    {
        GalleryContents contents = Read(folder, terminal, cancellation);
        if (contents.Subjects.Count == 0)
            throw Empty(folder);
        List<FaceDataException> unusable = [];
        var index = GalleryIndex.Build(models.Source, models.Embedder!.Dimensions, contents.Subjects, unusable);
        if (index.SubjectCount == 0)
            throw unusable[0];
        foreach (var failure in unusable)
            terminal.Fail(failure.Message);
        return new GalleryFolder(index, contents.Failures.Count + unusable.Count);
    }

    /// <summary>Makes sure that subjects embedded by a source may join a gallery: with those of another source in it, none could be identified any more.</summary>
    /// <param name="folder">The gallery's folder; it need not be there yet.</param>
    /// <param name="source">What embeds the subjects.</param>
    /// <param name="replaced">Ids of the subjects that give way to them.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="FaceDataException">The gallery was embedded by other models.</exception>
    public static void RequireSource(string folder, EmbeddingSource source, IReadOnlySet<string> replaced, CancellationToken cancellation)
    {
        SubjectRecord[] others =
            [.. new FolderGallery(folder).Load(cancellation).Subjects.Where(subject => !replaced.Contains(subject.SubjectId) && subject.Embeddings.Any(face => face.Source != source))];
        if (others.Length > 0)
        {
            throw new FaceDataException(
                $"{folder}: {others.Length:N0} subjects in it were embedded by '{others[0].Embeddings.First(face => face.Source != source).Source}', whose embeddings cannot be compared "
                + $"with those of '{source}'. Enrol all of them again with --replace, or give another --gallery or --recogniser.");
        }
    }

    private static UsageException Empty(string folder) =>
        new($"{folder}: no subject is enrolled in this gallery. Enrol some with `ipunet enroll FOLDER --gallery {folder}`.");
}
