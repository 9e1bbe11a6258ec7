using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace IpuNet.CommandLine;

/// <summary>The usual help, and below it the command's examples.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is CliCommand { Examples: { Count: > 0 } examples })
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var (commandLine, purpose) in examples)
                output.WriteLine($"  {commandLine}\n      {purpose}");
            output.WriteLine();
        }

        return code;
    }
}
