using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Service.Registry;

namespace IpuNet.Cli.ModelList;

/// <summary><c>ipunet models publish</c>: brings an installed model into storage.</summary>
internal sealed class ModelsPublishCommand : RegistryCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The installed model, as name@version, or name for its highest version." };
    private readonly CommandLine.ModelOptions _models;

    public ModelsPublishCommand(Terminal terminal)
        : base(terminal, "publish", "Brings a model of this machine into the storage account, where it never changes. It is not in use by that.")
    {
        Arguments.Add(_id);
        _models = new CommandLine.ModelOptions(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples => [("ipunet models publish ipunet@4", "To be put in use with `ipunet models promote ipunet@4`.")];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        InstalledModel model = _models.Store(parsed).Find(parsed.GetRequiredValue(_id));
        ModelManifest published = await registry.PublishAsync(model.Manifest, model.ReadVerified(), cancellation);
        Terminal.WriteLine($"{published.Id} is in storage, with SHA-256 {published.Sha256}.");
        return ExitCode.Done;
    }
}
