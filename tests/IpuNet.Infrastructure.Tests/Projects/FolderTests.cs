using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IpuNet.Infrastructure.Tests.Projects;

/// <summary>
/// Checks that the folders of a project depend on each other in one direction only. Then each folder can be understood with the folders
/// below it.
/// </summary>
public sealed class FolderTests
{
    public static TheoryData<string> Projects =>
        [.. Directory.GetDirectories(Repository.PathOf("src")).Select(folder => Path.GetFileName(folder)!).Order()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_OfAProject_KnowEachOtherInOneDirection(string project) => CycleOf(ArrowsOf(project)).ShouldBeEmpty();

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
            .. Directory.GetFiles(Repository.PathOf($"src/{project}"), "*.cs", SearchOption.AllDirectories).Where(IsOurs)
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

    private static bool IsOurs(string file) => !file.Replace('\\', '/').Contains("/obj/", StringComparison.Ordinal);

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
