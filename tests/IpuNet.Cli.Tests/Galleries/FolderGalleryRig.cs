using System.Text.Json;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Models;

namespace IpuNet.Cli.Tests.Galleries;

/// <summary>
/// A gallery in a folder, and models of which two are recognisers: the shipped one, which is in use, and one of a few nodes. Faces of both
/// are cut out in the same way.
/// </summary>
internal sealed class FolderGalleryRig : IDisposable
{
    public const string Other = "pooling@1";

    private readonly TestFolder _folder = new();

    public FolderGalleryRig()
    {
        Store = TestModels.CopyTo(_folder.Folder("models"));
        Store.Install(TestModels.Manifest(Other, ModelKind.Recogniser), TinyOnnx.Pooling(16));
        Shipped = Store.Current.Recogniser!;
        Store.Update(Store.Find(Store.Current.Enhancer!).Manifest with
        {
            Policies = [.. ((string[])[Shipped, Other]).Select(recogniser => TestModels.Policy(recogniser, TestModels.Threshold))],
        });
    }

    public ModelStore Store { get; }

    public string Shipped { get; }

    public TestFolder Folder => _folder;

    public string Path => _folder["gallery"];

    public FolderGallery Gallery => new(Path);

    /// <summary>Enrols people by the picture of each.</summary>
    public async Task EnrolAsync(IEnumerable<(string Subject, int Person)> people, params string[] more)
    {
        if (Directory.Exists(_folder["people"]))
            Directory.Delete(_folder["people"], recursive: true);
        foreach (var (subject, person) in people)
            _folder.WriteFace($"people/{subject}/1.png", person);
        var run = await RunAsync(["enrol", _folder["people"], "--gallery", Path, .. more]);
        run.Code.ShouldBe(0, run.Output + run.Errors);
    }

    public Task<CommandRun> ReembedAsync(params string[] more) => RunAsync(["gallery", "reembed", "--folder", Path, .. more]);

    /// <summary>Who a person is, and how surely, by a recogniser.</summary>
    public async Task<(string Decision, string Subject, float Score)> WhoIsAsync(int person, string recogniser)
    {
        string image = _folder.WriteFace("probe.png", person);
        var run = await RunAsync("identify", image, "--gallery", Path, "--json", "--recogniser", recogniser);
        run.Output.ShouldNotBeEmpty(run.Errors);
        JsonElement face = JsonDocument.Parse(run.Output).RootElement.GetProperty("faces")[0];
        JsonElement best = face.GetProperty("matches")[0];
        string decision = face.GetProperty("decision").GetString()!, subject = best.GetProperty("subjectId").GetString()!;
        return (decision, subject, best.GetProperty("score").GetSingle());
    }

    public Task<CommandRun> RunAsync(params string[] arguments) => RunAsync(TestContext.Current.CancellationToken, arguments);

    public Task<CommandRun> RunAsync(CancellationToken cancellation, params string[] arguments) =>
        CommandRun.OfAsync(cancellation, [.. arguments, "--models", Store.Root]);

    public void Dispose() => _folder.Dispose();
}
