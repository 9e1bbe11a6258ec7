using System.Text.RegularExpressions;

namespace IpuNet.Infrastructure.Tests.Documents;

/// <summary>Checks that the targets of the documents exist: linked files and headings, and paths of the repository in code style.</summary>
public sealed partial class DocumentTests
{
    // Azure's own names, which no file of the repository has.
    private static readonly string[] Azures = ["StorageRead", "StorageWrite", "StorageDelete"];

    // All words of the sources. The tests in this folder contain names that do not exist, so only their file names count.
    private static readonly Lazy<HashSet<string>> Words = new(() =>
    [
        .. ((string[])["src", "bench", "tests", "infra"])
            .SelectMany(folder => ((string[])[".cs", ".csproj", ".bicep", ".mjs"]).SelectMany(ending => Repository.Find(folder, ending)))
            .SelectMany(file => file.Contains("/Documents/", StringComparison.Ordinal)
                ? [Path.GetFileNameWithoutExtension(file)]
                : Word().Matches(Repository.Read(file)).Select(word => word.Value)),
    ]);

    public static TheoryData<string> Documents => [.. Repository.Documents];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_EveryLink_LeadsSomewhere(string document) =>
        LinksOf(Repository.Read(document)).Where(link => !LeadsSomewhere(document, link)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_EveryPathOfTheRepository_IsThere(string document) =>
        CodeSpan().Matches(WithoutBlocks(Repository.Read(document))).Select(span => span.Groups["code"].Value)
            .Where(code => OwnPath().IsMatch(code) && !Path.Exists(Repository.PathOf(code))).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_EveryNameOfTheCode_IsThere(string document) =>
        CodeSpan().Matches(WithoutBlocks(Repository.Read(document))).Select(span => CodeName().Match(span.Groups["code"].Value))
            .Where(name => name.Success).Select(name => name.Groups["name"].Value).Except(Azures)
            .Where(name => !Words.Value.Contains(name)).ShouldBeEmpty();

    [Theory]
    [InlineData("README.md", "docs/azure.md#what-is-not-proven", true)]
    [InlineData("README.md", "docs/azure.md#what-is-proven", false)]
    [InlineData("README.md", "docs/azures.md", false)]
    [InlineData("docs/models.md", "retraining.md", true)]
    [InlineData("docs/models.md", "docs/retraining.md", false)]
    [InlineData("docs/azure.md", "#what-is-not-proven", true)]
    [InlineData("docs/azure.md", "#hostjson", true)]
    [InlineData("docs/azure.md", "#host.json", false)]
    [InlineData("README.md", "https://example.org/no/such/page", true)]
    public void Link_LeadsSomewhere_WhereFileAndHeadingAreThere(string document, string link, bool leads) =>
        LeadsSomewhere(document, link).ShouldBe(leads);

    [Fact]
    public void LinksOf_APage_AreThoseThatItShows() =>
        LinksOf("A [link](a.md#b) and ![a picture](c.png).\n\n`[code](d.md)`\n\n```\n[a block](e.md)\n```\n").ShouldBe(["a.md#b", "c.png"]);

    private static IEnumerable<string> LinksOf(string text) =>
        Link().Matches(CodeSpan().Replace(WithoutBlocks(text), "")).Select(link => link.Groups["target"].Value);

    // External pages are not checked.
    private static bool LeadsSomewhere(string document, string link)
    {
        if (Uri.TryCreate(link, UriKind.Absolute, out _))
            return true;
        string[] parts = link.Split('#', 2);
        string folder = Path.GetDirectoryName(Repository.PathOf(document))!;
        string target = parts[0].Length == 0 ? Repository.PathOf(document) : Path.Combine(folder, Uri.UnescapeDataString(parts[0]));
        return Path.Exists(target) && (parts.Length == 1 || AnchorsOf(File.ReadAllText(target)).Contains(parts[1]));
    }

    // GitHub's anchors: lower case, without punctuation, hyphens for spaces, and a number for a repeated heading.
    private static IEnumerable<string> AnchorsOf(string text) => Heading().Matches(WithoutBlocks(text))
        .Select(heading => NotInAnchors().Replace(heading.Groups["title"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))
        .GroupBy(anchor => anchor)
        .SelectMany(same => same.Select((anchor, i) => i == 0 ? anchor : $"{anchor}-{i}"));

    private static string WithoutBlocks(string text) => Block().Replace(text, "");

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("`(?<code>[^`\n]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}\- _]")]
    private static partial Regex NotInAnchors();

    // A name of several words, such as `ImageDecoder`, `ModelChangeRequest.IfRevision` and `NetworkOperations<T>`.
    [GeneratedRegex(@"\A(?<name>[A-Z][a-z]+[A-Z]\w*)(<T>|\.\w+)?\z")]
    private static partial Regex CodeName();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    // A pattern such as src/{project} is not a path. Other top-level folders are left out: storage containers have the same names.
    [GeneratedRegex(@"\A(src|tests|bench|infra|docs|\.ci)/[\w./-]+\z")]
    private static partial Regex OwnPath();
}
