using System.Globalization;
using System.Security.Cryptography;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Faces.Recognition;
using IpuNet.Faces.Reports;
using IpuNet.Training.Export;

namespace IpuNet.Benchmarks.Stages;

/// <summary>
/// Compares the installed recognisers on the same batch: the newest version of each name. If no FaceNet of full size is installed, one with
/// random weights replaces it. It takes the same time.
/// </summary>
internal sealed class RecogniserComparison : IDisposable
{
    private readonly List<(FaceEmbedder Embedder, Stage Stage)> _recognisers = [];

    public RecogniserComparison(ModelStore store, InferenceSettings settings)
    {
        RgbImage[] batch = StageBenchmark.Batch(settings.BatchSize);
        InstalledModel[] installed = [.. Installed(store)];
        InstalledModel[] missing = installed.Any(IsFullFaceNet) ? [] : [RandomFaceNet()];
        try
        {
            foreach (InstalledModel model in installed.Concat(missing))
            {
                FaceEmbedder embedder = FaceEmbedder.Open(model, settings);
                string name = missing.Contains(model) ? $"{model.Manifest.Name}, random weights" : model.Id;
                _recognisers.Add((embedder, new Stage(name, batch.Length, "faces", () => embedder.Embed(batch))));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Measure(OnnxTime onnx) => _recognisers.ForEach(recogniser => recogniser.Stage.Measure(onnx));

    public ReportTable Table()
    {
        var table = new ReportTable(
            "Recognisers, embedding alone", new("Recogniser"), new("Dimensions", Numeric: true), new("Parameters", Numeric: true),
            new("ms each", Numeric: true), new("Faces/s", Numeric: true));
        foreach (var (embedder, stage) in _recognisers)
            table.Add(
                stage.Name, Text(embedder.Dimensions, "0"), Parameters(embedder.Manifest),
                Text(stage.Least.TotalMilliseconds / stage.Items, "0.0"), Text(stage.PerSecond, "#,0.0"));
        return table;
    }

    public void Dispose() => _recognisers.ForEach(recogniser => recogniser.Embedder.Dispose());

    private static IEnumerable<InstalledModel> Installed(ModelStore store) => store.Ids.Select(store.Find)
        .Where(model => model.Manifest.Kind == ModelKind.Recogniser)
        .GroupBy(model => model.Manifest.Name)
        .Select(versions => versions.Last());

    private static bool IsFullFaceNet(InstalledModel model) => model.Manifest.Graph is null
        && NetworkCatalogue.Create(model.Manifest.Architecture) is InceptionResNetV1 { Options.Narrowing: 1 };

    private static InstalledModel RandomFaceNet()
    {
        var network = new InceptionResNetV1(new InceptionResNetOptions { Standardisation = PixelStandardisation.Fixed });
        byte[] file = OnnxExporter.ExportRecogniser(network, WeightDeclarations.Randomise(network, seed: 1));
        return new InstalledModel(
            new ModelManifest
            {
                Name = "facenet-512",
                Version = 1,
                Kind = ModelKind.Recogniser,
                Architecture = network.Architecture,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(file)),
                Input = new ModelInput(FaceAligner.Size, FaceAligner.Size),
                Dimensions = network.Options.Dimensions,
            },
            "facenet-512 with random weights",
            file);
    }

    // Empty for an imported graph, because it does not say which of its constants are parameters.
    private static string Parameters(ModelManifest manifest)
    {
        if (manifest.Graph is not null)
            return "";
        var weights = WeightDeclarations.Of(NetworkCatalogue.Create(manifest.Architecture));
        return Text(weights.Where(weight => weight.IsParameter).Sum(weight => (long)weight.Count), "#,0");
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
