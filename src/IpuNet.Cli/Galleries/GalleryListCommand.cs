using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Reports;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Galleries;

/// <summary><c>ipunet gallery list</c>: lists the subjects of a gallery.</summary>
internal sealed class GalleryListCommand : CliCommand
{
    private readonly Option<string?> _gallery = new("--gallery", "-g") { Description = "Folder of the gallery.", HelpName = "DIR" };
    private readonly Option<string?> _stored =
        new("--stored") { Description = "Name of a gallery of the service.", HelpName = "NAME" };
    private readonly StorageArguments _storage;

    public GalleryListCommand(Terminal terminal)
        : base(
            terminal, "list",
            "Lists the subjects of a gallery: number of faces, source of the embeddings, last change. Reports damaged subjects.")
    {
        Options.Add(_gallery);
        Options.Add(_stored);
        Options.Add(new JsonOption());
        _storage = new StorageArguments(this, Terminal);
        _gallery.Refuse([_stored, .. _storage.All]);
        Validators.Add(result =>
        {
            if (result.GetResult(_gallery) is null && result.GetResult(_stored) is null)
                result.AddError("Name one gallery, with either --gallery or --stored.");
        });
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet gallery list --gallery gallery/", "The subjects of a gallery on this machine."),
        ("ipunet gallery list --stored default", "The subjects of the service's gallery 'default'."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) => parsed.GetValue(_stored) is { } stored
        ? _storage.UseAsync(parsed, async account => Show(stored, await ReadAsync(account, stored, cancellation)), cancellation)
        : Task.FromResult(Show(parsed.GetValue(_gallery)!, GalleryArguments.Read(parsed.GetValue(_gallery)!, Terminal, cancellation)));

    private async Task<GalleryContents> ReadAsync(StorageAccount account, string name, CancellationToken cancellation)
    {
        string required = GalleryArguments.RequireName(name);
        GalleryContents contents = await new BlobGallery(account, required, TimeProvider.System).LoadAsync(cancellation)
            ?? throw new UsageException(
                $"Storage has no gallery '{name}'. `ipunet enqueue enrolment --gallery {name}` makes it with its first subject.");
        foreach (var failure in contents.Failures)
            Terminal.Fail(failure.Message);
        return contents;
    }

    private int Show(string folder, GalleryContents contents)
    {
        var oddLengths = contents.OddLengths();
        foreach (var failure in oddLengths)
            Terminal.Fail(failure.Message);
        EmbeddingSource[] sources = [.. contents.Subjects.SelectMany(SourcesOf).Distinct()];
        if (contents.Subjects.Count == 0)
        {
            Terminal.WriteLine($"{folder}: no subjects.");
        }
        else
        {
            Terminal.Write(Table(folder, contents.Subjects, showSources: sources.Length > 1));
            Terminal.WriteLine(
                $"{Counted.Of(contents.Subjects.Count, "subject")}, {Counted.Of(contents.Subjects.Sum(FacesOf), "face")}.");
        }

        if (sources is [var only])
            Terminal.WriteLine($"The recogniser {only.Recogniser} made all embeddings, from faces aligned by {only.Alignment}.");
        return contents.Failures.Count + oddLengths.Count > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    // A source is long to read, and nearly all galleries have one alone.
    private ReportTable Table(string folder, IReadOnlyList<SubjectRecord> subjects, bool showSources)
    {
        var table = new ReportTable(
            folder,
            [
                new("Subject"), new("Faces", Numeric: true), new("Last change, UTC"),
                .. Terminal.PrintsJson ? [new("Recogniser"), new("Alignment")]
                    : showSources ? [new("Embedded by")] : Array.Empty<ReportColumn>(),
            ]);
        foreach (SubjectRecord subject in subjects)
            table.Add([
                subject.SubjectId,
                FacesOf(subject).ToString(CultureInfo.InvariantCulture),
                Terminal.TextOf(subject.UpdatedAt),
                .. Terminal.PrintsJson ? [Joined(subject, source => source.Recogniser), Joined(subject, source => source.Alignment)]
                    : showSources ? [string.Join("; ", SourcesOf(subject))] : Array.Empty<string>(),
            ]);
        return table;
    }

    // A face is that of an image, and may be embedded by several models.
    private static int FacesOf(SubjectRecord subject) =>
        subject.Embeddings.Select(face => face.Provenance.Sha256).Distinct(StringComparer.Ordinal).Count();

    private static string Joined(SubjectRecord subject, Func<EmbeddingSource, string> name) =>
        string.Join(", ", SourcesOf(subject).Select(name).Distinct());

    private static IEnumerable<EmbeddingSource> SourcesOf(SubjectRecord subject) =>
        subject.Embeddings.Select(face => face.Source).Distinct();
}
