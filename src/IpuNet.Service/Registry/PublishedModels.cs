using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Registry;

/// <summary>
/// The versions of models in storage. A version exists once its manifest does, which is written last. A version never changes.
/// </summary>
internal sealed class PublishedModels(StorageAccount account)
{
    // Far above the size of any network for faces. Larger files are not read into memory.
    private const long MaxModelBytes = 1L << 30, MaxManifestBytes = 1L << 20;

    private readonly BlobContainerClient _models = account.Container(StorageNames.Models);

    /// <summary>Lists the ids of all versions, sorted by name, then by version.</summary>
    public async Task<IReadOnlyList<string>> IdsAsync(CancellationToken cancellation) =>
    [
        .. (await IdsWithAsync(InstalledModel.ManifestFile, cancellation).ToListAsync(cancellation).ConfigureAwait(false))
            .OrderBy(ModelId.NameOf, StringComparer.Ordinal).ThenBy(ModelId.VersionOf),
    ];

    /// <summary>
    /// The version number for the next model of a name: above all existing versions and above the remains of interrupted publications.
    /// </summary>
    public async Task<int> NextVersionAsync(string name, CancellationToken cancellation) =>
        await IdsWithAsync(InstalledModel.ModelFile, cancellation).Where(id => ModelId.NameOf(id) == name).Select(ModelId.VersionOf)
            .Append(0).MaxAsync(cancellationToken: cancellation).ConfigureAwait(false) + 1;

    /// <returns>Null if the version does not exist.</returns>
    /// <exception cref="FaceDataException">The manifest cannot be used.</exception>
    public async Task<ModelManifest?> FindAsync(string id, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(ModelId.Require(id), InstalledModel.ManifestFile);
        if (await TryReadAsync(blob, MaxManifestBytes, cancellation).ConfigureAwait(false) is not { } json)
            return null;
        var manifest = ModelManifest.FromJson(json, PathOf(blob));
        return manifest.Id == id ? manifest : throw new FaceDataException(
            $"{PathOf(blob)}: is the manifest of '{manifest.Id}', but its folder is that of '{id}'.");
    }

    /// <summary>Downloads a version, unchecked. <see cref="InstalledModel.ReadVerified"/> checks it.</summary>
    /// <exception cref="FaceDataException">The version does not exist or cannot be used.</exception>
    public async Task<InstalledModel> DownloadAsync(string id, CancellationToken cancellation)
    {
        ModelManifest manifest = await RequireAsync(id, cancellation).ConfigureAwait(false);
        BlobClient blob = BlobOf(id, InstalledModel.ModelFile);
        byte[] data = await TryReadAsync(blob, MaxModelBytes, cancellation).ConfigureAwait(false)
            ?? throw new FaceDataException($"{PathOf(blob)}: does not exist, but the manifest does. Publish the model as a new version.");
        return new InstalledModel(manifest, PathOf(blob), data);
    }

    /// <exception cref="FaceDataException">The version does not exist, or its manifest cannot be used.</exception>
    public async Task<ModelManifest> RequireAsync(string id, CancellationToken cancellation) =>
        await FindAsync(id, cancellation).ConfigureAwait(false) ?? throw new FaceDataException(
            $"There is no model '{id}' in {_models.Uri}. `ipunet registry list` lists the models in storage; `ipunet registry "
            + $"publish {id}` adds this one.");

    /// <summary>Adds a version. Publishing the same version again changes nothing.</summary>
    /// <returns>The stored manifest.</returns>
    /// <exception cref="FaceDataException">The id is not valid, or the version exists with other content.</exception>
    public async Task<ModelManifest> PublishAsync(ModelManifest manifest, ReadOnlyMemory<byte> model, CancellationToken cancellation)
    {
        string id = ModelId.Require(manifest.Id);
        manifest = manifest with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(model.Span)) };
        await CreateAsync(
            BlobOf(id, InstalledModel.ModelFile), model, "application/octet-stream", MaxModelBytes, id, cancellation).ConfigureAwait(false);
        await CreateAsync(BlobOf(id, InstalledModel.ManifestFile), manifest.ToJson(), BlobWrites.Json, MaxManifestBytes, id, cancellation)
            .ConfigureAwait(false);
        return manifest;
    }

    private async Task CreateAsync(
        BlobClient blob, ReadOnlyMemory<byte> content, string type, long most, string id, CancellationToken cancellation)
    {
        if (await blob.TryReplaceAsync(content, type, metadata: null, read: null, cancellation).ConfigureAwait(false) is not null)
            return;
        if (await TryReadAsync(blob, most, cancellation).ConfigureAwait(false) is not { } present || !content.Span.SequenceEqual(present))
        {
            int next = await NextVersionAsync(ModelId.NameOf(id), cancellation).ConfigureAwait(false);
            throw new FaceDataException(
                $"{PathOf(blob)}: exists with other content, and a published version never changes. Publish this model as "
                + $"{ModelId.NameOf(id)}@{next}.");
        }
    }

    private async IAsyncEnumerable<string> IdsWithAsync(string file, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (BlobItem blob in _models.GetBlobsAsync(cancellationToken: cancellation).ConfigureAwait(false))
        {
            if (blob.Name.Split('/') is [var name, var version, var last] && last == file && ModelId.IsValid($"{name}@{version}"))
                yield return $"{name}@{version}";
        }
    }

    private static async Task<byte[]?> TryReadAsync(BlobClient blob, long most, CancellationToken cancellation)
    {
        try
        {
            return (await blob.TryReadAsync(most, cancellation).ConfigureAwait(false))?.Content;
        }
        catch (FaceDataException tooLong)
        {
            throw new FaceDataException($"{PathOf(blob)}: {tooLong.Message}", tooLong);
        }
    }

    private BlobClient BlobOf(string id, string file) => _models.GetBlobClient(StorageNames.ModelFile(id, file));

    private static string PathOf(BlobClient blob) => $"{StorageNames.Models}/{blob.Name}";
}
