using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;

namespace IpuNet.Benchmarks;

/// <summary>
/// <c>--azurite-processor N</c>: Azurite, which stands for storage, gets a processor of its own. In Azure storage takes nothing of the worker's processors; here it takes
/// what the service then lacks, unless the two are kept apart.
/// </summary>
internal sealed class AzuriteProcessorOption : Option<int?>
{
    private const int MostProcessors = 4096;

    public AzuriteProcessorOption()
        : base("--azurite-processor")
    {
        Description = "Processor that Azurite runs on, from 0 (Linux). Run the command itself on the others, with taskset: storage then takes nothing of what is measured.";
        HelpName = "N";
        this.Within(0, MostProcessors - 1);
    }

    /// <summary>Says who runs where.</summary>
    public static string Describe(int? processor) => string.Create(
        CultureInfo.InvariantCulture,
        $"on {Environment.ProcessorCount} {(Environment.ProcessorCount == 1 ? "processor" : "processors")}{(processor is { } own ? $", Azurite on processor {own}" : " that Azurite shares")}");
}
