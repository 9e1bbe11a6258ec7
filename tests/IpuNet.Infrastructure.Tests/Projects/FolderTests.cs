using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IpuNet.Infrastructure.Tests.Projects;

/// <summary>
/// Checks that the folders of a project depend on each other in one direction only. Then each folder can be understood with the folders
/// below it. Checks also that tests lie in folders of the same names as what they test.
/// </summary>
public sealed class FolderTests
{
    private const string OfTests = ".Tests";

    // They test the repository, and no project alone.
    private const string OfTheRepository = "tests/IpuNet.Infrastructure.Tests";

    private static readonly Dictionary<string, string> Folders = ((string[])["src", "bench", "tests"])
        .SelectMany(folder => Directory.GetFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
        .ToDictionary(
            file => Path.GetFileNameWithoutExtension(file),
            file => Path.GetRelativePath(Repository.Folder, Path.GetDirectoryName(file)!).Replace('\\', '/'));

    public static TheoryData<string> Projects => [.. Folders.Values.Order(StringComparer.Ordinal)];

    public static TheoryData<string> TestProjects => [.. Folders.Values.Order(StringComparer.Ordinal).Where(
        folder => folder.EndsWith(OfTests, StringComparison.Ordinal) && folder != OfTheRepository)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_OfAProject_KnowEachOtherInOneDirection(string project) => CycleOf(ArrowsOf(project)).ShouldBeEmpty();

    // A folder of tests is a folder of a project that the tests know, or has a project's name.
    [Theory]
    [MemberData(nameof(TestProjects))]
    public void Folders_OfTests_AreThoseOfWhatTheyTest(string project)
    {
        string[] known = [.. Known(project, []).Where(tested => !tested.StartsWith("tests/", StringComparison.Ordinal))];
        string[] allowed = [.. known.Select(tested => tested[(tested.LastIndexOf('.') + 1)..]), .. known.SelectMany(FoldersOf)];

        FoldersOf(project).ShouldBeSubsetOf(allowed);
    }

    [Fact]
    public void CycleOf_ArrowsThatLeadBack_IsTheWay() =>
        CycleOf([("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")]).ShouldBe(["b", "c", "d", "b"]);

    [Fact]
    public void CycleOf_ArrowsThatOnlyPointDown_IsNone() => CycleOf([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]).ShouldBeEmpty();

    // The build checks that a file's namespace is its folder. A file reaches another folder by a using, by a part of a qualified name, or,
    // if the other folder is above its own, by the plain name of a type.
    private static HashSet<(string From, string To)> ArrowsOf(string project)
    {
        (string Namespace, CompilationUnitSyntax Root)[] files =
        [
            .. FilesOf(project)
                .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetCompilationUnitRoot())
                .Select(root => (root.Members.OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString() ?? "", root))
                .Where(file => file.Item1.Length > 0),
        ];
        ILookup<string, string> homes = files
            .SelectMany(file => file.Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
                .Where(type => type.Parent is BaseNamespaceDeclarationSyntax).Select(type => (type.Identifier.Text, file.Namespace)))
            .Distinct().ToLookup(type => type.Text, type => type.Namespace);
        HashSet<string> folders = [.. files.Select(file => file.Namespace)];
        HashSet<(string, string)> arrows = [];
        foreach ((string from, CompilationUnitSyntax root) in files)
        {
            IEnumerable<string> used = root.Usings.Select(directive => $"{directive.NamespaceOrType}");
            IEnumerable<string> above = root.DescendantNodes().OfType<IdentifierNameSyntax>()
                .SelectMany(name => homes[name.Identifier.Text]).Where(home => from.StartsWith($"{home}.", StringComparison.Ordinal));
            IEnumerable<string> below = root.DescendantNodes().OfType<QualifiedNameSyntax>().Select(name => $"{from}.{name.Left}");
            arrows.UnionWith(used.Concat(above).Concat(below).Where(to => to != from && folders.Contains(to)).Select(to => (from, to)));
        }

        return arrows;
    }

    private static IEnumerable<string> FilesOf(string project) =>
        Directory.GetFiles(Repository.PathOf(project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Replace('\\', '/').Contains("/obj/", StringComparison.Ordinal));

    // The folders that have code, within the project.
    private static IEnumerable<string> FoldersOf(string project) => FilesOf(project)
        .Select(file => Path.GetRelativePath(Repository.PathOf(project), Path.GetDirectoryName(file)!).Replace('\\', '/'))
        .Where(folder => folder != ".").Distinct();

    // The project, and all projects that it refers to, directly or not.
    private static HashSet<string> Known(string project, HashSet<string> known)
    {
        if (known.Add(project))
        {
            string file = Directory.GetFiles(Repository.PathOf(project), "*.csproj").Single();
            foreach (XElement reference in XDocument.Load(file).Descendants("ProjectReference"))
                Known(Folders[Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))], known);
        }

        return known;
    }

    // The folders of a cycle, with the first one repeated at the end. Empty if there is no cycle.
    private static IReadOnlyList<string> CycleOf(HashSet<(string From, string To)> arrows)
    {
        ILookup<string, string> next = arrows.ToLookup(arrow => arrow.From, arrow => arrow.To);
        HashSet<string> done = [];
        foreach (string start in arrows.Select(arrow => arrow.From).Order(StringComparer.Ordinal))
        {
            if (Walk(start, []) is { } cycle)
                return cycle;
        }

        return [];

        IReadOnlyList<string>? Walk(string folder, List<string> way)
        {
            int before = way.IndexOf(folder);
            if (before >= 0)
                return [.. way[before..], folder];
            if (done.Contains(folder))
                return null;
            foreach (string to in next[folder].Order(StringComparer.Ordinal))
            {
                if (Walk(to, [.. way, folder]) is { } cycle)
                    return cycle;
            }

            done.Add(folder);
            return null;
        }
    }
}
