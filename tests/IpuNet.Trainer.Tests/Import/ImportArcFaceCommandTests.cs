using IpuNet.CommandLine;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export;

namespace IpuNet.Trainer.Tests.Import;

public sealed class ImportArcFaceCommandTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ModelStore _store;

    public ImportArcFaceCommandTests() => _store = TestModels.CopyTo(_folder.Folder("models"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Import_ThenCalibrate_IdentifiesInAGalleryOfItsOwn()
    {
        for (int person = 0; person < 6; person++)
        {
            for (int image = 0; image < 2; image++)
                _folder.WriteFace($"data/p{person}/{image}.png", person + 10 * image);
        }
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("people/bob/1.png", person: 2);
        _folder.WriteFace("in/a.png", person: 1, size: 16);
        string[] gallery = ["--gallery", _folder["gallery"], "--recogniser", "arcface"];

        var imported = await RunAsync("import", "arcface", File());
        var enrolled = await RunAsync(["enrol", _folder["people"], .. gallery]);
        var calibrated = await RunAsync(
            "evaluate", "--data", _folder["data"], "--images", ".", "--crop", "whole", "--recogniser", "arcface", "--calibrate-people", ".",
            "--far", "0.1",
            "--out", _folder["evaluation"], "--write-policy");
        var identified = await RunAsync(["identify", _folder["in"], .. gallery]);
        var listed = await CommandRun.OfAsync("gallery", "list", "--gallery", _folder["gallery"]);
        var mixed = await RunAsync("identify", _folder["in"], "--gallery", _folder["gallery"], "--recogniser", "dlib-resnet29");

        imported.Code.ShouldBe(ExitCode.Done, imported.Errors);
        imported.Errors.ShouldContain("an enhancer cannot be trained through it");
        enrolled.Code.ShouldBe(ExitCode.Done, enrolled.Errors);
        calibrated.Code.ShouldBe(ExitCode.Done, calibrated.Errors);
        identified.Code.ShouldBe(ExitCode.Done, identified.Errors);
        identified.Output.ShouldContain("ada");
        listed.Output.ShouldContain("arcface@1");
        mixed.Code.ShouldBe(ExitCode.SomeFailed);
        mixed.Errors.ShouldContain("cannot be compared");
    }

    [Fact]
    public async Task Import_WithPixelsAndOrigin_PutsThemIntoTheManifest()
    {
        var run = await RunAsync(
            "import", "arcface", File(), "--name", "mine", "--mean", "127", "--deviation", "128", "--bgr", "--licence", "MIT",
            "--publisher", "me", "--current");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        ModelManifest manifest = _store.Find("mine").Manifest;
        manifest.Graph.ShouldNotBeNull().ShouldSatisfyAllConditions(
            graph => graph.Channels.ShouldBe(ChannelOrder.Bgr),
            graph => graph.Mean.ShouldBe(127),
            graph => graph.Deviation.ShouldBe(128));
        (manifest.Licence, manifest.Origin!.Package).ShouldBe(("MIT", "me"));
        _store.Current.Recogniser.ShouldBe("mine@1");
    }

    [Fact]
    public async Task Import_AnEnhancersFile_ListsWhatDoesNotFit()
    {
        var run = await RunAsync("import", "arcface", _store.FindCurrent(ModelKind.Enhancer).Path);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("its input is not one float32 [N, 3, 112, 112]");
        run.Errors.ShouldContain("its output is not one float32 [N, D]");
        _store.Ids.ShouldNotContain("arcface@1");
    }

    [Fact]
    public async Task Train_ThroughAnImportedGraph_SaysWhatToNameInstead()
    {
        await RunAsync("import", "arcface", File());
        _folder.WriteFace("data/faces/p/1.png", person: 1);
        string experiment = _folder.Write(
            "e.json", """{"name":"e","recogniser":"arcface@1","data":{"sets":[{"folder":"faces","identities":true}]}}""");

        var run = await RunAsync("train", experiment, "--data", _folder["data"], "--out", _folder["run"]);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("training cannot go through it");
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync([.. arguments, "--models", _store.Root]);

    private string File()
    {
        var network = new OneConvolution();
        var graph = new OnnxGraph();
        OnnxValue faces = graph.AddInput("input.1", network.Input);
        graph.AddOutput(
            "683", network.Forward(new OnnxGraphBuilder(graph, WeightDeclarations.Randomise(network, seed: 3, deviation: 0.1f)), faces)[0]);
        return _folder.Write("imported.onnx", graph.ToModel());
    }

    private sealed class OneConvolution : INetwork
    {
        public string Architecture => "one-convolution";

        public FeatureShape Input => new(3, 112, 112);

        public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x) =>
            [ops.Linear(ops.GlobalAveragePool(ops.Relu(ops.Convolution(x, "a", new(48, Kernel: 16, Stride: 8)))), "fc", 64, bias: true)];
    }
}
