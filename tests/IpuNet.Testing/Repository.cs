using System.Reflection;

namespace IpuNet.Testing;

/// <summary>The files of the repository that these tests belong to.</summary>
public static class Repository
{
    // Folders that builds, package managers and test runs make.
    private static readonly string[] NotOurs = [".git", "node_modules", "bin", "obj", "artifacts", "TestResults"];

    /// <summary>The folder of the repository.</summary>
    public static string Folder { get; } =
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryFolder").Value!;

    /// <summary>The documents, as paths relative to the repository, with '/'.</summary>
    public static IReadOnlyList<string> Documents { get; } = Find("", ".md");

    /// <summary>The path of a file on this machine.</summary>
    public static string PathOf(string relative) => Path.Combine(Folder, relative);

    /// <summary>The text of a file.</summary>
    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>All files below a folder with a certain ending, as paths relative to the repository, with '/'.</summary>
    public static IReadOnlyList<string> Find(string folder, string ending) =>
    [
        .. In(PathOf(folder), ending).Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> In(string folder, string ending) => Directory.GetFiles(folder, $"*{ending}")
        .Concat(Directory.GetDirectories(folder).Where(inner => !NotOurs.Contains(Path.GetFileName(inner)))
            .SelectMany(inner => In(inner, ending)));
}
