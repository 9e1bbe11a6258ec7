using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Policies;

namespace IpuNet.Testing;

/// <summary>
/// A folder of models for all tests: the shipped detector and recogniser, an aligner that takes every crop for an aligned face, and an
/// enhancer that only makes faces brighter.
/// </summary>
public sealed class TestModels : IDisposable
{
    /// <summary>The threshold of all bands. In tests, only the image that was enrolled reaches it.</summary>
    public const float Threshold = 0.995f;

    public TestModels()
    {
        Root = Directory.CreateTempSubdirectory("ipunet-models-").FullName;
        CopyTo(Root);
    }

    public string Root { get; }

    public ModelStore Store => new(Root);

    public Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync([.. arguments, "--models", Root]);

    /// <summary>Makes the same models in another folder, for a test that changes them.</summary>
    public static ModelStore CopyTo(string folder)
    {
        ModelStore store = new(folder);
        CopyShippedTo(store, ModelKind.Detector, ModelKind.Recogniser);
        InstallAgreeing(store);
        Install(store, brightness: 10);
        return store;
    }

    /// <summary>Copies the shipped models of these kinds, as far as any is in use, to the folder of a test, and puts them in use.</summary>
    public static void CopyShippedTo(ModelStore store, params ModelKind[] kinds)
    {
        ModelStore shipped = ModelStore.Locate();
        foreach (InstalledModel model in kinds.Where(kind => shipped.Current.Of(kind) is not null).Select(shipped.FindCurrent))
            store.Use(store.Install(model.Manifest, model.ReadVerified()));
    }

    /// <summary>
    /// Installs an aligner that takes every crop for an aligned face, and puts it in use. Made-up pictures then can be enrolled.
    /// </summary>
    public static void InstallAgreeing(ModelStore store) => store.Use(store.Install(
        Manifest("test-aligner@1", ModelKind.Aligner) with { Input = new ModelInput(64, 64) }, TinyOnnx.Agreeing()));

    /// <summary>
    /// Installs a detector that finds nothing, and puts it in use. In some made-up pictures the shipped one finds what is none.
    /// </summary>
    public static void InstallBlind(ModelStore store) => store.Use(store.Install(
        Manifest("test-detector@1", ModelKind.Detector) with { Input = new ModelInput(320, 240) }, TinyOnnx.Blind()));

    /// <summary>The manifest of a made-up model for images of 128 x 128 px.</summary>
    public static ModelManifest Manifest(string id, ModelKind kind, params RecognitionPolicy[] policies) => new()
    {
        Name = ModelId.NameOf(id),
        Version = ModelId.VersionOf(id),
        Kind = kind,
        Architecture = "none",
        Input = new ModelInput(128, 128),
        Policies = policies is [] ? null : policies,
    };

    /// <summary>Installs an enhancer that makes every face nearly white, and puts it in use.</summary>
    public static void InstallWhitening(ModelStore store) => Install(store, brightness: 240);

    private static void Install(ModelStore store, float brightness)
    {
        string id = $"test-enhancer@{store.NextVersion("test-enhancer")}";
        RecognitionPolicy policy = Policy(store.Current.Recogniser!, ThresholdOtherwise: Threshold);
        store.Use(store.Install(
            Manifest(id, ModelKind.Enhancer, policy) with { TrainedOn = ["nothing"] }, TinyOnnx.Brightening(brightness)));
    }

    public static RecognitionPolicy Policy(string recogniser, float? ThresholdOtherwise = null) => new(
        recogniser, 0.001,
        ResolutionBand.All.Select(band => new BandPolicy(band, Enhance: band.MinHeight < 20, Threshold, ThresholdOtherwise)));

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
