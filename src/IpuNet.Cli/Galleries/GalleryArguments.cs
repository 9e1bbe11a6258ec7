using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces;
using IpuNet.Faces.Files;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Galleries;

/// <summary>What the commands share that work on a gallery in a folder: its option, its errors and its models.</summary>
internal static class GalleryArguments
{
    /// <summary>What <see cref="StoreFor"/> takes, for help texts.</summary>
    public const string RecogniserDefault = "the one that embedded the gallery last, or else the one in use";

    /// <summary>The option of an enrolment from images that may show several faces.</summary>
    public static Option<bool> LargestOption() => new("--largest")
    {
        Description = "Enrol the largest face of an image that shows several. Otherwise the image is refused.",
    };

    public static Option<string> CreateOption() =>
        new("--gallery", "-g") { Description = "Folder of the gallery.", HelpName = "DIR", Required = true };

    /// <summary>Opens a gallery.</summary>
    /// <exception cref="UsageException">There is no gallery.</exception>
    public static FolderGallery Open(string folder)
    {
        RequireNoFile(folder);
        var gallery = new FolderGallery(folder);
        if (gallery.Exists)
            return gallery;
        string fault = Directory.Exists(folder) ? "this folder is no gallery" : MissingFile.Describe(folder);
        throw new UsageException(
            $"{folder}: {fault}. Name the folder of a gallery; `ipunet enrol FOLDER --gallery {CommandWord.Of(folder)}` would make one "
            + "there.");
    }

    /// <summary>Checks that a path can be that of a gallery, which need not exist yet.</summary>
    /// <exception cref="UsageException">It is that of a file.</exception>
    public static void RequireNoFile(string path)
    {
        if (File.Exists(path))
            throw new UsageException($"{path}: this is a file, and a gallery is a folder. Name a folder.");
    }

    /// <summary>Reads the subjects, and reports the files that cannot be read.</summary>
    /// <exception cref="UsageException">There is no gallery.</exception>
    public static GalleryContents Read(string folder, Terminal terminal, CancellationToken cancellation)
    {
        GalleryContents contents = Open(folder).Load(cancellation);
        foreach (var failure in contents.Failures)
            terminal.Fail(failure.Message);
        return contents;
    }

    /// <summary>Reads the subjects for a search, and reports those that cannot be read or used.</summary>
    /// <returns>The subjects, and the number of those that could not be read or used.</returns>
    /// <exception cref="UsageException">There is no gallery, or it has no subject.</exception>
    /// <exception cref="FaceDataException">Other models embedded the gallery.</exception>
    public static (GalleryIndex Index, int Failures) Load(
        string folder, PipelineModels models, Terminal terminal, CancellationToken cancellation)
    {
        GalleryContents contents = Read(folder, terminal, cancellation);
        if (contents.Subjects.Count == 0)
        {
            throw contents.Failures.Count == 0
                ? Empty(folder)
                : new FaceDataException($"{folder}: no subject of this gallery can be read. The messages above say why.");
        }

        var (index, unusable) = FaceGallery.Load(new FolderGallery(folder), contents, models);
        foreach (var failure in unusable)
            terminal.Fail(failure.Message);
        int failures = contents.Failures.Count + unusable.Count;
        terminal.SumUp(failures, contents.Subjects.Count + contents.Failures.Count, "subject", "cannot be found");
        return (index, failures);
    }

    /// <summary>
    /// The models for a gallery: with the recogniser that the user named, or else the one that embedded the gallery last, or else the one
    /// in use. Says so if it is not the one in use.
    /// </summary>
    /// <exception cref="FaceDataException">No recogniser that embedded the gallery is installed.</exception>
    public static ModelStore StoreFor(string folder, ModelArguments models, ParseResult parsed, Terminal terminal)
    {
        ModelStore store = models.Store(parsed);
        var gallery = new FolderGallery(folder);
        if (models.NamesRecogniser(parsed) || gallery.List().Count == 0 || gallery.ReadRules().Sources is not { Count: > 0 } sources)
            return store;
        if (store.Current.Recogniser is null)
            throw new FaceDataException($"{store.Root}: no recogniser is in use in this folder of models. Name another with --models.");
        EmbeddingSource latest = sources[^1], source = sources.LastOrDefault(known => store.Has(known.Recogniser))
            ?? throw new FaceDataException(
                $"The gallery {folder} is embedded by {latest}, not by {store.Current.Recogniser}, and {store.Root} has no "
                + $"{latest.Recogniser}. Install it there with `ipunet import`, run `ipunet gallery reembed --folder "
                + $"{CommandWord.Of(folder)}`, or enrol everybody again with `--replace --recogniser {store.Current.Recogniser}`.");
        if (source != latest)
            terminal.Warn($"{store.Root} has no {latest.Recogniser}, which embedded {folder} last: faces enrolled with it are not found.");
        if (source.Recogniser == store.Current.Recogniser)
            return store;
        terminal.Note($"{folder} is embedded by {source.Recogniser}, so that recogniser is used. --recogniser names another.");
        return store.WithRecogniser(source.Recogniser);
    }

    /// <summary>The name of a gallery of the service.</summary>
    /// <exception cref="UsageException">The name is not valid.</exception>
    public static string RequireName(string gallery) =>
        GalleryName.FaultOf(gallery) is { } fault ? throw new UsageException($"The gallery's name {fault}. {GalleryName.Rule}") : gallery;

    /// <summary>Says at its end if the command closed the gallery's folder to other users.</summary>
    public static IDisposable TellClosing(string folder, Terminal terminal) => new Closing(folder, terminal);

    /// <summary>The error that a gallery has no subject.</summary>
    public static UsageException Empty(string folder) =>
        new($"{folder}: no subject is enrolled in this gallery. `ipunet enrol FOLDER --gallery {CommandWord.Of(folder)}` enrols some.");

    private sealed class Closing(string folder, Terminal terminal) : IDisposable
    {
        private readonly bool _wasOpen = PrivateFolder.IsOpenToOthers(folder);

        public void Dispose()
        {
            if (!_wasOpen)
                return;
            terminal.Note(PrivateFolder.IsOpenToOthers(folder)
                ? $"{folder} stays open to other users of this machine, because it held other files. The gallery's own files are closed."
                : $"{folder} is now closed to other users of this machine, because it holds data of faces.");
        }
    }
}
