using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Faces.Tests.Pipeline;

/// <summary>The shipped models, loaded once for a test class.</summary>
public sealed class ShippedPipeline : IDisposable
{
    public PipelineModels Models { get; } = PipelineModels.Open(ModelStore.Locate(), InferenceSettings.Default, recognise: true);

    public void Dispose() => Models.Dispose();
}
