using System.Globalization;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Benchmarks.Stages;

/// <summary>Compares the product with bare ONNX Runtime sessions on the same batch. The two are measured in turn.</summary>
internal sealed class BareComparison : IDisposable
{
    // The two differ little. With several turns, other load on the machine hits both.
    private const int Turns = 4;

    private readonly List<(string Name, Stage Product, Stage Bare)> _pairs = [];
    private readonly List<BareSession> _sessions = [];

    public BareComparison(ModelStore store, InferenceSettings settings, PipelineModels models)
    {
        RgbImage[] batch = StageBenchmark.Batch(settings.BatchSize);
        // An imported graph takes other images, so a bare session cannot run on this batch. The conversion is no overhead of the product.
        if (models.Embedder!.Manifest.Graph is null)
            Add(store.FindCurrent(ModelKind.Recogniser), () => models.Embedder.Embed(batch));
        if (models.Enhancer is { } enhancer)
            Add(store.FindCurrent(ModelKind.Enhancer), () => enhancer.Enhance(batch));

        void Add(InstalledModel model, Action product)
        {
            var session = new BareSession(model, settings, batch);
            _sessions.Add(session);
            _pairs.Add((model.Id, StageOf(product), StageOf(session.Run)));

            Stage StageOf(Action work) => new(model.Id, batch.Length, "faces", work);
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
        $"{pair.Name}: {pair.Product.PerSecond:#,0.#} faces/s, a bare ONNX Runtime session {pair.Bare.PerSecond:#,0.#}; ratio "
        + $"{pair.Product.PerSecond / pair.Bare.PerSecond:0.000}."));

    public void Dispose() => _sessions.ForEach(session => session.Dispose());
}

/// <summary>Runs a model with ONNX Runtime alone on a prepared batch. Its speed is an upper limit for the product.</summary>
internal sealed class BareSession : IDisposable
{
    private readonly RunOptions _options = new();
    private readonly SessionOptions _sessionOptions;
    private readonly InferenceSession _session;
    private readonly OrtValue _input;
    private readonly OrtValue[] _outputs;

    public BareSession(InstalledModel model, InferenceSettings settings, IReadOnlyList<RgbImage> batch)
    {
        _sessionOptions = SessionOptionsFactory.Create(settings);
        _session = new InferenceSession(model.ReadVerified(), _sessionOptions);
        byte[] pixels = [.. batch.SelectMany(image => image.Pixels)];
        _input = OrtValue.CreateTensorValueFromMemory(pixels, [batch.Count, batch[0].Height, batch[0].Width, RgbImage.Channels]);
        _outputs = [.. _session.OutputNames.Select(name => Output(_session.OutputMetadata[name], batch.Count))];
    }

    public void Run() => _session.Run(_options, _session.InputNames, [_input], _session.OutputNames, _outputs);

    public void Dispose()
    {
        foreach (OrtValue output in _outputs)
            output.Dispose();
        _input.Dispose();
        _session.Dispose();
        _sessionOptions.Dispose();
        _options.Dispose();
    }

    private static OrtValue Output(NodeMetadata output, int count) => OrtValue.CreateAllocatedTensorValue(
        OrtAllocator.DefaultInstance, output.ElementDataType, [count, .. output.Dimensions.Skip(1).Select(n => (long)n)]);
}
