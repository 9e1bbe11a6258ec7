using IpuNet.Faces.Models;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace IpuNet.Service.Tests.Models;

/// <summary>
/// An account and a worker's models: the shipped detector with an enhancer and a recogniser of a few nodes, both of version 1. Storage
/// holds a second enhancer, which inverts its pictures, and a second recogniser with an enhancer whose policy fits it.
/// </summary>
internal sealed class SwitchRig : IDisposable
{
    public const string Copying = "enhancer@1", Inverting = "enhancer@2", ForNewRecogniser = "enhancer@3";
    public const string Pooling = RegistryRig.Recogniser, PoolingFiner = "embedder@2";

    private readonly TemporaryModels _own;

    private SwitchRig(StorageAccount account, TemporaryModels own)
    {
        (Registry, _own) = (new RegistryRig(account), own);
        Cache = new GalleryCache(account, TimeProvider.System);
        Loader = new ModelLoader(Registry.Registry, new ModelOptions { Folder = own.Store.Root, Threads = 1 });
        Switch = NewSwitch(Serving);
    }

    public RegistryRig Registry { get; }

    public StorageAccount Account => Registry.Account;

    public ServingModels Serving { get; } = new();

    public GalleryCache Cache { get; }

    public ModelLoader Loader { get; }

    public ModelSwitch Switch { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The running models.</summary>
    public (string? Enhancer, string? Recogniser) Running
    {
        get
        {
            using ModelLease lease = Serving.Borrow();
            return (lease.Models.Enhancer?.Id, lease.Models.Embedder?.Id);
        }
    }

    /// <summary>Publishes all models and starts the worker's models.</summary>
    public static async Task<SwitchRig> StartAsync(StorageAccount account)
    {
        var rig = new SwitchRig(account, new TemporaryModels());
        await rig.Registry.PublishAsync(Inverting, model: TinyOnnx.Inverting());
        await rig.Registry.PublishAsync(PoolingFiner, ModelKind.Recogniser, TinyOnnx.Pooling(16));
        await rig.Registry.Registry.PublishAsync(
            RegistryRig.Manifest(ForNewRecogniser) with { Policies = [RegistryRig.PolicyFor(PoolingFiner)] }, TinyOnnx.Copying(),
            Cancellation);
        await rig.Switch.BeginAsync(Cancellation);
        return rig;
    }

    /// <summary>Another worker of the same account, not started.</summary>
    public ModelSwitch NewSwitch(ServingModels serving) =>
        new(Registry.Registry, serving, Loader, Cache, TimeProvider.System, NullLogger<ModelSwitch>.Instance);

    public void Dispose()
    {
        Switch.Dispose();
        Serving.Dispose();
        Cache.Dispose();
        _own.Dispose();
    }

    /// <summary>A folder of models for a worker.</summary>
    private sealed class TemporaryModels : IDisposable
    {
        public TemporaryModels()
        {
            Store = new ModelStore(Directory.CreateTempSubdirectory("ipunet-models-").FullName);
            TestModels.CopyShippedTo(Store, ModelKind.Detector);
            TestModels.InstallAgreeing(Store);
            Use(RegistryRig.Manifest(Pooling, ModelKind.Recogniser), TinyOnnx.Pooling(32));
            Use(RegistryRig.Manifest(Copying), TinyOnnx.Copying());
        }

        public ModelStore Store { get; }

        public void Dispose() => Directory.Delete(Store.Root, recursive: true);

        private void Use(ModelManifest manifest, byte[] model) => Store.Use(Store.Install(manifest, model));
    }
}
