using IpuNet.Faces.Detection;
using IpuNet.Faces.Models;

namespace IpuNet.Faces.Tests.Detection;

/// <summary>The detector of the shipped models, loaded once for a class of tests.</summary>
public sealed class ShippedDetector : IDisposable
{
    public FaceDetector Detector { get; } = FaceDetector.Open(ModelStore.Locate(), InferenceSettings.Default);

    public void Dispose() => Detector.Dispose();
}
