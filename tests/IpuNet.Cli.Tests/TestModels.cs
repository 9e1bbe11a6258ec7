using IpuNet.Cli.Tests;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Faces.Recognition;
using IpuNet.Training.Export;

[assembly: AssemblyFixture(typeof(TestModels))]

namespace IpuNet.Cli.Tests;

/// <summary>A folder of models for all tests: the shipped detector, landmark net and recogniser, and an enhancer of one convolution.</summary>
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
            Architecture = "one-convolution",
            Input = new ModelInput(128, 128),
            TrainedOn = ["nothing"],
            Policies = [Policy(store.Current.Recogniser!, ThresholdOtherwise: Threshold)],
        },
        OnnxExporter.ExportEnhancer(new OneConvolution(), OneConvolution.Weights(brightness))));

    public static RecognitionPolicy Policy(string recogniser, float? ThresholdOtherwise = null) => new(
        recogniser, 0.001, ResolutionBand.All.Select(band => new BandPolicy(band, Enhance: band.MinHeight < 20, Threshold, ThresholdOtherwise)));

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Gives the picture back a little brighter.</summary>
    private sealed class OneConvolution : INetwork
    {
        private const int Kernel = 3, Middle = 4;

        public string Architecture => "one-convolution";

        public FeatureShape Input => new(3, 128, 128);

        public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x) => [ops.Convolution(x, "only", new(3, Kernel, Padding: 1))];

        public static WeightSet Weights(float brightness)
        {
            var kernel = new float[3 * 3 * Kernel * Kernel];
            for (int channel = 0; channel < 3; channel++)
                kernel[((channel * 3) + channel) * Kernel * Kernel + Middle] = 1;
            return new WeightSet
            {
                ["only.weight"] = WeightTensor.FromFloats([3, 3, Kernel, Kernel], kernel),
                ["only.bias"] = WeightTensor.FromFloats([3], [brightness, brightness, brightness]),
            };
        }
    }
}
