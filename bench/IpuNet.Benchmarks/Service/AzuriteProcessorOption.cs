using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;

namespace IpuNet.Benchmarks.Service;

/// <summary>
/// The option <c>--azurite-processor N</c>: gives Azurite a processor of its own. In Azure, storage does not use the processors of the
/// worker. On this machine it does, unless the two are kept apart.
/// </summary>
internal sealed class AzuriteProcessorOption : Option<int?>
{
    private const int MostProcessors = 4096;

    public AzuriteProcessorOption()
        : base("--azurite-processor")
    {
        Description =
            "Number of the processor that runs Azurite, from 0 (Linux). Run the command itself on other processors with taskset. Storage "
            + "then does not slow the measured part.";
        HelpName = "N";
        this.Within(0, MostProcessors - 1);
    }

    /// <summary>The processors of this program and of Azurite, in words.</summary>
    public static string Describe(int? processor)
    {
        string processors = Environment.ProcessorCount == 1 ? "processor" : "processors";
        string azurite = processor is { } own ? $", Azurite on processor {own}" : " shared with Azurite";
        return string.Create(CultureInfo.InvariantCulture, $"on {Environment.ProcessorCount} {processors}{azurite}");
    }
}
