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

/// <summary><c>ipunet gallery list</c>: says who is enrolled.</summary>
internal sealed class GalleryListCommand : CliCommand
{
    private readonly Option<string?> _gallery = new("--gallery", "-g") { Description = "Folder of the gallery.", HelpName = "DIR" };
    private readonly Option<string?> _stored = new("--stored") { Description = "Name of a gallery of the service, in the storage account.", HelpName = "NAME" };
    private readonly StorageArguments _storage;

    public GalleryListCommand(Terminal terminal)
        : base(terminal, "list", "Lists the subjects of a gallery: how many faces each has, what embedded them, and when they last changed. Says which cannot be used, and why.")
    {
        Options.Add(_gallery);
        Options.Add(_stored);
        _storage = new StorageArguments(this, Terminal);
        Validators.Add(result =>
        {
            if (result.GetValue(_gallery) is null == result.GetValue(_stored) is null)
                result.AddError("Give either --gallery or --stored.");
        });
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet gallery list --gallery gallery/", "Who is enrolled; subjects that cannot be used are reported."),
        ("ipunet gallery list --stored default", "The same of a gallery of the service."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) => parsed.GetValue(_stored) is { } stored
        ? _storage.UseAsync(parsed, async account => Show(stored, await ReadAsync(account, stored, cancellation)), cancellation)
        : Task.FromResult(Show(parsed.GetValue(_gallery)!, GalleryFolder.Read(parsed.GetValue(_gallery)!, Terminal, cancellation)));

    private async Task<GalleryContents> ReadAsync(StorageAccount account, string name, CancellationToken cancellation)
    {
        if (GalleryName.FaultOf(name) is { } fault)
            throw new UsageException($"The gallery's name {fault}. {GalleryName.Rule}");
        GalleryContents contents = await new BlobGallery(account, name, TimeProvider.System).LoadAsync(cancellation)
            ?? throw new UsageException($"There is no gallery '{name}' in storage.");
        foreach (var failure in contents.Failures)
            Terminal.Fail(failure.Message);
        return contents;
    }

    private int Show(string folder, GalleryContents contents)
    {
        var odd = contents.OddLengths();
        foreach (var failure in odd)
            Terminal.Fail(failure.Message);
        EmbeddingSource[] sources = [.. contents.Subjects.SelectMany(SourcesOf).Distinct()];
        Terminal.Write(Table(folder, contents.Subjects, showSources: sources.Length > 1));
        Terminal.WriteLine($"{contents.Subjects.Count} subjects, {contents.Subjects.Sum(subject => subject.Embeddings.Count)} faces.");
        if (sources is [var only])
            Terminal.WriteLine($"All were embedded by {only}.");
        return contents.Failures.Count + odd.Count > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    // Nearly always all are of one source, which is long to read.
    private static ReportTable Table(string folder, IReadOnlyList<SubjectRecord> subjects, bool showSources)
    {
        var table = new ReportTable(
            folder, [new("Subject"), new("Faces", Numeric: true), new("Last change, UTC"), .. showSources ? [new("Embedded by")] : Array.Empty<ReportColumn>()]);
        foreach (SubjectRecord subject in subjects)
            table.Add([
                subject.SubjectId,
                subject.Embeddings.Count.ToString(CultureInfo.InvariantCulture),
                subject.UpdatedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                .. showSources ? [string.Join("; ", SourcesOf(subject))] : Array.Empty<string>(),
            ]);
        return table;
    }

    private static IEnumerable<EmbeddingSource> SourcesOf(SubjectRecord subject) => subject.Embeddings.Select(face => face.Source).Distinct();
}
