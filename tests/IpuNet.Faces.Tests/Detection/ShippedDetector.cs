using IpuNet.Faces.Detection;
using IpuNet.Faces.Models;

namespace IpuNet.Faces.Tests.Detection;

/// <summary>The shipped detector, loaded once for a test class.</summary>
public sealed class ShippedDetector : IDisposable
{
    public FaceDetector Detector { get; } = FaceDetector.Open(ModelStore.Locate(), InferenceSettings.Default);

    public void Dispose() => Detector.Dispose();
}
