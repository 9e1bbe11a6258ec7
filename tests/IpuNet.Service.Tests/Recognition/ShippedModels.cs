using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Tests.Recognition;

[assembly: AssemblyFixture(typeof(ShippedModels))]

namespace IpuNet.Service.Tests.Recognition;

/// <summary>
/// The shipped models, loaded once for all tests that run them, with an aligner that takes made-up pictures for faces.
/// </summary>
public sealed class ShippedModels : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-models-").FullName;
    private readonly Lazy<PipelineModels> _models;

    public ShippedModels() => _models = new(() =>
    {
        var store = new ModelStore(_folder);
        TestModels.CopyShippedTo(store, ModelKind.Detector, ModelKind.Recogniser, ModelKind.Enhancer);
        TestModels.InstallAgreeing(store);
        return PipelineModels.Open(store, InferenceSettings.Default, recognise: true);
    });

    public PipelineModels Models => _models.Value;

    public void Dispose()
    {
        if (_models.IsValueCreated)
            Models.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
