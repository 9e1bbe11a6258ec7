using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using IpuNet.Faces.Imaging;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace IpuNet.Faces.Models;

/// <summary>
/// A model that is ready to run: input "images", uint8 [N, height, width, 3], RGB; outputs uint8 or float32, [N, ...]. Or a
/// <see cref="ForeignGraph"/>. Memory is kept from run to run. Many threads may use one session.
/// </summary>
public sealed class OnnxSession : IDisposable
{
    /// <summary>Name of the meter with <see cref="DurationInstrument"/>.</summary>
    public const string MeterName = "IpuNet.Faces";

    /// <summary>Histogram of the seconds that ONNX Runtime takes for one batch, tagged with <see cref="ModelTag"/>.</summary>
    public const string DurationInstrument = "ipunet.inference.duration";

    /// <summary>Tag with the <see cref="Name"/> of the model.</summary>
    public const string ModelTag = "model";

    internal static readonly Meter Meter = new(MeterName);

    private static readonly Histogram<double> Durations =
        Meter.CreateHistogram<double>(DurationInstrument, "s", "Time that ONNX Runtime takes for one batch of pictures.");

    // All of this process.
    private static readonly RunGate Runs = new();

    private readonly RunGate _runs = new();
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly ConcurrentBag<SessionBuffers> _spare = [];
    private readonly ForeignGraph? _foreign;
    private readonly string[] _inputs;
    private readonly string[] _outputs;
    private readonly int _batchSize;
    private readonly int _partsAtOnce;
    private readonly bool _roundsBatches;

    /// <summary>Loads a model.</summary>
    /// <param name="model">The ONNX file.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="settings">How it is run.</param>
    /// <param name="foreign">How it is fed where it is somebody else's graph; null for a model of this product.</param>
    /// <exception cref="FaceDataException">The device is not there, or the file is no such model.</exception>
    public OnnxSession(byte[] model, string name, InferenceSettings settings, ForeignGraph? foreign = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.BatchSize, 1, nameof(settings));
        Name = name;
        _roundsBatches = settings.RoundBatches ?? settings.Device == InferenceSettings.Cuda;
        _partsAtOnce = settings.PartsAtOnce;
        _foreign = foreign;
        _session = Load(model, name, settings);
        _inputs = [foreign?.Input ?? TensorNames.Images];
        _outputs = foreign is null ? [.. _session.OutputMetadata.Keys] : [foreign.Output];
        try
        {
            (Width, Height) = foreign is null ? InputSize() : ForeignInputSize();
            _batchSize = _session.InputMetadata[_inputs[0]].Dimensions[0] == 1 ? 1 : settings.BatchSize;
            RequireFixedShapes();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What errors call the model; its id where it came from a <see cref="ModelStore"/>.</summary>
    public string Name { get; }

    /// <summary>Width in pixels of the pictures that the model takes.</summary>
    public int Width { get; }

    /// <summary>Height in pixels of the pictures that the model takes.</summary>
    public int Height { get; }

    /// <summary>Loads an installed model, after its SHA-256 was checked.</summary>
    /// <exception cref="FaceDataException">The file is damaged, or the device is not there.</exception>
    public static OnnxSession Open(InstalledModel model, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new OnnxSession(model.ReadVerified(), model.Id, settings, model.Manifest.Graph);
    }

    /// <summary>The shape of an output for one picture.</summary>
    /// <exception cref="FaceDataException">The model has no such output.</exception>
    public IReadOnlyList<int> OutputShape(string output) => _session.OutputMetadata.TryGetValue(output, out NodeMetadata? metadata)
        ? metadata.Dimensions[1..]
        : throw new FaceDataException($"The model {Name} has no output '{output}', only {string.Join(", ", _outputs)}. Is it of another kind?");

    /// <summary>Runs the model over pictures in batches of <see cref="InferenceSettings.BatchSize"/>, the last one smaller.</summary>
    /// <param name="images">Pictures of the model's size.</param>
    /// <param name="read">Called after each batch, in order; by several threads where <see cref="InferenceSettings.PartsAtOnce"/> is more than 1, and then in any.</param>
    /// <exception cref="ArgumentException">A picture has another size.</exception>
    public void Run(IReadOnlyList<RgbImage> images, BatchReader read) => Run(images, Copy, read);

    /// <summary>The same over things that pictures are made of on their way into the model.</summary>
    /// <param name="items">The things.</param>
    /// <param name="write">Makes a picture of the model's size where the model reads it; called as <paramref name="read"/> is.</param>
    /// <param name="read">Called after each batch, in order; by several threads where <see cref="InferenceSettings.PartsAtOnce"/> is more than 1, and then in any.</param>
    public void Run<T>(IReadOnlyList<T> items, PictureWriter<T> write, BatchReader read)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(read);
        Divide(items.Count, (first, count) =>
        {
            SessionBuffers buffers = RunPart(items, first, count, write);
            read(buffers, first, count);
            Return(buffers);
        });
    }

    /// <summary>
    /// Waits until no model runs in this process, and lets none begin any more. To be called last of all: when a process ends, ONNX Runtime takes
    /// itself down, and what still runs in it then says things on standard error, or crashes.
    /// </summary>
    public static void EndAll() => Runs.Close();

    /// <summary>Closes the model, when the runs that have begun have ended.</summary>
    public void Dispose()
    {
        _runs.Close();
        _runOptions.Dispose();
        _session.Dispose();
    }

    /// <summary>Divides a number of things into batches, and works on as many of them at the same time as the session has <see cref="InferenceSettings.PartsAtOnce"/>.</summary>
    /// <param name="total">How many things there are.</param>
    /// <param name="work">Is given the first and the count of each batch, in order where the session has one part. Where it throws, so does this.</param>
    internal void Divide(int total, Action<int, int> work)
    {
        int size = _batchSize;
        if (_partsAtOnce > 1 && total > 0)
        {
            // Equal parts, so that all end together.
            int rounds = (total + _batchSize * _partsAtOnce - 1) / (_batchSize * _partsAtOnce);
            size = Math.Min(_batchSize, (total + rounds * _partsAtOnce - 1) / (rounds * _partsAtOnce));
        }

        int parts = (total + size - 1) / size;
        if (_partsAtOnce == 1 || parts == 1)
        {
            for (int part = 0; part < parts; part++)
                Work(part);
            return;
        }

        try
        {
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = _partsAtOnce }, Work);
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }

        void Work(int part) => work(part * size, Math.Min(size, total - part * size));
    }

    /// <summary>Runs the model over one batch.</summary>
    /// <returns>What it made of it; give it back with <see cref="Return"/>.</returns>
    internal SessionBuffers RunPart<T>(IReadOnlyList<T> items, int first, int count, PictureWriter<T> write)
    {
        SessionBuffers buffers = Rent();
        for (int i = 0; i < count; i++)
            write(items[first + i], buffers.Images.Item(i));
        Execute(buffers.Images, 0, buffers, count);
        return buffers;
    }

    /// <summary>Memory for one batch; give it back with <see cref="Return"/>.</summary>
    internal SessionBuffers Rent() => _spare.TryTake(out SessionBuffers? buffers)
        ? buffers
        : new SessionBuffers(_session.InputMetadata[_inputs[0]], _session.OutputMetadata.Where(output => _outputs.Contains(output.Key)), _batchSize);

    /// <summary>Takes memory back for the next run.</summary>
    internal void Return(SessionBuffers buffers) => _spare.Add(buffers);

    /// <summary>Runs the model once over some pictures of a batch, which may be another model's output.</summary>
    internal void Execute(PinnedTensor images, int first, SessionBuffers buffers, int count)
    {
        int run = _roundsBatches ? BatchShapes.RoundUp(count, Math.Min(images.Capacity - first, buffers.Capacity)) : count;
        using OrtValue input = images.Slice(first, run);
        var outputs = new OrtValue[_outputs.Length];
        try
        {
            for (int i = 0; i < outputs.Length; i++)
                outputs[i] = buffers.Outputs[_outputs[i]].Slice(0, run);
            long start = Stopwatch.GetTimestamp();
            // ONNX Runtime itself does not look, and the process would end.
            Within(_runs, () => Within(Runs, () => _session.Run(_runOptions, _inputs, [input], _outputs, outputs)));
            Durations.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>(ModelTag, Name));
        }
        finally
        {
            foreach (OrtValue? output in outputs)
                output?.Dispose();
        }

        GC.KeepAlive(images);
        GC.KeepAlive(buffers);
    }

    /// <summary>Makes sure that the model takes pictures of a size and has an output; closes the session where not.</summary>
    /// <exception cref="FaceDataException">It does not.</exception>
    internal OnnxSession Require(int width, int height, string output)
    {
        try
        {
            OutputShape(output);
            return (Width, Height) == (width, height)
                ? this
                : throw new FaceDataException($"The model {Name} takes pictures of {Width} x {Height} px, and {width} x {height} are needed. Is it of another kind?");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static void Within(RunGate gate, Action run)
    {
        ObjectDisposedException.ThrowIf(!gate.TryEnter(), typeof(OnnxSession));
        try
        {
            run();
        }
        finally
        {
            gate.Leave();
        }
    }

    private static InferenceSession Load(byte[] model, string name, InferenceSettings settings)
    {
        using SessionOptions options = SessionOptionsFactory.Create(settings);
        try
        {
            InferenceSession? session = null;
            Within(Runs, () => session = new InferenceSession(model, options));
            return session!;
        }
        catch (OnnxRuntimeException e)
        {
            throw new FaceDataException($"ONNX Runtime cannot load the model {name} for the device '{settings.Device}': {e.Message}", e);
        }
    }

    private (int Width, int Height) InputSize() =>
        _session.InputMetadata.Count == 1
        && _session.InputMetadata.TryGetValue(TensorNames.Images, out NodeMetadata? images)
        && images is { ElementDataType: TensorElementType.UInt8, Dimensions: [_, > 0 and var height, > 0 and var width, RgbImage.Channels] }
            ? (width, height)
            : throw new FaceDataException($"The model {Name} does not have the one input '{TensorNames.Images}', uint8 [N, height, width, 3]. Was it exported by ipunet?");

    private (int Width, int Height) ForeignInputSize() =>
        _session.InputMetadata.Count == 1
        && _session.InputMetadata.TryGetValue(_inputs[0], out NodeMetadata? images)
        && images is { ElementDataType: TensorElementType.Float, Dimensions: [1 or -1, RgbImage.Channels, > 0 and var height, > 0 and var width] }
            ? (width, height)
            : throw new FaceDataException($"The model {Name} does not have the one input '{_inputs[0]}', float32 [N, 3, height, width], that its manifest speaks of. Import it again.");

    private void RequireFixedShapes()
    {
        foreach (string output in _outputs)
        {
            if (!_session.OutputMetadata.TryGetValue(output, out NodeMetadata? metadata))
                throw new FaceDataException($"The model {Name} has no output '{output}', only {string.Join(", ", _session.OutputMetadata.Keys)}. Import it again.");
            if (metadata.ElementDataType is not (TensorElementType.UInt8 or TensorElementType.Float) || metadata.Dimensions.Skip(1).Any(n => n < 1))
                throw new FaceDataException($"The model {Name} has an output '{output}' that is not uint8 or float32 of a fixed shape. {(_foreign is null ? "Was it exported by ipunet?" : "It cannot be used as it is.")}");
        }
    }

    private void Copy(RgbImage image, Span<byte> target)
    {
        if (image.Width != Width || image.Height != Height)
            throw new ArgumentException($"The model {Name} takes pictures of {Width} x {Height} px, not {image.Width} x {image.Height}.", nameof(image));
        image.Pixels.CopyTo(target);
    }
}
