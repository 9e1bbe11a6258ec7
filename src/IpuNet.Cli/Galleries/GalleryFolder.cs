using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Galleries;

/// <summary>A gallery that was read from its folder.</summary>
/// <param name="Index">Its subjects.</param>
/// <param name="Failures">Number of subjects that could not be read or used; each was reported.</param>
internal sealed record GalleryFolder(GalleryIndex Index, int Failures)
{
    public static Option<string> CreateOption() =>
        new("--gallery", "-g") { Description = "Folder of the gallery.", HelpName = "DIR", Required = true };

    /// <summary>Reads the subjects, and reports the files that cannot be read.</summary>
    /// <exception cref="UsageException">The gallery is empty.</exception>
    public static GalleryContents Read(string folder, Terminal terminal, CancellationToken cancellation)
    {
        GalleryContents contents = new FolderGallery(folder).Load(cancellation);
        foreach (var failure in contents.Failures)
            terminal.Fail(failure.Message);
        return contents.Subjects.Count + contents.Failures.Count > 0 ? contents : throw Empty(folder);
    }

    /// <summary>Reads the subjects for a search, and reports those that cannot be read or used.</summary>
    /// <exception cref="UsageException">The gallery has no subject.</exception>
    /// <exception cref="FaceDataException">Other models embedded the gallery.</exception>
    public static GalleryFolder Load(string folder, PipelineModels models, Terminal terminal, CancellationToken cancellation)
    {
        GalleryContents contents = Read(folder, terminal, cancellation);
        if (contents.Subjects.Count == 0)
            throw Empty(folder);
        var (index, unusable) = FaceGallery.Load(new FolderGallery(folder), contents, models);
        foreach (var failure in unusable)
            terminal.Fail(failure.Message);
        return new GalleryFolder(index, contents.Failures.Count + unusable.Count);
    }

    /// <summary>The error that a gallery has no subject.</summary>
    public static UsageException Empty(string folder) =>
        new($"{folder}: no subject is enrolled in this gallery. `ipunet enrol FOLDER --gallery {folder}` enrols some.");
}
