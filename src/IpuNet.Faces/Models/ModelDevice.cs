using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Faces.Models;

/// <summary>Describes the device that runs the models.</summary>
public static class ModelDevice
{
    // The NVIDIA driver's list, with one folder per GPU.
    private const string DriverFolder = "/proc/driver/nvidia/gpus", ModelLine = "Model:";

    /// <summary>Describes the device of these settings, such as "cuda 0 (Tesla T4), batches of 16, ONNX Runtime 1.31.0".</summary>
    /// <param name="settings">The settings.</param>
    public static string Describe(InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        string device = settings.Device == InferenceSettings.Cuda
            ? string.Create(CultureInfo.InvariantCulture, $"{settings.Device} {settings.GpuDevice}{Gpus()}{Limit(settings)}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{settings.Device}, {(settings.Threads == 0 ? Environment.ProcessorCount : settings.Threads)} threads");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{device}, batches of {settings.BatchSize}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}");
    }

    private static string Limit(InferenceSettings settings) =>
        settings.GpuMemoryLimit > 0
            ? string.Create(CultureInfo.InvariantCulture, $", at most {settings.GpuMemoryLimit / (1 << 20):N0} MiB")
            : "";

    private static string Gpus()
    {
        if (!Directory.Exists(DriverFolder))
            return "";
        IEnumerable<string> names = Directory.EnumerateFiles(DriverFolder, "information", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Where(line => line.StartsWith(ModelLine, StringComparison.Ordinal))
            .Select(line => line[ModelLine.Length..].Trim());
        return $" ({string.Join(", ", names)})";
    }
}
