using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;

namespace IpuNet.Testing;

/// <summary>A folder of models for all tests: the shipped detector, landmark net and recogniser, and an enhancer that only makes faces brighter.</summary>
public sealed class TestModels : IDisposable
{
    /// <summary>A match in a test is the very picture that was enrolled.</summary>
    public const float Threshold = 0.995f;

    public TestModels()
    {
        Root = Directory.CreateTempSubdirectory("ipunet-models-").FullName;
        CopyTo(Root);
    }

    public string Root { get; }

    public ModelStore Store => new(Root);

    public Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync([.. arguments, "--models", Root]);

    /// <summary>The same models once more, for a test that changes them.</summary>
    public static ModelStore CopyTo(string folder)
    {
        ModelStore shipped = ModelStore.Locate(), store = new(folder);
        foreach (ModelKind kind in (ModelKind[])[ModelKind.Detector, ModelKind.Landmarks, ModelKind.Recogniser])
        {
            InstalledModel model = shipped.FindCurrent(kind);
            store.Use(store.Install(model.Manifest, model.ReadVerified()));
        }

        Install(store, brightness: 10);
        return store;
    }

    /// <summary>Puts an enhancer in use that makes every face nearly white.</summary>
    public static void InstallWhitening(ModelStore store) => Install(store, brightness: 240);

    private static void Install(ModelStore store, float brightness) => store.Use(store.Install(
        new ModelManifest
        {
            Name = "test-enhancer",
            Version = store.NextVersion("test-enhancer"),
            Kind = ModelKind.Enhancer,
            Architecture = "brightening",
            Input = new ModelInput(128, 128),
            TrainedOn = ["nothing"],
            Policies = [Policy(store.Current.Recogniser!, ThresholdOtherwise: Threshold)],
        },
        TinyOnnx.Brightening(brightness)));

    public static RecognitionPolicy Policy(string recogniser, float? ThresholdOtherwise = null) => new(
        recogniser, 0.001, ResolutionBand.All.Select(band => new BandPolicy(band, Enhance: band.MinHeight < 20, Threshold, ThresholdOtherwise)));

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
