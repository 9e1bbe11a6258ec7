using System.CommandLine;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet status</c>: shows the progress of a batch.</summary>
internal sealed class StatusCommand : CliCommand
{
    private const int MostShown = 20;
    private static readonly TimeSpan LinkTime = TimeSpan.FromHours(1);

    private readonly Argument<string> _batch = new("BATCH") { Description = "Name of the batch." };
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until every upload has a result." };
    private readonly StorageArguments _storage;

    public StatusCommand(Terminal terminal)
        : base(terminal, "status", "Shows the progress of a batch: how many uploads have a result, and which were refused.")
    {
        Arguments.Add(_batch);
        Options.Add(_wait);
        Options.Add(new JsonOption());
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet status cam-7", "A batch in the local cloud. Exit code 1 if an upload was rejected or failed."),
        ("ipunet status cam-7 --wait --account ipunetprod", "Waits for the results of a batch in Azure."),
    ];

    /// <summary>Shows a batch's progress, at once or when the batch is complete.</summary>
    public static async Task<int> ShowAsync(
        StorageAccount account, string batch, bool wait, Terminal terminal, CancellationToken cancellation)
    {
        BatchProgress progress = wait
            ? await BatchProgress.WaitAsync(account, batch, terminal, cancellation)
            : await BatchProgress.ReadAsync(account, batch, cancellation);
        if (progress.Uploads == 0)
            throw new FaceDataException(
                $"The batch '{batch}' has no uploads at {account.Address}. `ipunet upload IN --batch {batch}` uploads some.");
        terminal.Write(progress.ToTable(batch));
        if (progress.Archives > 0)
            terminal.WriteLine($"The files include {Counted.Of(progress.Archives, "archive")}, counted beside the images that were in "
                + $"{(progress.Archives == 1 ? "it" : "them")}.");
        await ShowRefusedAsync(account, progress.Refused, terminal, cancellation);
        if (progress.Poisoned > 0)
            terminal.Warn("Uploads in poison get no result. `ipunet poison list` says why, `ipunet poison requeue` tries them again.");
        if (progress.Results.Count > 0 && progress.IsComplete)
            terminal.WriteLine($"Report: {PageOf(account, batch)}");
        return progress.AnyRefused ? ExitCode.SomeFailed : ExitCode.Done;
    }

    // Names the first refused files and counts the rest, which the report names.
    private static async Task ShowRefusedAsync(
        StorageAccount account, IReadOnlyList<string> refused, Terminal terminal, CancellationToken cancellation)
    {
        int shown = 0, all = 0;
        foreach (string upload in refused)
        {
            string file = upload[(upload.IndexOf('/', StringComparison.Ordinal) + 1)..];
            // The results of the rest are not read, because a batch may have very many.
            IReadOnlyList<string> lines = shown == MostShown ? [file] : await RefusalsAsync(account, upload, file, cancellation);
            foreach (string line in lines.Take(MostShown - shown))
                terminal.Fail(line);
            shown = Math.Min(MostShown, shown + lines.Count);
            all += lines.Count;
        }

        if (all > shown)
            terminal.Fail($"{Counted.Of(all - shown, "more file was", "more files were")} refused. The report and their results say why.");
    }

    private static async Task<IReadOnlyList<string>> RefusalsAsync(
        StorageAccount account, string upload, string file, CancellationToken cancellation)
    {
        string name = $"{upload}.json";
        BlobClient result = account.Container(StorageNames.Results).GetBlobClient(name);
        BinaryData json = (await result.DownloadContentAsync(cancellation)).Value.Content;
        try
        {
            if (!UploadName.IsArchive(file))
                return [$"{file}: {ImageAnswer.FromJson(json, name).Reason}"];
            ArchiveAnswer answer = ArchiveAnswer.FromJson(json);
            string[] entries = [.. answer.Entries.Refused.Select(entry => $"{file}: {entry.Name}: {entry.Reason}")];
            return entries.Length > 0 ? entries : [$"{file}: {answer.Reason}"];
        }
        catch (Exception error) when (error is FaceDataException or JsonException)
        {
            return [$"{file}: the result cannot be read: {error.Message}"];
        }
    }

    // A browser has no key. The key of the local cloud is at hand: the address is then signed for an hour.
    private static Uri PageOf(StorageAccount account, string batch)
    {
        BlobClient page = account.Container(StorageNames.Results).GetBlobClient(StorageNames.Report(batch));
        return page.CanGenerateSasUri ? page.GenerateSasUri(BlobSasPermissions.Read, DateTimeOffset.UtcNow + LinkTime) : page.Uri;
    }

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string batch = BatchArguments.Require(parsed.GetRequiredValue(_batch));
        return _storage.UseAsync(
            parsed, account => ShowAsync(account, batch, parsed.GetValue(_wait), Terminal, cancellation), cancellation);
    }
}
