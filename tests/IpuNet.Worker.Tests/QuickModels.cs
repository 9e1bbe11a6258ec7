using IpuNet.Faces.Models;
using IpuNet.Worker.Tests;

[assembly: AssemblyFixture(typeof(QuickModels))]

namespace IpuNet.Worker.Tests;

/// <summary>
/// The shipped detector, and an aligner, an enhancer and a recogniser of a few nodes, for the shipped ones take most of the time: for tests
/// of what becomes of messages and results when something dies.
/// </summary>
public sealed class QuickModels : IDisposable
{
    private const int Pictures = 500;

    private readonly Lazy<Task<ProbeBatch>> _probes;
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-models-").FullName;

    public QuickModels()
    {
        const string recogniser = "pooling@1";
        TestModels.CopyShippedTo(Store, ModelKind.Detector);
        TestModels.InstallAgreeing(Store);
        Store.Use(Store.Install(TestModels.Manifest(recogniser, ModelKind.Recogniser), TinyOnnx.Pooling(16)));
        Store.Use(Store.Install(
            TestModels.Manifest("inverting@1", ModelKind.Enhancer, TestModels.Policy(recogniser)), TinyOnnx.Inverting()));

        _probes = new(() => ProbeBatch.CreateAsync(Pictures, Store, CancellationToken.None));
    }

    internal ModelStore Store => new(_folder);

    /// <summary>
    /// Pictures with their expected answers. Finding these takes as long as the workers take, so all tests share them.
    /// </summary>
    internal Task<ProbeBatch> Probes => _probes.Value;

    /// <summary>Has a worker use them.</summary>
    public (string Name, string Value) Setting => ("Models__Folder", _folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
