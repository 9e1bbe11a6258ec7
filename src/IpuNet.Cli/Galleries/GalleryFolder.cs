using System.CommandLine;
using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Terminals;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Galleries;

/// <summary>A gallery that was read from its folder.</summary>
/// <param name="Index">Its subjects.</param>
/// <param name="Failures">How many of its files could not be read; each was reported.</param>
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
    /// <exception cref="Faces.FaceDataException">It was embedded by other models.</exception>
    public static GalleryFolder Load(string folder, PipelineModels models, Terminal terminal, CancellationToken cancellation)
    {
        GalleryContents contents = Read(folder, terminal, cancellation);
        return contents.Subjects.Count > 0
            ? new GalleryFolder(GalleryIndex.Build(models.Source, models.Embedder!.Dimensions, contents.Subjects), contents.Failures.Count)
            : throw Empty(folder);
    }

    private static UsageException Empty(string folder) =>
        new($"{folder}: no subject is enrolled in this gallery. Enrol some with `ipunet enroll FOLDER --gallery {folder}`.");
}
