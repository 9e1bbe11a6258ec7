using System.CommandLine;
using System.Globalization;
using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Terminals;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Galleries;

/// <summary><c>ipunet gallery list</c>: says who is enrolled.</summary>
internal sealed class GalleryListCommand : CliCommand
{
    private readonly Option<string> _gallery = GalleryFolder.CreateOption();

    public GalleryListCommand(Terminal terminal)
        : base(terminal, "list", "Lists the subjects of a gallery: how many faces each has, what embedded them, and when they last changed.") =>
        Options.Add(_gallery);

    public override IReadOnlyList<(string, string)> Examples => [("ipunet gallery list --gallery gallery/", "Who is enrolled; files that cannot be read are reported.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetRequiredValue(_gallery);
        GalleryContents contents = GalleryFolder.Read(folder, Terminal, cancellation);
        EmbeddingSource[] sources = [.. contents.Subjects.SelectMany(SourcesOf).Distinct()];
        Terminal.Write(Table(folder, contents.Subjects, showSources: sources.Length > 1));
        Terminal.WriteLine($"{contents.Subjects.Count} subjects, {contents.Subjects.Sum(subject => subject.Embeddings.Count)} faces.");
        if (sources is [var only])
            Terminal.WriteLine($"All were embedded by {only}.");
        return Task.FromResult(contents.Failures.Count > 0 ? ExitCode.SomeFailed : ExitCode.Done);
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
