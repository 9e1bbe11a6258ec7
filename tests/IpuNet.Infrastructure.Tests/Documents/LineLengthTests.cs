namespace IpuNet.Infrastructure.Tests.Documents;

/// <summary>Checks the length of the lines in documents and code.</summary>
public sealed class LineLengthTests
{
    private const int Longest = 140;

    [Fact]
    public void Lines_OfTheDocuments_AreNotTooLong() => Repository.Documents.SelectMany(TooLong).ShouldBeEmpty();

    [Theory]
    [InlineData("src")]
    [InlineData("bench")]
    [InlineData("tests")]
    public void Lines_OfTheCode_AreNotTooLong(string folder) => Repository.Find(folder, ".cs").SelectMany(TooLong).ShouldBeEmpty();

    private static IEnumerable<string> TooLong(string file) => File.ReadLines(Repository.PathOf(file))
        .Select((line, i) => (line.Length, Name: $"{file}:{i + 1} has {line.Length} characters"))
        .Where(line => line.Length > Longest).Select(line => line.Name);
}
