using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Faces.Models;

/// <summary>Turns settings into the options of ONNX Runtime that this product's models run with.</summary>
public static class SessionOptionsFactory
{
    private const string CudaProvider = "CUDAExecutionProvider";

    // ONNX Runtime keeps 8-bit weights for its quantised kernels, which these models do not use, and would expand them on every run.
    // With this they are expanded once, while the model loads.
    private const string ExpandWeightsAtLoad = "session.disable_quant_qdq";

    // Else the threads of a session that has just run keep cores busy for a while, in wait for its next run, and the next model of the
    // pipeline, which has threads of its own, takes half as long again (measured on two cores). Without it a single model is no slower.
    private const string SpinWhileIdle = "session.intra_op.allow_spinning";

    // A node that CUDA cannot run would otherwise run on the processor and nobody would know.
    private const string NoFallback = "session.disable_cpu_ep_fallback";

    /// <summary>Makes the options.</summary>
    /// <param name="settings">How models are run.</param>
    /// <exception cref="FaceDataException">The device is unknown, or not there.</exception>
    public static SessionOptions Create(InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Threads);
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
            UseDevice(options, settings.Device);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    private static void UseDevice(SessionOptions options, string device)
    {
        switch (device)
        {
            case InferenceSettings.Cpu:
                return;
            case InferenceSettings.Cuda when !OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider):
                throw new FaceDataException(
                    "CUDA was asked for, and this build has ONNX Runtime for the processor only. Build with -p:Cuda=true, or ask for the device 'cpu'.");
            case InferenceSettings.Cuda:
                AddCuda(options);
                return;
            default:
                throw new FaceDataException($"'{device}' is no device: it is '{InferenceSettings.Cpu}' or '{InferenceSettings.Cuda}'.");
        }
    }

    private static void AddCuda(SessionOptions options)
    {
        try
        {
            options.AppendExecutionProvider_CUDA(0);
            options.AddSessionConfigEntry(NoFallback, "1");
        }
        catch (OnnxRuntimeException e)
        {
            throw new FaceDataException(
                $"CUDA was asked for and cannot be used: {e.Message} Check the driver and the CUDA and cuDNN libraries, or ask for the device 'cpu'.", e);
        }
    }
}
