namespace IpuNet.Infrastructure.Tests.Documents;

/// <summary>Checks the length of the lines in documents, code, scripts and project files.</summary>
public sealed class LineLengthTests
{
    private const int Longest = 140;

    /// <summary>Endings of the files that people write by hand. Solution files and JSON are not among them: tools write those.</summary>
    public static TheoryData<string> Endings { get; } =
        [".md", ".cs", ".mjs", ".sh", ".ps1", ".bicep", ".csproj", ".props", ".targets", ".yaml", ".yml", "Dockerfile", ".ci/run"];

    [Theory]
    [MemberData(nameof(Endings))]
    public void Lines_OfFilesWithAnEnding_AreNotTooLong(string ending) => FilesWith(ending).SelectMany(TooLong).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Endings))]
    public void Endings_ExceptThoseNotUsedYet_AreThoseOfFiles(string ending) =>
        FilesWith(ending).Any().ShouldBe(ending is not ".yml", "No file has this ending. Is it misspelt?");

    private static IReadOnlyList<string> FilesWith(string ending) => ending.Contains('/') ? [ending] : Repository.Find("", ending);

    private static IEnumerable<string> TooLong(string file) => File.ReadLines(Repository.PathOf(file))
        .Select((line, i) => (line.Length, Name: $"{file}:{i + 1} has {line.Length} characters"))
        .Where(line => line.Length > Longest).Select(line => line.Name);
}
