using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Reports;
using IpuNet.Service.Registry;

namespace IpuNet.Cli.ModelList;

/// <summary><c>ipunet models history</c>: says which models were in use when, and why.</summary>
internal sealed class ModelsHistoryCommand(Terminal terminal)
    : RegistryCommand(terminal, "history", "Lists every change of the models that the service uses: what, when, by whom and why.")
{
    public override IReadOnlyList<(string, string)> Examples => [("ipunet models history", "Oldest first; the last is in use.")];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        var table = new ReportTable("Models in use", new("Revision", Numeric: true), new("UTC"), new("What"), new("By"), new("Models"), new("Why"));
        foreach (CurrentModels models in await registry.HistoryAsync(cancellation))
        {
            ModelChange change = models.Change!;
            table.Add(
                change.Revision.ToString(CultureInfo.InvariantCulture),
                change.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                change.Restores is { } restored ? $"rollback to {restored}" : "promotion",
                change.By,
                Describe(models),
                change.Reason ?? "");
        }

        Terminal.Write(table);
        return ExitCode.Done;
    }
}
