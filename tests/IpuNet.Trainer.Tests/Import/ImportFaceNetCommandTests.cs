using IpuNet.CommandLine;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Checkpoints;

namespace IpuNet.Trainer.Tests.Import;

public sealed class ImportFaceNetCommandTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ModelStore _store;

    public ImportFaceNetCommandTests() => _store = TestModels.CopyTo(_folder.Folder("models"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Import_Weights_InstallsARecogniserWithItsOrigin()
    {
        var run = await CommandRun.OfAsync(
            "import", "facenet", Weights(), "--name", "small", "--licence", "MIT", "--publisher", "somebody", "--source",
            "https://example.org", "--models", _store.Root);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        ModelManifest manifest = _store.Find("small").Manifest;
        manifest.Kind.ShouldBe(ModelKind.Recogniser);
        manifest.Dimensions.ShouldBe(128);
        manifest.Licence.ShouldBe("MIT");
        manifest.Origin.ShouldNotBeNull().ShouldSatisfyAllConditions(
            origin => origin.Package.ShouldBe("somebody"),
            origin => origin.File.ShouldBe("facenet.safetensors"),
            origin => origin.Sha256.Length.ShouldBe(64),
            origin => origin.Source.ShouldBe("https://example.org"));
        _store.Current.Recogniser.ShouldNotBe("small@1");
    }

    [Fact]
    public async Task Import_WithCurrent_EmbedsAndRefusesAGalleryOfTheFormerRecogniser()
    {
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("others/bob/1.png", person: 2);
        string[] gallery = ["--gallery", _folder["gallery"], "--models", _store.Root];
        await CommandRun.OfAsync(["enrol", _folder["people"], .. gallery]);

        var imported = await CommandRun.OfAsync("import", "facenet", Weights(), "--current", "--models", _store.Root);
        var into = await CommandRun.OfAsync(["enrol", _folder["people"], .. gallery, "--recogniser", "facenet"]);
        var anew = await CommandRun.OfAsync("enrol", _folder["others"], "--gallery", _folder["new"], "--models", _store.Root);

        imported.Code.ShouldBe(ExitCode.Done, imported.Errors);
        _store.Current.Recogniser.ShouldBe("facenet@1");
        into.Code.ShouldBe(ExitCode.SomeFailed);
        (into.Output + into.Errors).ShouldContain("dlib-resnet29@1");
        anew.Code.ShouldBe(ExitCode.Done, anew.Errors);
    }

    [Fact]
    public async Task Import_AFileOfSomethingElse_NamesIt()
    {
        var run = await CommandRun.OfAsync("import", "facenet", _folder.Write("text.pt", "no weights"), "--models", _store.Root);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("text.pt: cannot be read as a PyTorch file");
    }

    private string Weights()
    {
        var network = new InceptionResNetV1(new InceptionResNetOptions { Dimensions = 128, Narrowing = 16 });
        WeightSet weights = WeightDeclarations.Randomise(network, seed: 8, deviation: 0.1f);
        string path = _folder["facenet.safetensors"];
        SafeTensors.Write(
            path, new Dictionary<string, string>(),
            [.. WeightDeclarations.Of(network).Select(d => (d.Name, d.Shape.Select(n => (long)n).ToArray(), weights[d.Name].ToFloats()))]);
        return path;
    }
}
