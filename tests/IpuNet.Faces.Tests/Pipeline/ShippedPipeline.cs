using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Faces.Tests.Pipeline;

/// <summary>The shipped models, loaded once for a test class.</summary>
public sealed class ShippedPipeline : IDisposable
{
    public PipelineModels Models { get; } = PipelineModels.Open(ModelStore.Locate(), InferenceSettings.Default, recognise: true);

    public void Dispose() => Models.Dispose();
}

/// <summary>
/// The shipped models, loaded once for a test class, with an aligner that takes made-up pictures for aligned faces.
/// </summary>
public sealed class MadeUpFacesPipeline : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-models-").FullName;

    public MadeUpFacesPipeline()
    {
        var store = new ModelStore(_folder);
        TestModels.CopyShippedTo(store, ModelKind.Detector, ModelKind.Recogniser, ModelKind.Enhancer);
        TestModels.InstallAgreeing(store);
        Models = PipelineModels.Open(store, InferenceSettings.Default, recognise: true);
    }

    public PipelineModels Models { get; }

    public void Dispose()
    {
        Models.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
