namespace IpuNet.Infrastructure.Tests.Documents;

/// <summary>Checks the length of the lines in all files that people write by hand: documents, code, scripts and project files.</summary>
public sealed class LineLengthTests
{
    private const int Longest = 140;

    // Tools write solution files and JSON, so these are not checked.
    [Theory]
    [InlineData(".md")]
    [InlineData(".cs")]
    [InlineData(".mjs")]
    [InlineData(".sh")]
    [InlineData(".ps1")]
    [InlineData(".bicep")]
    [InlineData(".csproj")]
    [InlineData(".props")]
    [InlineData(".targets")]
    [InlineData(".y*ml")]
    [InlineData("Dockerfile")]
    public void Lines_OfFilesWithAnEnding_AreNotTooLong(string ending)
    {
        IReadOnlyList<string> files = Repository.Find("", ending);

        files.ShouldNotBeEmpty();
        files.SelectMany(TooLong).ShouldBeEmpty();
    }

    [Fact]
    public void Lines_OfTheCheckOfChanges_AreNotTooLong() => TooLong(".ci/run").ShouldBeEmpty();

    private static IEnumerable<string> TooLong(string file) => File.ReadLines(Repository.PathOf(file))
        .Select((line, i) => (line.Length, Name: $"{file}:{i + 1} has {line.Length} characters"))
        .Where(line => line.Length > Longest).Select(line => line.Name);
}
