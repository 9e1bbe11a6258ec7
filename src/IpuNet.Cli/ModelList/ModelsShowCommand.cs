using System.CommandLine;
using System.Text;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Service.Registry;

namespace IpuNet.Cli.ModelList;

/// <summary><c>ipunet models show</c>: shows the manifest of a model in storage.</summary>
internal sealed class ModelsShowCommand : RegistryCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The model, as name@version." };

    public ModelsShowCommand(Terminal terminal)
        : base(terminal, "show", "Shows all that is known of a model in the storage account: its manifest, with what was measured.") => Arguments.Add(_id);

    public override IReadOnlyList<(string, string)> Examples => [("ipunet models show ipunet@4", "The manifest, as JSON.")];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        string id = parsed.GetRequiredValue(_id);
        var manifest = await registry.FindAsync(id, cancellation)
            ?? throw new FaceDataException($"There is no model '{id}' in storage. `ipunet models list` names those that there are.");
        Terminal.WriteLine(Encoding.UTF8.GetString(manifest.ToJson()).TrimEnd());
        return ExitCode.Done;
    }
}
