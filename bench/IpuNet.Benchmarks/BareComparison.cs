using System.Globalization;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Benchmarks;

/// <summary>The product's calls beside bare ONNX Runtime sessions on the same batch, measured in turn.</summary>
internal sealed class BareComparison : IDisposable
{
    // The two differ by little: what else runs on the machine must not hit one of them only.
    private const int Turns = 4;

    private readonly List<(string Name, Stage Product, Stage Bare)> _pairs = [];
    private readonly List<BareSession> _sessions = [];

    public BareComparison(ModelStore store, InferenceSettings settings, PipelineModels models)
    {
        RgbImage[] batch = StageBenchmark.Batch(settings.BatchSize);
        // Somebody else's graph takes other pictures: what brings faces there is no overhead.
        if (models.Embedder!.Manifest.Graph is null)
            Add(store.FindCurrent(ModelKind.Recogniser), () => models.Embedder.Embed(batch));
        if (models.Enhancer is { } enhancer)
            Add(store.FindCurrent(ModelKind.Enhancer), () => enhancer.Enhance(batch));

        void Add(InstalledModel model, Action product)
        {
            var session = new BareSession(model, settings, batch);
            _sessions.Add(session);
            _pairs.Add((model.Id, new Stage(model.Id, batch.Length, "faces", product), new Stage(model.Id, batch.Length, "faces", session.Run)));
        }
    }

    public void Measure(OnnxTime onnx)
    {
        foreach (var (_, product, bare) in _pairs)
        {
            for (int turn = 0; turn < Turns; turn++)
            {
                product.Measure(onnx);
                bare.Measure(onnx);
            }
        }
    }

    public IEnumerable<string> Lines() => _pairs.Select(pair => string.Create(
        CultureInfo.InvariantCulture,
        $"{pair.Name}: {pair.Product.PerSecond:#,0.#} faces/s, a bare ONNX Runtime session {pair.Bare.PerSecond:#,0.#}; the ratio is {pair.Product.PerSecond / pair.Bare.PerSecond:0.000}."));

    public void Dispose() => _sessions.ForEach(session => session.Dispose());
}
