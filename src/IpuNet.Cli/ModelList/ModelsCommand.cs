using System.CommandLine;
using System.Globalization;
using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.ModelList;

/// <summary><c>ipunet models</c>: says which models are installed.</summary>
internal sealed class ModelsCommand : CliCommand
{
    private readonly Option<bool> _verify = new("--verify") { Description = "Read every model and compare its SHA-256 with its manifest." };
    private readonly ModelOptions _models;

    public ModelsCommand(Terminal terminal)
        : base(terminal, "models", "Lists the installed models: what each does, where it comes from, its licence, and whether it is in use.")
    {
        Options.Add(_verify);
        _models = new ModelOptions(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples => [("ipunet models --verify", "Also says whether a model file is damaged or was replaced.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        if (store.Ids.Count == 0)
            throw new UsageException($"{store.Root}: no model is installed.");
        var table = new ReportTable(
            store.Root, new("Model"), new("In use"), new("Kind"), new("From"), new("Licence"), new("MB", Numeric: true), new("SHA-256"));
        int failures = 0;
        foreach (string id in store.Ids)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                AddRow(table, store, store.Find(id), parsed.GetValue(_verify));
            }
            catch (FaceDataException fault)
            {
                failures++;
                Terminal.Fail(fault.Message);
                table.Add(id, "", "", "", "", "", "fault");
            }
        }

        Terminal.Write(table);
        return Task.FromResult(failures > 0 ? ExitCode.SomeFailed : ExitCode.Done);
    }

    private static void AddRow(ReportTable table, ModelStore store, InstalledModel model, bool verify)
    {
        ModelManifest manifest = model.Manifest;
        if (verify)
            model.ReadVerified();
        var file = new FileInfo(model.Path);
        table.Add(
            model.Id,
            store.Current.Of(manifest.Kind) == model.Id ? "yes" : "",
            manifest.Kind.ToString().ToLowerInvariant(),
            manifest.Origin?.Package ?? (manifest.TrainedOn is { } sets ? $"trained on {string.Join(", ", sets)}" : ""),
            manifest.Licence ?? "",
            file.Exists ? (file.Length / 1e6).ToString("0.0", CultureInfo.InvariantCulture) : "missing",
            manifest.Sha256[..Math.Min(12, manifest.Sha256.Length)] + (verify ? " verified" : ""));
    }
}
