using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Reports;
using IpuNet.Service.Registry;

namespace IpuNet.Cli.Models;

/// <summary>A command about the models in the service's storage.</summary>
internal abstract class RegistryCommand : CliCommand
{
    private readonly StorageArguments _storage;

    protected RegistryCommand(Terminal terminal, string name, string description)
        : base(terminal, name, description) => _storage = new StorageArguments(this, terminal);

    /// <summary>All of <c>ipunet registry</c>.</summary>
    public static Command Group(Terminal terminal) => new("registry", "Manages the models in the service's storage.")
    {
        new RegistryListCommand(terminal),
        new RegistryShowCommand(terminal),
        new RegistryHistoryCommand(terminal),
        new RegistryPublishCommand(terminal),
        new RegistryPromoteCommand(terminal),
        new RegistryRollbackCommand(terminal),
        new RegistryVerifyCommand(terminal),
    };

    /// <summary>The user's name for the history: user@machine.</summary>
    protected static string User => $"{Environment.UserName}@{Environment.MachineName}";

    protected static Option<string?> ReasonOption() =>
        new("--reason", "-r") { Description = "Reason for the change. The history keeps it.", HelpName = "TEXT" };

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(
        parsed, account => RunAsync(new ModelRegistry(account, TimeProvider.System), parsed, cancellation), cancellation);

    /// <returns>An <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation);

    /// <summary>Reports a change of the models in use.</summary>
    protected void ReportChange(CurrentModels models)
    {
        Terminal.WriteLine($"Revision {models.Change?.Revision ?? 0}: {Describe(models)}");
        Terminal.WriteLine("Workers switch within half a minute. They switch to a recogniser once every gallery is re-embedded.");
    }

    /// <summary>The models in use, in words.</summary>
    protected static string Describe(CurrentModels models)
    {
        string[] named = [.. Enum.GetValues<ModelKind>().Select(models.Of).OfType<string>()];
        return named is [] ? "each worker's own models" : string.Join(", ", named);
    }
}

/// <summary><c>ipunet registry list</c>: lists the models in storage.</summary>
internal sealed class RegistryListCommand : RegistryCommand
{
    public RegistryListCommand(Terminal terminal)
        : base(terminal, "list", "Lists the models in the storage account, and which of them the service uses.") =>
        Options.Add(new JsonOption());

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet registry list", "The models of the local cloud."),
        ("ipunet registry list --account ipunetprod", "The models of a storage account in Azure."),
    ];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        CurrentModels? current = await registry.CurrentAsync(cancellation);
        var table = new ModelTable("Models in storage");
        int failures = 0;
        foreach (string id in await registry.IdsAsync(cancellation))
        {
            try
            {
                if (await registry.FindAsync(id, cancellation) is { } manifest)
                    table.Add(manifest, current, "", isVerified: false);
            }
            catch (FaceDataException fault)
            {
                failures++;
                Terminal.Fail(fault.Message);
                table.AddFault(id);
            }
        }

        table.WriteTo(Terminal);
        Terminal.WriteLine($"In use: {Describe(current ?? new())}.");
        return failures > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }
}

/// <summary><c>ipunet registry show</c>: shows the manifest of a model in storage.</summary>
internal sealed class RegistryShowCommand : RegistryCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The model: name@version." };

    public RegistryShowCommand(Terminal terminal)
        : base(terminal, "show", "Prints the manifest of a model in the storage account, as JSON: origin, policies, measured accuracy.") =>
        Arguments.Add(_id);

    public override IReadOnlyList<(string, string)> Examples => [("ipunet registry show ipunet@4", "The manifest of version 4.")];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        string id = parsed.GetRequiredValue(_id);
        Terminal.WriteManifest(await registry.FindAsync(id, cancellation)
            ?? throw new FaceDataException($"Storage has no model '{id}'. `ipunet registry list` lists its models."));
        return ExitCode.Done;
    }
}

/// <summary><c>ipunet registry history</c>: lists which models the service used when.</summary>
internal sealed class RegistryHistoryCommand : RegistryCommand
{
    public RegistryHistoryCommand(Terminal terminal)
        : base(terminal, "history", "Lists every change of the models that the service uses: what changed, when, by whom and why.") =>
        Options.Add(new JsonOption());

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet registry history", "The oldest change comes first; the models of the last are in use.")];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        var table = new ReportTable(
            "Models in use", new("Revision", Numeric: true), new("UTC"), new("What"), new("By"), new("Models"), new("Why"));
        foreach (CurrentModels models in await registry.HistoryAsync(cancellation))
        {
            ModelChange change = models.Change!;
            table.Add(
                change.Revision.ToString(CultureInfo.InvariantCulture),
                Terminal.TextOf(change.At),
                change.Restores is { } restored ? $"rollback to {restored}" : "promotion",
                change.By,
                Describe(models),
                change.Reason ?? "");
        }

        Terminal.Write(table);
        return ExitCode.Done;
    }
}

/// <summary><c>ipunet registry publish</c>: copies a model from this machine into storage.</summary>
internal sealed class RegistryPublishCommand : RegistryCommand
{
    private readonly Argument<string> _id =
        new("ID") { Description = "A model on this machine: name@version, or name for its highest version." };
    private readonly ModelArguments _models;

    public RegistryPublishCommand(Terminal terminal)
        : base(
            terminal, "publish",
            "Copies a model from this machine into the storage account. A published model never changes. `promote` puts it in use.")
    {
        Arguments.Add(_id);
        _models = new ModelArguments(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet registry publish ipunet@4", "`ipunet registry promote ipunet@4` then puts it in use.")];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        InstalledModel model = _models.Store(parsed).Find(parsed.GetRequiredValue(_id));
        ModelManifest published = await registry.PublishAsync(model.Manifest, model.ReadVerified(), cancellation);
        Terminal.WriteLine($"{published.Id} is in storage, with SHA-256 {published.Sha256}.");
        return ExitCode.Done;
    }
}

/// <summary><c>ipunet registry promote</c>: puts models in use.</summary>
internal sealed class RegistryPromoteCommand : RegistryCommand
{
    private readonly Argument<string[]> _ids =
        new("ID") { Description = "Models in storage as name@version, at most one of each kind.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _reason = ReasonOption();

    public RegistryPromoteCommand(Terminal terminal)
        : base(terminal, "promote", "Puts models of the storage account in use. Each replaces the model of its kind.")
    {
        Arguments.Add(_ids);
        Options.Add(_reason);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet registry promote ipunet@4 --reason \"better below 20 px\"", "Workers switch without a restart, and lose no upload."),
        (
            "ipunet registry promote facenet@1 ipunet@5",
            "A recogniser, and an enhancer with thresholds for it. `ipunet gallery reembed` comes next."),
    ];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        var request = new ModelChangeRequest(User, parsed.GetValue(_reason));
        ReportChange(await registry.PromoteAsync(parsed.GetRequiredValue(_ids), request, cancellation));
        return ExitCode.Done;
    }
}

/// <summary><c>ipunet registry rollback</c>: puts the former models in use again.</summary>
internal sealed class RegistryRollbackCommand : RegistryCommand
{
    private readonly Option<int?> _revision = new("--to")
    {
        Description = "Revision to go back to. 0 means the models before the first promotion. Default: the revision before the last one.",
        HelpName = "REVISION",
    };
    private readonly Option<string?> _reason = ReasonOption();

    public RegistryRollbackCommand(Terminal terminal)
        : base(
            terminal, "rollback",
            "Puts the models in use that were in use before the last promotion. A second rollback goes one promotion further back.")
    {
        Options.Add(_revision.AtLeast(0));
        Options.Add(_reason);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet registry rollback --reason \"too many strangers named\"", "Workers switch within half a minute."),
        ("ipunet registry rollback --to 3", "Goes back to revision 3 of `ipunet registry history`."),
    ];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        var request = new ModelChangeRequest(User, parsed.GetValue(_reason));
        ReportChange(await registry.RollbackAsync(request, parsed.GetValue(_revision), cancellation));
        return ExitCode.Done;
    }
}

/// <summary><c>ipunet registry verify</c>: compares the models in storage with their manifests.</summary>
internal sealed class RegistryVerifyCommand : RegistryCommand
{
    public RegistryVerifyCommand(Terminal terminal)
        : base(
            terminal, "verify",
            "Downloads every model of the storage account and compares its SHA-256 with its manifest, and the models in use with the "
            + "history.") => Options.Add(new JsonOption());

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet registry verify", "Exit code 1 if a model is damaged, or in use but missing.")];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        var table = new ModelTable("Models in storage");
        CurrentModels current = await registry.CurrentAsync(cancellation) ?? new();
        IReadOnlyList<string> ids = await registry.IdsAsync(cancellation);
        List<string> faults = [];
        await ProgressDisplay.RunAsync(Terminal, "models", ids.Count, async progress =>
        {
            for (int i = 0; i < ids.Count; i++)
            {
                try
                {
                    InstalledModel model = await registry.DownloadAsync(ids[i], cancellation);
                    table.Add(model.Manifest, current, ModelTable.Megabytes(model.ReadVerified().Length), isVerified: true);
                }
                catch (FaceDataException fault)
                {
                    faults.Add(fault.Message);
                    table.AddFault(ids[i]);
                }

                progress.Report(new ProgressCount(i + 1));
            }

            return true;
        });
        foreach (string absent in Enum.GetValues<ModelKind>().Select(current.Of).OfType<string>().Except(ids))
            faults.Add($"{absent} is in use but is not in storage: publish it, or roll back.");
        CurrentModels last = await registry.HistoryAsync(cancellation) is [.., var latest] ? latest : new();
        if (last != current)
            faults.Add(
                "The models in use are not those of the last revision: models/current.json was changed by hand. Promote or roll back "
                + "once more.");

        table.WriteTo(Terminal);
        foreach (string fault in faults)
            Terminal.Fail(fault);
        return faults.Count > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }
}
