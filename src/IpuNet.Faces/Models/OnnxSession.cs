using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace IpuNet.Faces.Models;

/// <summary>
/// A loaded model. Its input is "images", uint8 [N, height, width, 3], RGB; its outputs are uint8 or float32, [N, ...]. A
/// <see cref="ImportedGraph"/> has its own input and output. Memory is reused from run to run. Many threads may share one session.
/// </summary>
public sealed class OnnxSession : IDisposable
{
    /// <summary>Name of the meter of <see cref="DurationInstrument"/>.</summary>
    public const string MeterName = "IpuNet.Faces";

    /// <summary>Histogram of the time that ONNX Runtime takes for one batch, in seconds, tagged with <see cref="ModelTag"/>.</summary>
    public const string DurationInstrument = "ipunet.inference.duration";

    /// <summary>The tag that holds the <see cref="Name"/> of the model.</summary>
    public const string ModelTag = "model";

    internal static readonly Meter Meter = new(MeterName);

    private static readonly Histogram<double> Durations =
        Meter.CreateHistogram<double>(DurationInstrument, "s", "Time that ONNX Runtime takes for one batch of images.");

    // The runs of all sessions of this process.
    private static readonly RunGate Runs = new();

    private readonly RunGate _runs = new();
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly ConcurrentBag<SessionBuffers> _spare = [];
    private readonly ImportedGraph? _imported;
    private readonly string[] _inputs;
    private readonly string[] _outputs;
    private readonly int _batchSize;
    private readonly int _partsAtOnce;
    private readonly bool _roundsBatches;

    /// <summary>Loads a model.</summary>
    /// <param name="model">The ONNX file's bytes.</param>
    /// <param name="name">The model's name, for error messages.</param>
    /// <param name="settings">The device, threads, batch size and memory.</param>
    /// <param name="imported">Input and output of a graph from another project; null for a model of this product.</param>
    /// <exception cref="FaceDataException">The device is missing, or the file is not such a model.</exception>
    public OnnxSession(byte[] model, string name, InferenceSettings settings, ImportedGraph? imported = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.BatchSize, 1, nameof(settings));
        Name = name;
        _roundsBatches = settings.RoundBatches ?? settings.Device == InferenceSettings.Cuda;
        _partsAtOnce = settings.PartsAtOnce;
        _imported = imported;
        _session = Load(model, name, settings);
        _inputs = [imported?.Input ?? TensorNames.Images];
        _outputs = imported is null ? [.. _session.OutputMetadata.Keys] : [imported.Output];
        try
        {
            (Width, Height) = imported is null ? InputSize() : ImportedInputSize();
            _batchSize = _session.InputMetadata[_inputs[0]].Dimensions[0] == 1 ? 1 : settings.BatchSize;
            RequireFixedShapes();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The model's name in error messages: the id of an installed model.</summary>
    public string Name { get; }

    /// <summary>Width of the model's input images in pixels; 0 if they may have any size.</summary>
    public int Width { get; }

    /// <summary>Height of the model's input images in pixels; 0 if they may have any size.</summary>
    public int Height { get; }

    /// <summary>Checks the SHA-256 of an installed model and loads it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">The device, threads, batch size and memory.</param>
    /// <exception cref="FaceDataException">The file is damaged, or the device is missing.</exception>
    public static OnnxSession Open(InstalledModel model, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new OnnxSession(model.ReadVerified(), model.Id, settings, model.Manifest.Graph);
    }

    /// <summary>The shape of an output for one image, without the batch dimension.</summary>
    /// <param name="output">The output's name.</param>
    /// <exception cref="FaceDataException">The model has no such output.</exception>
    public IReadOnlyList<int> OutputShape(string output) => _session.OutputMetadata.TryGetValue(output, out NodeMetadata? metadata)
        ? metadata.Dimensions[1..]
        : throw new FaceDataException(
            $"The model {Name} has no output '{output}', only {string.Join(", ", _outputs)}. Choose a model of the right kind.");

    /// <summary>Runs the model on images, in batches of up to <see cref="InferenceSettings.BatchSize"/>.</summary>
    /// <param name="images">Images of the model's input size.</param>
    /// <param name="read">
    /// Called after each batch. The calls come in order, unless <see cref="InferenceSettings.PartsAtOnce"/> is more than 1: then several
    /// threads call it, in any order.
    /// </param>
    /// <exception cref="ArgumentException">An image has another size.</exception>
    public void Run(IReadOnlyList<RgbImage> images, BatchReader read) => Run(images, Copy, read);

    /// <summary>Runs the model on images that are written directly into the model's input.</summary>
    /// <param name="items">The items, one for each image.</param>
    /// <param name="write">
    /// Writes the image of an item into the model's input. Called by the same threads as <paramref name="read"/>.
    /// </param>
    /// <param name="read">
    /// Called after each batch. The calls come in order, unless <see cref="InferenceSettings.PartsAtOnce"/> is more than 1: then several
    /// threads call it, in any order.
    /// </param>
    /// <typeparam name="T">The type of an item.</typeparam>
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

    /// <summary>Runs a model for images of any size on images of one size. ONNX Runtime allocates the outputs.</summary>
    /// <param name="width">Width of the images in pixels.</param>
    /// <param name="height">Height of the images in pixels.</param>
    /// <param name="items">The items, one for each image.</param>
    /// <param name="write">Writes the image of an item into the model's input.</param>
    /// <param name="read">Reads the outputs: for each name the shape, without the batch dimension, and the values of all images.</param>
    internal void RunSized<T>(
        int width, int height, IReadOnlyList<T> items, PictureWriter<T> write, Action<IReadOnlyDictionary<string, SizedOutput>> read)
    {
        var images = new PinnedTensor(TensorElementType.UInt8, [height, width, RgbImage.Channels], items.Count);
        for (int i = 0; i < items.Count; i++)
            write(items[i], images.Item(i));
        using OrtValue input = images.Slice(0, items.Count);
        IDisposableReadOnlyCollection<OrtValue>? values = null;
        try
        {
            long start = Stopwatch.GetTimestamp();
            Within(_runs, () => Within(Runs, () => values = _session.Run(_runOptions, _inputs, [input], _outputs)));
            Durations.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>(ModelTag, Name));
            read(_outputs.Zip(values!).ToDictionary(
                output => output.First,
                output => new SizedOutput(
                    [.. output.Second.GetTensorTypeAndShape().Shape.Skip(1).Select(n => (int)n)], output.Second),
                StringComparer.Ordinal));
        }
        finally
        {
            values?.Dispose();
        }

        GC.KeepAlive(images);
    }

    /// <summary>
    /// Waits for the current runs of all models in this process, and prevents new runs. Call it last in a program: a model that still runs
    /// while ONNX Runtime shuts down at the end of the process writes to standard error or crashes.
    /// </summary>
    public static void EndAll() => Runs.Close();

    /// <summary>Waits for the current runs of this model and unloads it.</summary>
    public void Dispose()
    {
        _runs.Close();
        _runOptions.Dispose();
        _session.Dispose();
    }

    /// <summary>
    /// Divides items into batches, and processes up to <see cref="InferenceSettings.PartsAtOnce"/> batches at the same time.
    /// </summary>
    /// <param name="total">The number of items.</param>
    /// <param name="work">
    /// Processes a batch: takes the index of its first item and its number of items. Called in order if there is only one part. If it
    /// throws, this method throws the same exception.
    /// </param>
    internal void Divide(int total, Action<int, int> work)
    {
        int size = _batchSize;
        if (_partsAtOnce > 1 && total > 0)
        {
            // Equal parts end together.
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

    /// <summary>Runs the model on one batch.</summary>
    /// <returns>The outputs. Give them back with <see cref="Return"/>.</returns>
    internal SessionBuffers RunPart<T>(IReadOnlyList<T> items, int first, int count, PictureWriter<T> write)
    {
        SessionBuffers buffers = Rent();
        for (int i = 0; i < count; i++)
            write(items[first + i], buffers.Images.Item(i));
        Execute(buffers.Images, 0, buffers, count);
        return buffers;
    }

    /// <summary>Takes memory for one batch. Give it back with <see cref="Return"/>.</summary>
    internal SessionBuffers Rent() => _spare.TryTake(out SessionBuffers? buffers)
        ? buffers
        : new SessionBuffers(
            _session.InputMetadata[_inputs[0]], _session.OutputMetadata.Where(output => _outputs.Contains(output.Key)), _batchSize);

    /// <summary>Gives memory back for the next run.</summary>
    internal void Return(SessionBuffers buffers) => _spare.Add(buffers);

    /// <summary>Runs the model once on a part of a batch, which may be another model's output.</summary>
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
            // The gates are needed: ONNX Runtime does not check for a disposed session, and the process would crash.
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

    /// <summary>Checks the model's input size and that it has an output. Disposes the session if not.</summary>
    /// <exception cref="FaceDataException">The size differs, or there is no such output.</exception>
    internal OnnxSession Require(int width, int height, string output)
    {
        try
        {
            OutputShape(output);
            return (Width, Height) == (width, height)
                ? this
                : throw new FaceDataException(
                    $"The model {Name} takes images of {Width} x {Height} px, not {width} x {height} px. "
                    + "Choose a model of the right kind.");
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
        && images is { ElementDataType: TensorElementType.UInt8, Dimensions: [_, var height, var width, RgbImage.Channels] }
        && (height > 0) == (width > 0)
            ? (Math.Max(0, width), Math.Max(0, height))
            : throw new FaceDataException(
                $"The model {Name} must have exactly one input, '{TensorNames.Images}', uint8 [N, height, width, 3]. "
                + "Choose a model that `ipunet export` or `ipunet import` made.");

    private (int Width, int Height) ImportedInputSize() =>
        _session.InputMetadata.Count == 1
        && _session.InputMetadata.TryGetValue(_inputs[0], out NodeMetadata? images)
        && images is
        {
            ElementDataType: TensorElementType.Float,
            Dimensions: [1 or -1, RgbImage.Channels, > 0 and var height, > 0 and var width],
        }
            ? (width, height)
            : throw new FaceDataException(
                $"The model {Name} must have exactly one input, '{_inputs[0]}' as in its manifest, float32 [N, 3, height, width]. "
                + "Import it again.");

    private void RequireFixedShapes()
    {
        foreach (string output in _outputs)
        {
            if (!_session.OutputMetadata.TryGetValue(output, out NodeMetadata? metadata))
                throw new FaceDataException(
                    $"The model {Name} has no output '{output}', only {string.Join(", ", _session.OutputMetadata.Keys)}. Import it again.");
            if (metadata.ElementDataType is not (TensorElementType.UInt8 or TensorElementType.Float)
                || (Width > 0 && metadata.Dimensions.Skip(1).Any(n => n < 1)))
            {
                throw new FaceDataException(
                    $"The model {Name} cannot be used: its output '{output}' is not uint8 or float32 of a fixed shape. "
                    + (_imported is null ? "Choose a model that `ipunet export` or `ipunet import` made." : "Choose another model."));
            }
        }
    }

    private void Copy(RgbImage image, Span<byte> target)
    {
        if (image.Width != Width || image.Height != Height)
            throw new ArgumentException(
                $"The model {Name} takes images of {Width} x {Height} px, not {image.Width} x {image.Height} px.", nameof(image));
        image.Pixels.CopyTo(target);
    }
}

/// <summary>An output of a model for images of any size.</summary>
/// <param name="Shape">Its shape for one image.</param>
/// <param name="Value">The values, valid during the call.</param>
internal readonly record struct SizedOutput(IReadOnlyList<int> Shape, OrtValue Value)
{
    /// <summary>The values of one image, float32, row-major.</summary>
    public ReadOnlySpan<float> Floats(int index)
    {
        int length = Shape.Aggregate(1, (product, n) => product * n);
        return Value.GetTensorDataAsSpan<float>().Slice(index * length, length);
    }
}

/// <summary>A gate for runs of models. Once closed it lets no run begin, and waits for the current runs.</summary>
internal sealed class RunGate
{
    private readonly object _lock = new();
    private int _inside;
    private bool _isClosed;

    /// <summary>Begins a run.</summary>
    /// <returns>False if the gate is closed. Otherwise call <see cref="Leave"/> at the end of the run.</returns>
    public bool TryEnter()
    {
        lock (_lock)
        {
            _inside += _isClosed ? 0 : 1;
            return !_isClosed;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_inside == 0)
                Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Prevents new runs and waits for the current ones.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_inside > 0)
                Monitor.Wait(_lock);
        }
    }
}
