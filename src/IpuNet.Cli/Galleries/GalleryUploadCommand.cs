using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Reports;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Galleries;

/// <summary><c>ipunet gallery upload</c>: takes a gallery in a folder into the service.</summary>
internal sealed class GalleryUploadCommand : CliCommand
{
    private readonly Argument<string> _folder = new("DIR") { Description = "Folder of the gallery, as `ipunet enrol` makes it." };
    private readonly Option<string> _gallery = new("--gallery", "-g")
    {
        Description = "Name of the gallery of the service. Upload adds to an existing gallery, and otherwise creates it.",
        HelpName = "NAME",
        Required = true,
    };

    private readonly StorageArguments _storage;

    public GalleryUploadCommand(Terminal terminal)
        : base(
            terminal, "upload",
            "Copies a gallery from a folder into the service, with its embeddings and aligned faces. A subject that the service deleted "
            + "after its enrolment here is listed, and not copied. To resume a stopped run, start it again.")
    {
        Arguments.Add(_folder);
        Options.Add(_gallery);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet gallery upload gallery/ --gallery staff", "Copies all subjects of gallery/ into the gallery 'staff' of the service.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetRequiredValue(_folder), gallery = GalleryArguments.RequireName(parsed.GetRequiredValue(_gallery));
        GalleryContents contents = GalleryArguments.Read(folder, Terminal, cancellation);
        if (contents.Subjects.Count + contents.Failures.Count == 0)
            throw GalleryArguments.Empty(folder);
        return _storage.UseAsync(parsed, account => UploadAsync(account, folder, contents, gallery, cancellation), cancellation);
    }

    private async Task<int> UploadAsync(
        StorageAccount account, string folder, GalleryContents contents, string gallery, CancellationToken cancellation)
    {
        int total = contents.Subjects.Count;
        GalleryUploadReport report = await ProgressDisplay.RunAsync(Terminal, $"subjects to {gallery}", total, progress =>
            new GalleryUpload(account, TimeProvider.System).RunAsync(
                new FolderGallery(folder), contents.Subjects, gallery, done => progress.Report(new ProgressCount(done, total)),
                cancellation));
        foreach (LeftSubject left in report.LeftOut)
            Terminal.Fail($"{left.SubjectId}: {left.Reason}");
        Terminal.WriteLine(
            $"{gallery}: {Counted.Of(report.Subjects, total, "subject")} in the service, with {Counted.Of(report.Faces, "embedding")}.");
        if (report.IsBehind)
        {
            // As after an enrolment by a worker with the former models.
            string job = await EnrolmentJobs.SendReembeddingAsync(account, gallery, leaveBehind: false, cancellation);
            Terminal.Note($"The service searches {gallery} by another recogniser, too: job {job} in the queue has these subjects follow.");
        }

        return report.LeftOut.Count + contents.Failures.Count > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }
}
