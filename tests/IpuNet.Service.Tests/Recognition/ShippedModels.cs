using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Tests.Recognition;

[assembly: AssemblyFixture(typeof(ShippedModels))]

namespace IpuNet.Service.Tests.Recognition;

/// <summary>The shipped models, loaded once for all tests that run them.</summary>
public sealed class ShippedModels : IDisposable
{
    private readonly Lazy<PipelineModels> _models = new(
        () => PipelineModels.Open(ModelStore.Locate(), InferenceSettings.Default, recognise: true));

    public PipelineModels Models => _models.Value;

    public void Dispose()
    {
        if (_models.IsValueCreated)
            Models.Dispose();
    }
}
