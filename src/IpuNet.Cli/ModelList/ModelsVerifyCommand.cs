using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Service.Registry;

namespace IpuNet.Cli.ModelList;

/// <summary><c>ipunet models verify</c>: compares the models in storage with their manifests.</summary>
internal sealed class ModelsVerifyCommand(Terminal terminal)
    : RegistryCommand(terminal, "verify", "Downloads every model of the storage account, compares its SHA-256 with its manifest, and the models in use with the history.")
{
    public override IReadOnlyList<(string, string)> Examples => [("ipunet models verify", "Exit code 1 where a model is damaged or is in use but not there.")];

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
                    byte[] data = model.ReadVerified();
                    table.Add(model.Manifest, current, (data.Length / 1e6).ToString("0.0", CultureInfo.InvariantCulture), isVerified: true);
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
            faults.Add($"{absent} is in use, and is not there: publish it, or roll back.");
        CurrentModels last = await registry.HistoryAsync(cancellation) is [.., var latest] ? latest : new();
        if (last != current)
            faults.Add("The models in use are not those of the last revision: models/current.json was changed by hand. Promote or roll back once more.");

        Terminal.Write(table.Table);
        foreach (string fault in faults)
            Terminal.Fail(fault);
        return faults.Count > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }
}
