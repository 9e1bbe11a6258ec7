using System.Text.RegularExpressions;

namespace IpuNet.Infrastructure.Tests.Documents;

/// <summary>What the documents point at is there: files, headings, and the paths of the repository that they name as code.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] NotOurs = [".git", "node_modules", "bin", "obj", "artifacts", "TestResults"];

    public static TheoryData<string> Documents => [.. Find(Repository.Folder).Select(file => Path.GetRelativePath(Repository.Folder, file).Replace('\\', '/'))];

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
    [InlineData("README.md", "docs/azure.md#what-is-not-proven", true)]
    [InlineData("README.md", "docs/azure.md#what-is-proven", false)]
    [InlineData("README.md", "docs/azures.md", false)]
    [InlineData("docs/models.md", "retraining.md", true)]
    [InlineData("docs/models.md", "docs/retraining.md", false)]
    [InlineData("docs/azure.md", "#what-is-not-proven", true)]
    [InlineData("docs/azure.md", "#hostjson", true)]
    [InlineData("docs/azure.md", "#host.json", false)]
    [InlineData("README.md", "https://example.org/no/such/page", true)]
    public void Link_LeadsSomewhere_WhereFileAndHeadingAreThere(string document, string link, bool leads) => LeadsSomewhere(document, link).ShouldBe(leads);

    [Fact]
    public void LinksOf_APage_AreThoseThatItShows() =>
        LinksOf("A [link](a.md#b) and ![a picture](c.png).\n\n`[code](d.md)`\n\n```\n[a block](e.md)\n```\n").ShouldBe(["a.md#b", "c.png"]);

    private static IEnumerable<string> Find(string folder) => Directory.GetFiles(folder, "*.md")
        .Concat(Directory.GetDirectories(folder).Where(inner => !NotOurs.Contains(Path.GetFileName(inner))).SelectMany(Find));

    private static IEnumerable<string> LinksOf(string text) =>
        Link().Matches(CodeSpan().Replace(WithoutBlocks(text), "")).Select(link => link.Groups["target"].Value);

    // Pages elsewhere are not asked for.
    private static bool LeadsSomewhere(string document, string link)
    {
        if (Uri.TryCreate(link, UriKind.Absolute, out _))
            return true;
        string[] parts = link.Split('#', 2);
        string folder = Path.GetDirectoryName(Repository.PathOf(document))!;
        string target = parts[0].Length == 0 ? Repository.PathOf(document) : Path.Combine(folder, Uri.UnescapeDataString(parts[0]));
        return Path.Exists(target) && (parts.Length == 1 || AnchorsOf(File.ReadAllText(target)).Contains(parts[1]));
    }

    // As GitHub makes them: lower case, without marks, with hyphens for spaces, numbered where a heading comes again.
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

    // One that stands for many, such as src/{project}, is none; containers of storage have the names of other folders.
    [GeneratedRegex(@"\A(src|tests|bench|infra|docs|\.ci)/[\w./-]+\z")]
    private static partial Regex OwnPath();
}
