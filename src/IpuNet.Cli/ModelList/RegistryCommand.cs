using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Service.Registry;

namespace IpuNet.Cli.ModelList;

/// <summary>A command about the models in storage.</summary>
internal abstract class RegistryCommand : CliCommand
{
    private readonly StorageArguments _storage;

    protected RegistryCommand(Terminal terminal, string name, string description)
        : base(terminal, name, description) => _storage = new StorageArguments(this, terminal);

    /// <summary>Who this is, for the history.</summary>
    protected static string User => $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>Why a change is made.</summary>
    protected static Option<string?> ReasonOption() => new("--reason", "-r") { Description = "Why; it stands in the history.", HelpName = "TEXT" };

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(
        parsed, account => RunAsync(new ModelRegistry(account, TimeProvider.System), parsed, cancellation), cancellation);

    /// <returns>An <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation);

    /// <summary>Says which models are in use.</summary>
    protected void Say(CurrentModels models)
    {
        Terminal.WriteLine($"Revision {models.Change?.Revision ?? 0}: {Describe(models)}");
        Terminal.WriteLine("Workers run them within half a minute; a recogniser waits until every gallery is re-embedded.");
    }

    /// <summary>The models in use, in words.</summary>
    protected static string Describe(CurrentModels models)
    {
        string[] named = [.. Enum.GetValues<ModelKind>().Select(models.Of).OfType<string>()];
        return named is [] ? "each worker's own models" : string.Join(", ", named);
    }
}
