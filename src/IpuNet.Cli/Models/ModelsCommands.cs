using System.CommandLine;
using System.Globalization;
using System.Text;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Models;

/// <summary><c>ipunet models</c>: the models on this machine.</summary>
internal sealed class ModelsCommand : Command
{
    public ModelsCommand(Terminal terminal)
        : base("models", "Lists, shows and verifies the models on this machine. `ipunet registry` does so for the models of the service.")
    {
        Command[] commands = [new ModelsListCommand(terminal), new ModelsShowCommand(terminal), new ModelsVerifyCommand(terminal)];
        foreach (Command command in commands)
        {
            // These were about the models in storage once.
            foreach (string option in (string[])["--account", "--connection-string"])
                command.Options.Add(new MovedOption(option, $"ipunet registry {command.Name}"));
            Subcommands.Add(command);
        }

        foreach (string moved in (string[])["history", "promote", "publish", "rollback"])
            Subcommands.Add(new MovedCommand(moved, $"ipunet registry {moved}"));
    }
}

/// <summary><c>ipunet models list</c>: lists the models on this machine.</summary>
internal sealed class ModelsListCommand : CliCommand
{
    private readonly ModelArguments _models;

    public ModelsListCommand(Terminal terminal)
        : base(terminal, "list", "Lists the models on this machine: kind, origin, licence, size, and which of them are in use.")
    {
        Options.Add(new JsonOption());
        _models = new ModelArguments(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet models list", "The models that the commands on this machine use."),
        ("ipunet models list --json", "The same for programs: one model a line."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) =>
        Task.FromResult(ModelTable.Show(Terminal, _models.Store(parsed), verify: false, cancellation));
}

/// <summary><c>ipunet models show</c>: shows the manifest of a model on this machine.</summary>
internal sealed class ModelsShowCommand : CliCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The model: name@version, or name for its highest version." };
    private readonly ModelArguments _models;

    public ModelsShowCommand(Terminal terminal)
        : base(terminal, "show", "Prints the manifest of a model on this machine, as JSON: origin, policies, measured accuracy.")
    {
        Arguments.Add(_id);
        _models = new ModelArguments(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples => [("ipunet models show ipunet@3", "The manifest of version 3.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Terminal.WriteManifest(_models.Store(parsed).Find(parsed.GetRequiredValue(_id)).Manifest);
        return Task.FromResult(ExitCode.Done);
    }
}

/// <summary><c>ipunet models verify</c>: compares the models on this machine with their manifests.</summary>
internal sealed class ModelsVerifyCommand : CliCommand
{
    private readonly ModelArguments _models;

    public ModelsVerifyCommand(Terminal terminal)
        : base(terminal, "verify", "Reads every model on this machine and compares its SHA-256 with its manifest.")
    {
        Options.Add(new JsonOption());
        _models = new ModelArguments(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet models verify", "Exit code 1 if a model file is damaged or was replaced.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) =>
        Task.FromResult(ModelTable.Show(Terminal, _models.Store(parsed), verify: true, cancellation));
}

/// <summary>Lists models with what their manifests say.</summary>
internal sealed class ModelTable(string title)
{
    private const int ShownDigits = 12;

    private readonly ReportTable _table = new(
        title, new("Model"), new("In use"), new("Kind"), new("From"), new("Licence"), new("MB", Numeric: true), new("SHA-256"));

    /// <summary>Lists the models of a folder, and reports those that cannot be used.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="store">The folder.</param>
    /// <param name="verify">Whether each file is read and compared with its manifest.</param>
    /// <param name="cancellation">Stops after the model in hand.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    /// <exception cref="UsageException">The folder has no model.</exception>
    public static int Show(Terminal terminal, ModelStore store, bool verify, CancellationToken cancellation)
    {
        if (store.Ids.Count == 0)
            throw new UsageException($"{store.Root}: the folder has no model. Name another with --models.");
        var table = new ModelTable(store.Root);
        int failures = 0;
        foreach (string id in store.Ids)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                InstalledModel model = store.Find(id);
                if (verify)
                    model.ReadVerified();
                var file = new FileInfo(model.Path);
                table.Add(model.Manifest, store.Current, file.Exists ? Megabytes(file.Length) : "missing", verify);
            }
            catch (FaceDataException fault)
            {
                failures++;
                terminal.Fail(fault.Message);
                table.AddFault(id);
            }
        }

        table.WriteTo(terminal);
        return failures > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    /// <summary>Adds a model.</summary>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="current">The models in use; null for none.</param>
    /// <param name="size">Its size in MB, or a text in place of it.</param>
    /// <param name="isVerified">Whether its file was compared with the manifest.</param>
    public void Add(ModelManifest manifest, CurrentModels? current, string size, bool isVerified) => _table.Add(
        manifest.Id,
        current?.Of(manifest.Kind) == manifest.Id ? "yes" : "",
        manifest.Kind.ToString().ToLowerInvariant(),
        manifest.Origin?.Package ?? (manifest.TrainedOn is { } sets ? $"trained on {string.Join(", ", sets)}" : ""),
        manifest.Licence ?? "",
        size,
        manifest.Sha256[..Math.Min(ShownDigits, manifest.Sha256.Length)] + (isVerified ? " verified" : ""));

    /// <summary>Adds a model that cannot be used.</summary>
    public void AddFault(string id) => _table.Add(id, "", "", "", "", "", "fault");

    public void WriteTo(Terminal terminal) => terminal.Write(_table);

    public static string Megabytes(long bytes) => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);
}

internal static class ManifestOutput
{
    /// <summary>Prints a manifest as JSON.</summary>
    public static void WriteManifest(this Terminal terminal, ModelManifest manifest) =>
        terminal.WriteLine(Encoding.UTF8.GetString(manifest.ToJson()).TrimEnd());
}
