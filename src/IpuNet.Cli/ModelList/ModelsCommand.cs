using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Models;

namespace IpuNet.Cli.ModelList;

/// <summary><c>ipunet models</c>: says which models are installed; its subcommands are about those in storage.</summary>
internal sealed class ModelsCommand : CliCommand
{
    private readonly Option<bool> _verify = new("--verify") { Description = "Read every model and compare its SHA-256 with its manifest." };
    private readonly ModelOptions _models;

    public ModelsCommand(Terminal terminal)
        : base(terminal, "models", "Lists the installed models: what each does, where it comes from, its licence, and whether it is in use. Its commands are about the models of the service.")
    {
        Options.Add(_verify);
        foreach (Command command in (Command[])[new ModelsListCommand(terminal), new ModelsShowCommand(terminal), new ModelsPublishCommand(terminal),
            new ModelsPromoteCommand(terminal), new ModelsRollbackCommand(terminal), new ModelsHistoryCommand(terminal), new ModelsVerifyCommand(terminal)])
            Subcommands.Add(command);
        _models = new ModelOptions(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet models --verify", "Also says whether a model file is damaged or was replaced."),
        ("ipunet models promote ipunet@4", "Has the service use a model that was published; `ipunet models rollback` undoes it."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        if (store.Ids.Count == 0)
            throw new UsageException($"{store.Root}: no model is installed.");
        var table = new ModelTable(store.Root);
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
                table.AddFault(id);
            }
        }

        Terminal.Write(table.Table);
        return Task.FromResult(failures > 0 ? ExitCode.SomeFailed : ExitCode.Done);
    }

    private static void AddRow(ModelTable table, ModelStore store, InstalledModel model, bool verify)
    {
        if (verify)
            model.ReadVerified();
        var file = new FileInfo(model.Path);
        table.Add(model.Manifest, store.Current, file.Exists ? (file.Length / 1e6).ToString("0.0", CultureInfo.InvariantCulture) : "missing", verify);
    }
}
