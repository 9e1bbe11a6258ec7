using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IpuNet.Contract;
using IpuNet.Infrastructure.Tests.Contract;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace IpuNet.Infrastructure.Tests.Documents;

/// <summary>
/// Checks the samples in the documents: the programs read the JSON, the C# compiles, and the shell commands name existing files.
/// </summary>
public sealed partial class SampleTests
{
    // The reader of each kind of JSON. The tests of training read the experiments.
    private static readonly Dictionary<string, Action<byte[]>> Readers = new()
    {
        ["face-batch-message"] = json => JobSerializer.Read<FaceBatchMessage>(json),
        ["enrolment-message"] = json => JobSerializer.Read<EnrolmentMessage>(json),
        ["retraining-message"] = json => JobSerializer.Read<RetrainingMessage>(json),
        ["message-reference"] = json => JobSerializer.Read<MessageReference>(json),
        ["image-answer"] = json => ImageAnswer.FromJson(json, "The sample"),
        ["archive-answer"] = json => ArchiveAnswer.FromJson(json),
        ["batch-summary"] = json => BatchSummary.FromJson(json),
        ["enrolment-answer"] = json => EnrolmentAnswer.FromJson(json, "The sample"),
        ["retraining-answer"] = json => RetrainingAnswer.FromJson(json, "The sample"),
        ["poison-entry"] = json => PoisonEntry.FromJson(json, "The sample"),
    };

    private static readonly Lazy<string> Sources = new(() => string.Concat(Repository.Find("src", ".cs").Select(Repository.Read)));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> JsonSamples =>
    [
        .. Samples("json").Where(sample => sample.Kind != "experiment")
            .Select(sample => new TheoryDataRow<string, string, string>(sample.Document, sample.Kind, sample.Text)),
    ];

    public static TheoryData<string, string> CSharpSamples =>
        [.. Samples("csharp").Select(sample => new TheoryDataRow<string, string>(sample.Document, sample.Text))];

    public static TheoryData<string> Documents => [.. Repository.Documents];

    [Theory]
    [MemberData(nameof(JsonSamples))]
    public void Json_OfASample_IsReadByItsType(string document, string kind, string json)
    {
        Readers.Keys.ShouldContain(kind, $"{document}: a block of JSON says after 'json' what it is.");

        Should.NotThrow(() => Readers[kind](Encoding.UTF8.GetBytes(json)));
    }

    // The readers ignore unknown members, so this test finds them.
    [Theory]
    [MemberData(nameof(JsonSamples))]
    public void Json_OfASample_HasOnlyNamesOfItsSchema(string document, string kind, string json)
    {
        HashSet<string> known = [.. ContractSchemaTests.MembersOf(JsonNode.Parse(ContractSchemas.All[kind]))];

        NamesOf(JsonNode.Parse(json)!).Except(known).ShouldBeEmpty(document);
    }

    [Theory]
    [MemberData(nameof(JsonSamples))]
    public void Json_OfASample_FollowsItsSchema(string document, string kind, string json) =>
        PublishedSchema.Accepts(kind, json).ShouldBeTrue(document);

    [Theory]
    [MemberData(nameof(Documents))]
    public void Json_OfADocument_IsInBlocksThatSayWhatItIs(string document)
    {
        string text = Repository.Read(document);

        DocumentedCommands.BlocksOf(text).Where(line => line.StartsWith('{')).ShouldBeEmpty();
        JsonSpan().Matches(Block().Replace(text, "")).Select(span => span.Value).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(CSharpSamples))]
    public void CSharp_OfASample_Compiles(string document, string code)
    {
        const string usings = """
            global using System;
            global using System.Collections.Generic;
            global using System.IO;
            global using System.Linq;
            global using System.Threading;
            global using System.Threading.Tasks;
            """;
        string assemblies = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        var compilation = CSharpCompilation.Create(
            "Sample",
            [.. ((string[])[usings, code]).Select(text => CSharpSyntaxTree.ParseText(text, cancellationToken: Cancellation))],
            assemblies.Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)));

        compilation.GetDiagnostics(Cancellation).Where(fault => fault.Severity == DiagnosticSeverity.Error).ShouldBeEmpty(document);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Dotnet_OfACommandLine_NamesFilesThatAreThere(string document) =>
        DocumentedCommands.BlocksOf(Repository.Read(document)).SelectMany(ShellWords.Commands).Where(words => words[0] == "dotnet")
            .SelectMany(words => words).Where(word => OwnFile().IsMatch(word) && !Path.Exists(Repository.PathOf(word))).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Documents))]
    public void Azd_OfANameThatItSets_IsReadByTheTemplate(string document) =>
        AzdName().Matches(Repository.Read(document)).Select(setting => setting.Groups["name"].Value)
            .Where(name => !Repository.Read("infra/main.parameters.json").Contains($"${{{name}", StringComparison.Ordinal)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Documents))]
    public void Metric_OfADocument_IsOneThatTheProgramsHave(string document) =>
        Metric().Matches(Repository.Read(document)).Select(metric => metric.Groups["name"].Value)
            .Where(name => !Sources.Value.Contains($"\"{name}\"", StringComparison.Ordinal)).ShouldBeEmpty();

    private static IEnumerable<(string Document, string Kind, string Text)> Samples(string language) =>
        from document in Repository.Documents
        from Match block in Block().Matches(Repository.Read(document))
        where block.Groups["language"].Value == language
        select (document, block.Groups["kind"].Value, block.Groups["text"].Value);

    private static IEnumerable<string> NamesOf(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => NamesOf(member.Value).Prepend(member.Key)),
        JsonArray items => items.SelectMany(NamesOf),
        _ => [],
    };

    [GeneratedRegex(@"^ *```(?<language>\w*) ?(?<kind>[\w-]*)\n(?<text>.*?)^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("`\\{ ?\"[^`\n]*`")]
    private static partial Regex JsonSpan();

    [GeneratedRegex(@"\A(src|tests|bench)/(?!.*/bin/)[\w./-]+\z|\A[\w.]+\.sln\z")]
    private static partial Regex OwnFile();

    [GeneratedRegex("azd env set (?<name>[A-Z_]+)")]
    private static partial Regex AzdName();

    [GeneratedRegex("`(?<name>ipunet(\\.[a-z-]+)+)`")]
    private static partial Regex Metric();
}
