using System.Globalization;
using IpuNet.Contract;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Faces.Models;

/// <summary>Makes ONNX Runtime's session options for this product's models.</summary>
public static class SessionOptionsFactory
{
    // By default ONNX Runtime keeps 8-bit weights for its quantised kernels. These models do not use those kernels, so the weights would be
    // expanded on every run. With this option they are expanded once, while the model loads.
    private const string ExpandWeightsAtLoad = "session.disable_quant_qdq";

    // By default the threads of a session spin for a while after a run. They keep cores busy, and the next model of the pipeline, with its
    // own threads, takes 1.5 times as long (measured on two cores). Without spinning a single model is no slower.
    private const string SpinWhileIdle = "session.intra_op.allow_spinning";

    /// <summary>Makes the options.</summary>
    /// <param name="settings">The device, threads and memory.</param>
    /// <exception cref="FaceDataException">The device is unknown or missing.</exception>
    public static SessionOptions Create(InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Threads);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.GpuDevice);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.GpuMemoryLimit);
        // ProcessPrivacy switches telemetry off, too. This call is for builds of ONNX Runtime with another switch.
        OrtEnv.Instance().DisableTelemetryEvents();
        var options = new SessionOptions
        {
            // ONNX Runtime's default counts all cores of the machine, even if a container may use only two.
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
                throw new FaceDataException(
                    $"The device '{settings.Device}' is unknown. Use '{InferenceSettings.Cpu}' or '{InferenceSettings.Cuda}'.");
        }
    }
}

/// <summary>Sets up ONNX Runtime's CUDA execution provider for these models.</summary>
internal static class CudaProvider
{
    private const string Name = "CUDAExecutionProvider";

    // Otherwise a node that CUDA cannot run would silently run on the CPU.
    private const string NoFallback = "session.disable_cpu_ep_fallback";

    /// <summary>The provider's options.</summary>
    public static Dictionary<string, string> Options(InferenceSettings settings)
    {
        var options = new Dictionary<string, string>
        {
            ["device_id"] = settings.GpuDevice.ToString(CultureInfo.InvariantCulture),

            // Memory grows only by the requested size. Shapes are few and known (see BatchShapes), so doubling would waste half of it.
            ["arena_extend_strategy"] = "kSameAsRequested",

            // Trying all algorithms takes seconds per convolution and shape, at each start of a worker that scales from zero.
            ["cudnn_conv_algo_search"] = "HEURISTIC",
            ["cudnn_conv_use_max_workspace"] = "1",

            // The copies of a batch wait only for its own work.
            ["do_copy_in_default_stream"] = "1",
        };
        if (settings.GpuMemoryLimit > 0)
            options["gpu_mem_limit"] = settings.GpuMemoryLimit.ToString(CultureInfo.InvariantCulture);
        return options;
    }

    /// <summary>Makes sessions run on the GPU only.</summary>
    /// <exception cref="FaceDataException">CUDA is missing. The message says whether the build or the machine lacks it.</exception>
    public static void Append(SessionOptions sessionOptions, InferenceSettings settings)
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(Name))
            throw new FaceDataException(
                "The device 'cuda' cannot be used, because this build has ONNX Runtime for the CPU only. "
                + "Build with -p:Cuda=true, or use the device 'cpu'.");
        try
        {
            using var provider = new OrtCUDAProviderOptions();
            provider.UpdateOptions(Options(settings));
            sessionOptions.AppendExecutionProvider_CUDA(provider);
            sessionOptions.AddSessionConfigEntry(NoFallback, "1");
        }
        catch (OnnxRuntimeException error)
        {
            throw new FaceDataException(
                $"The device 'cuda' cannot be used: {error.Message} Check the driver and the CUDA and cuDNN libraries, or use the device "
                + "'cpu'.",
                error);
        }
    }
}
