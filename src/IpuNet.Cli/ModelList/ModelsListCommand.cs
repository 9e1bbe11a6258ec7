using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Service.Registry;

namespace IpuNet.Cli.ModelList;

/// <summary><c>ipunet models list</c>: says which models are in storage.</summary>
internal sealed class ModelsListCommand(Terminal terminal)
    : RegistryCommand(terminal, "list", "Lists the models in the storage account, and which of them the service uses.")
{
    public override IReadOnlyList<(string, string)> Examples => [("ipunet models list", "Those of the local cloud; with --account NAME those of an account in Azure.")];

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

        Terminal.Write(table.Table);
        Terminal.WriteLine($"In use: {Describe(current ?? new())}.");
        return failures > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }
}
