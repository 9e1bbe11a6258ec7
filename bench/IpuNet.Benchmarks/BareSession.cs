using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Benchmarks;

/// <summary>A model run by ONNX Runtime alone, over one batch that lies ready: what no code around it can be faster than.</summary>
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
