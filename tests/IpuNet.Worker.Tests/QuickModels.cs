using IpuNet.Faces.Models;
using IpuNet.Worker.Tests;

[assembly: AssemblyFixture(typeof(QuickModels))]

namespace IpuNet.Worker.Tests;

/// <summary>
/// The shipped models with an enhancer of one node in place of theirs, which takes most of the time: for tests of what becomes of messages
/// and results when something dies.
/// </summary>
public sealed class QuickModels : IDisposable
{
    private const int Pictures = 500;

    private readonly Lazy<Task<ProbeBatch>> _probes;
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-models-").FullName;

    public QuickModels()
    {
        ModelStore shipped = ModelStore.Locate();
        foreach (InstalledModel model in Enum.GetValues<ModelKind>().Select(shipped.FindCurrent))
        {
            byte[] onnx = model.Manifest.Kind == ModelKind.Enhancer ? TinyOnnx.Inverting() : model.ReadVerified();
            Store.Use(Store.Install(model.Manifest, onnx));
        }

        _probes = new(() => ProbeBatch.CreateAsync(Pictures, Store, CancellationToken.None));
    }

    internal ModelStore Store => new(_folder);

    /// <summary>Pictures, and what is expected of each, which takes as long to find as the workers take, and is the same for all tests.</summary>
    internal Task<ProbeBatch> Probes => _probes.Value;

    /// <summary>Has a worker use them.</summary>
    public (string Name, string Value) Setting => ("Models__Folder", _folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
