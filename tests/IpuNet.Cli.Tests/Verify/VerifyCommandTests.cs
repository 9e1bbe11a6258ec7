using System.Text.Json;
using IpuNet.CommandLine;

namespace IpuNet.Cli.Tests.Verify;

public sealed class VerifyCommandTests(TestModels models) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, "the same person", ExitCode.Done)]
    [InlineData(2, "not shown to be the same person", ExitCode.NotShown)]
    public async Task Verify_TwoFaces_SaysWhetherTheyAreOnePersonsAndExitsAccordingly(int other, string answer, int code)
    {
        var run = await models.RunAsync("verify", _folder.WriteFace("a.png", person: 1), _folder.WriteFace("b.png", other));

        run.Code.ShouldBe(code, run.Errors);
        run.Output.ShouldStartWith(answer);
        run.Output.ShouldContain("threshold 0.995 (FAR 0.1%, band >=96 px)");
    }

    [Fact]
    public async Task Verify_ASmallAndALargeFace_IsDecidedByTheSmallOnesBand()
    {
        var run = await models.RunAsync("verify", _folder.WriteFace("a.png", 1), _folder.WriteFace("b.png", 1, size: 16), "--json");

        using JsonDocument answer = JsonDocument.Parse(run.Output);
        answer.RootElement.GetProperty("band").GetString().ShouldBe("12-19");
        answer.RootElement.GetProperty("score").GetSingle().ShouldBeInRange(-1, 1);
    }

    [Fact]
    public async Task Verify_AnImageWithoutAFace_SaysWhich()
    {
        var run = await models.RunAsync("verify", _folder.WriteFace("a.png", 1), _folder.WriteFace("b.png", 1, size: 400));

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain($"{_folder["b.png"]}: no face was found");
    }

    [Fact]
    public async Task Verify_TwoImagesThatCannotBeUsed_NamesBoth()
    {
        var run = await models.RunAsync("verify", _folder.Write("a.png", []), _folder.Write("b.png", "no image"));

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain($"{_folder["a.png"]}: the file is empty");
        run.Errors.ShouldContain($"; {_folder["b.png"]}: ");
    }

    [Fact]
    public async Task Verify_AMissingFileAndAFolder_ExitsWith2()
    {
        var run = await models.RunAsync("verify", _folder["none.png"], _folder.Folder("in"));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain($"{_folder["none.png"]}: there is no such file or folder.");
        run.Errors.ShouldContain($"{_folder["in"]}: this is a folder. Name one image.");
    }
}
