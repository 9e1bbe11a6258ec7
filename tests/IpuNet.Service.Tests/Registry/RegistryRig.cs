using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Policies;
using IpuNet.Service.Registry;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Registry;

/// <summary>A registry in an account for one test, with made-up models whose files are not networks.</summary>
internal sealed class RegistryRig(StorageAccount account)
{
    public const string Recogniser = "embedder@1";

    public static readonly ModelChangeRequest Request = new("a test");

    public StorageAccount Account => account;

    public ModelRegistry Registry { get; } = new(account, TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static ModelManifest Manifest(string id, ModelKind kind = ModelKind.Enhancer, string recogniser = Recogniser) =>
        TestModels.Manifest(id, kind, kind == ModelKind.Enhancer ? [PolicyFor(recogniser)] : []);

    public static RecognitionPolicy PolicyFor(string recogniser) => new(
        recogniser, 0.001,
        ResolutionBand.All.Select(band => new BandPolicy(band, Enhance: true, 0.5f) { Expected = new(0.9f, 0.6f, 0.8f, 0.95f) }));

    public async Task<ModelManifest> PublishAsync(string id, ModelKind kind = ModelKind.Enhancer, byte[]? model = null) =>
        await Registry.PublishAsync(Manifest(id, kind), model ?? [1, 2, 3], Cancellation);

    public Task<CurrentModels> PromoteAsync(params string[] ids) => Registry.PromoteAsync(ids, Request, Cancellation);

    public Task<CurrentModels> RollbackAsync(int? revision = null) => Registry.RollbackAsync(Request, revision, Cancellation);

    public BlobClient Blob(string name) => account.Container(StorageNames.Models).GetBlobClient(name);
}
