using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Benchmarks.Tests;

/// <summary>The command lines of `ipunet bench` in the documents are those of the program.</summary>
public class DocumentedCommandTests
{
    public static TheoryData<string, string, bool> CommandLines =>
    [
        .. DocumentedCommands.All.Where(line => line.Arguments.Split(' ')[0] == CommandTitle.Bench.Name)
            .Select(line => new TheoryDataRow<string, string, bool>(line.Document, line.Arguments, line.IsWhole)),
    ];

    [Theory]
    [MemberData(nameof(CommandLines))]
    public void CommandLine_OfADocument_IsOneOfTheProgram(string document, string arguments, bool isWhole) =>
        DocumentedCommands.FaultsOf([new BenchCommand(new Terminal(TextWriter.Null, TextWriter.Null))], arguments, isWhole)
            .ShouldBeEmpty(document);
}
