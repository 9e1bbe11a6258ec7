using IpuNet.Contract;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Tests.Evaluation.Protocols;

public sealed class PairsProtocolTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Read_OneFold_HasGenuineThenImpostorPairs()
    {
        AddImages("Ada", 1, 2, 12);
        AddImages("Bo_B", 1);

        var protocol = Read("2\nAda\t1\t2\nAda\t2\t12\nAda\t1\tBo_B\t1\nBo_B\t1\tAda\t2\n\n");

        protocol.Name.ShouldBe("pairs");
        protocol.Folds.ShouldHaveSingleItem().ShouldBe(
        [
            new(ImagePath("Ada", 1), ImagePath("Ada", 2), true),
            new(ImagePath("Ada", 2), ImagePath("Ada", 12), true),
            new(ImagePath("Ada", 1), ImagePath("Bo_B", 1), false),
            new(ImagePath("Bo_B", 1), ImagePath("Ada", 2), false),
        ]);
    }

    [Fact]
    public void Read_TwoFolds_KeepsThemApart()
    {
        AddImages("Ada", 1, 2);
        AddImages("Bo", 1, 2);

        var protocol = Read("2\t1\r\nAda\t1\t2\r\nAda\t1\tBo\t1\r\nBo\t1\t2\r\nBo\t2\tAda\t2\r\n");

        protocol.Folds.Count.ShouldBe(2);
        protocol.Folds[1].Select(pair => pair.Genuine).ShouldBe([true, false]);
        protocol.Pairs.Count().ShouldBe(4);
    }

    [Theory]
    [InlineData("", "line 1", "'folds<tab>pairs' or 'pairs'")]
    [InlineData("many\n", "line 1", "'pairs'")]
    [InlineData("0\n", "line 1", "'pairs'")]
    [InlineData("1\t2\t3\n", "line 1", "'pairs'")]
    [InlineData("1\nAda\t1\tBo\t1\n", "line 2", "'Name<tab>n1<tab>n2'")]
    [InlineData("1\nAda 1 2\n", "line 2", "'Name<tab>n1<tab>n2'")]
    [InlineData("1\nAda\t1\t2\nAda\t1\t2\n", "line 3", "'Name1<tab>n1<tab>Name2<tab>n2'")]
    [InlineData("1\nAda\t1\t2\n", "line 3", "the file ends")]
    [InlineData("1\nAda\tone\t2\n", "line 2", "whole numbers")]
    [InlineData("1\nAda\t1\t-2\n", "line 2", "whole numbers")]
    [InlineData("1\nAda\t1\t1\n", "line 2", "both images are the same")]
    [InlineData("1\nAda\t1\t2\nAda\t1\tAda\t2\n", "line 3", "two people")]
    [InlineData("1\n../Ada\t1\t2\n", "line 2", "without /")]
    [InlineData("1\n..\t1\t2\n", "line 2", "without /")]
    [InlineData("1\nAda\t1\t2\nAda\t1\tBo\t1\nBo\t1\t2\n", "line 4", "the end of the file")]
    public void Read_MalformedLine_NamesTheLineAndWhatWasExpected(string content, string line, string expected)
    {
        AddImages("Ada", 1, 2);
        AddImages("Bo", 1, 2);

        string message = Should.Throw<FaceDataException>(() => Read(content)).Message;

        message.ShouldContain(Path.Combine(_root, "pairs.txt"));
        message.ShouldContain(line);
        message.ShouldContain(expected);
    }

    [Fact]
    public void Read_ImageMissing_NamesIt()
    {
        AddImages("Ada", 1);
        AddImages("Bo", 1);

        Should.Throw<FaceDataException>(() => Read("1\nAda\t1\t2\nAda\t1\tBo\t1\n")).Message.ShouldContain("Ada_0002.jpg");
    }

    [Fact]
    public void Read_NoFile_NamesIt() =>
        Should.Throw<FaceDataException>(() => PairsProtocol.Read(Path.Combine(_root, "none.txt"), _root)).Message.ShouldContain("none.txt");

    [Fact]
    public void Read_NoImageFolder_NamesIt()
    {
        string file = Path.Combine(_root, "pairs.txt");
        File.WriteAllText(file, "1\n");

        Should.Throw<FaceDataException>(
            () => PairsProtocol.Read(file, Path.Combine(_root, "elsewhere"))).Message.ShouldContain("elsewhere");
    }

    private PairsProtocol Read(string content)
    {
        string file = Path.Combine(_root, "pairs.txt");
        File.WriteAllText(file, content);
        return PairsProtocol.Read(file, _root);
    }

    private void AddImages(string name, params int[] numbers)
    {
        Directory.CreateDirectory(Path.Combine(_root, name));
        foreach (int number in numbers)
            File.WriteAllBytes(ImagePath(name, number), []);
    }

    private string ImagePath(string name, int number) => Path.Combine(_root, name, $"{name}_{number:0000}.jpg");
}
