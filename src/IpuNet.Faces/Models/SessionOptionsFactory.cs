using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Faces.Models;

/// <summary>Turns settings into the options of ONNX Runtime that this product's models run with.</summary>
public static class SessionOptionsFactory
{
    // ONNX Runtime keeps 8-bit weights for its quantised kernels, which these models do not use, and would expand them on every run.
    // With this they are expanded once, while the model loads.
    private const string ExpandWeightsAtLoad = "session.disable_quant_qdq";

    // Else the threads of a session that has just run keep cores busy for a while, in wait for its next run, and the next model of the
    // pipeline, which has threads of its own, takes half as long again (measured on two cores). Without it a single model is no slower.
    private const string SpinWhileIdle = "session.intra_op.allow_spinning";

    /// <summary>Makes the options.</summary>
    /// <param name="settings">How models are run.</param>
    /// <exception cref="FaceDataException">The device is unknown, or not there.</exception>
    public static SessionOptions Create(InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Threads);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.GpuDevice);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.GpuMemoryLimit);
        // Once more to what ProcessPrivacy says, for builds of it that have another switch.
        OrtEnv.Instance().DisableTelemetryEvents();
        var options = new SessionOptions
        {
            // ONNX Runtime's own default counts the machine's cores, also where a container may use two of them.
            IntraOpNumThreads = settings.Threads == 0 ? Environment.ProcessorCount : settings.Threads,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            options.AddSessionConfigEntry(ExpandWeightsAtLoad, "1");
            options.AddSessionConfigEntry(SpinWhileIdle, "0");
            UseDevice(options, settings);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    private static void UseDevice(SessionOptions options, InferenceSettings settings)
    {
        switch (settings.Device)
        {
            case InferenceSettings.Cpu:
                return;
            case InferenceSettings.Cuda:
                CudaProvider.Append(options, settings);
                return;
            default:
                throw new FaceDataException($"'{settings.Device}' is no device: it is '{InferenceSettings.Cpu}' or '{InferenceSettings.Cuda}'.");
        }
    }
}
