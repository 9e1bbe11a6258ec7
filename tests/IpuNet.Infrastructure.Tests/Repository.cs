using System.Reflection;

namespace IpuNet.Infrastructure.Tests;

/// <summary>The files that these tests are about.</summary>
internal static class Repository
{
    public static string Folder { get; } = Metadata("RepositoryFolder")!;

    public static string PathOf(string relative) => Path.Combine(Folder, relative);

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    public static string? Metadata(string key) => typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value;
}
