using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Faces.Models;

/// <summary>ONNX Runtime's CUDA execution provider, set as these models need it.</summary>
internal static class CudaProvider
{
    private const string Name = "CUDAExecutionProvider";

    // A node that CUDA cannot run would otherwise run on the processor and nobody would know.
    private const string NoFallback = "session.disable_cpu_ep_fallback";

    /// <summary>The provider's options.</summary>
    public static Dictionary<string, string> Options(InferenceSettings settings)
    {
        var options = new Dictionary<string, string>
        {
            ["device_id"] = settings.GpuDevice.ToString(CultureInfo.InvariantCulture),

            // Memory grows by what is asked for: shapes are few and known (see BatchShapes), and doubling would take twice as much as they need.
            ["arena_extend_strategy"] = "kSameAsRequested",

            // Trying all algorithms takes seconds for each convolution and shape, at each start of a worker that scales from zero.
            ["cudnn_conv_algo_search"] = "HEURISTIC",
            ["cudnn_conv_use_max_workspace"] = "1",

            // The copies of a batch wait for its own work only.
            ["do_copy_in_default_stream"] = "1",
        };
        if (settings.GpuMemoryLimit > 0)
            options["gpu_mem_limit"] = settings.GpuMemoryLimit.ToString(CultureInfo.InvariantCulture);
        return options;
    }

    /// <summary>Has sessions run on the GPU, or not at all.</summary>
    /// <exception cref="FaceDataException">There is no CUDA; it says whether the build or the machine lacks it.</exception>
    public static void Append(SessionOptions sessionOptions, InferenceSettings settings)
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(Name))
            throw new FaceDataException("CUDA was asked for, and this build has ONNX Runtime for the processor only. Build with -p:Cuda=true, or ask for the device 'cpu'.");
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
                $"CUDA was asked for and cannot be used: {error.Message} Check the driver and the CUDA and cuDNN libraries, or ask for the device 'cpu'.", error);
        }
    }
}
