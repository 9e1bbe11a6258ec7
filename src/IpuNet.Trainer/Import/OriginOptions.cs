using System.CommandLine;
using IpuNet.Training.Import;

namespace IpuNet.Trainer.Import;

/// <summary>What a manifest says of weights that others trained.</summary>
internal sealed class OriginOptions
{
    private readonly Option<string?> _publisher = new("--publisher") { Description = "Who published the weights, for the manifest.", HelpName = "TEXT" };
    private readonly Option<string?> _source = new("--source") { Description = "Where they were published, for the manifest.", HelpName = "URL" };
    private readonly Option<string?> _licence = new("--licence") { Description = "Their licence, for the manifest.", HelpName = "TEXT" };

    public OriginOptions(Command command)
    {
        foreach (Option option in (Option[])[_publisher, _source, _licence])
            command.Options.Add(option);
    }

    public WeightsOrigin Read(ParseResult parsed) => new(parsed.GetValue(_publisher), parsed.GetValue(_source), parsed.GetValue(_licence));
}
