using IpuNet.CommandLine;
using IpuNet.Faces.Models;

namespace IpuNet.Cli.Tests.ModelList;

public sealed class ModelsCommandTests(TestModels models) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Models_Verified_ListsEachWithItsOrigin()
    {
        var run = await models.RunAsync("models", "--verify");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        foreach (string id in models.Store.Ids)
            run.Output.ShouldContain(id);
        run.Output.ShouldContain("@vladmandic/face-api@1.7.15");
        run.Output.ShouldContain("trained on nothing");
    }

    [Fact]
    public async Task Models_WithADamagedFile_ListsTheOthersAndExitsWith1()
    {
        ModelStore store = TestModels.CopyTo(_folder.Folder("models"));
        File.WriteAllBytes(store.Find("test-enhancer").Path, [1, 2, 3]);

        var run = await CommandRun.OfAsync("models", "--verify", "--models", store.Root);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("The file is damaged or was replaced");
        run.Output.ShouldContain(store.Current.Recogniser!);
    }
}
