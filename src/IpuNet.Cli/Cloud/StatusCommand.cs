using System.CommandLine;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet status</c>: says how far a batch is.</summary>
internal sealed class StatusCommand : CliCommand
{
    private const int MostShown = 20;
    private static readonly TimeSpan LinkTime = TimeSpan.FromHours(1);

    private readonly Argument<string> _batch = new("BATCH") { Description = "The batch." };
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until each upload has its result." };
    private readonly StorageArguments _storage;

    public StatusCommand(Terminal terminal)
        : base(terminal, "status", "Says how far a batch is: which uploads have results, and how they went.")
    {
        Arguments.Add(_batch);
        Options.Add(_wait);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet status cam-7", "How far the batch is in the local cloud; exit code 1 where something was rejected or failed."),
        ("ipunet status cam-7 --wait --account ipunetprod", "Waits for the results of a batch in Azure."),
    ];

    /// <summary>Shows a batch's state, where asked for once it is complete.</summary>
    public static async Task<int> ShowAsync(StorageAccount account, string batch, bool wait, Terminal terminal, CancellationToken cancellation)
    {
        BatchProgress progress = wait
            ? await BatchProgress.WaitAsync(account, batch, terminal, cancellation)
            : await BatchProgress.ReadAsync(account, batch, cancellation);
        if (progress.Uploads == 0)
            throw new FaceDataException($"The batch '{batch}' has no uploads at {account.Address}. `ipunet upload IN... --batch {batch}` makes some.");
        terminal.Write(progress.ToTable(batch));
        await ShowRefusedAsync(account, progress.Refusing, terminal, cancellation);
        if (progress.Poisoned > 0)
            terminal.Warn("What is in poison gets no result by itself: `ipunet poison list` says why.");
        if (progress.Results.Count > 0 && progress.IsComplete)
            terminal.WriteLine($"The page about it: {PageOf(account, batch)}");
        return progress.AnyRefused ? ExitCode.SomeFailed : ExitCode.Done;
    }

    // The first by name, all by number; the page has them, too.
    private static async Task ShowRefusedAsync(
        StorageAccount account, IReadOnlyList<string> refusing, Terminal terminal, CancellationToken cancellation)
    {
        int shown = 0, all = 0;
        foreach (string upload in refusing)
        {
            string file = upload[(upload.IndexOf('/', StringComparison.Ordinal) + 1)..];
            // The results of the rest are not read: a batch has any number.
            IReadOnlyList<string> lines = shown == MostShown ? [file] : await RefusalsAsync(account, upload, file, cancellation);
            foreach (string line in lines.Take(MostShown - shown))
                terminal.Fail(line);
            shown = Math.Min(MostShown, shown + lines.Count);
            all += lines.Count;
        }

        if (all > shown)
            terminal.Fail($"{all - shown:N0} more files were refused; the page and their results say why.");
    }

    private static async Task<IReadOnlyList<string>> RefusalsAsync(StorageAccount account, string upload, string file, CancellationToken cancellation)
    {
        string name = $"{upload}.json";
        BinaryData json = (await account.Container(StorageNames.Results).GetBlobClient(name).DownloadContentAsync(cancellation)).Value.Content;
        try
        {
            if (!UploadName.IsArchive(file))
                return [$"{file}: {ImageAnswer.FromJson(json, name).Reason}"];
            ArchiveAnswer answer = ArchiveAnswer.FromJson(json);
            string[] refused = [.. answer.Entries.Refused.Select(entry => $"{file}: {entry.Name}: {entry.Reason}")];
            return refused.Length > 0 ? refused : [$"{file}: {answer.Reason}"];
        }
        catch (Exception error) when (error is FaceDataException or JsonException)
        {
            return [$"{file}: the result cannot be read: {error.Message}"];
        }
    }

    // A browser has no key. Where the account is a local one, whose key is here, the address lets in by itself for a while.
    private static Uri PageOf(StorageAccount account, string batch)
    {
        BlobClient page = account.Container(StorageNames.Results).GetBlobClient(StorageNames.Report(batch));
        return page.CanGenerateSasUri ? page.GenerateSasUri(BlobSasPermissions.Read, DateTimeOffset.UtcNow + LinkTime) : page.Uri;
    }

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string batch = BatchArguments.Require(parsed.GetRequiredValue(_batch));
        return _storage.UseAsync(parsed, account => ShowAsync(account, batch, parsed.GetValue(_wait), Terminal, cancellation), cancellation);
    }
}
