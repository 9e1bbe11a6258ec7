namespace IpuNet.Contract;

/// <summary>The options of an upload, from its metadata.</summary>
/// <param name="Gallery">The gallery that is searched; metadata "gallery".</param>
/// <param name="Faces">How the faces are found; metadata "faces".</param>
public sealed record UploadRequest(string Gallery, FaceDetectionMode Faces)
{
    /// <summary>The gallery for uploads that name none.</summary>
    public const string DefaultGallery = "default";

    private const string GalleryKey = "gallery", FacesKey = "faces";

    /// <summary>Writes the metadata.</summary>
    public IDictionary<string, string> ToMetadata() =>
        new Dictionary<string, string> { [GalleryKey] = Gallery, [FacesKey] = NameOf(Faces) };

    /// <summary>Reads the options of an upload.</summary>
    /// <param name="metadata">The metadata. Missing keys get their defaults.</param>
    /// <param name="fault">What is not valid, without a full stop; null if all is valid.</param>
    /// <returns>Null if something is not valid.</returns>
    public static UploadRequest? From(IDictionary<string, string> metadata, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        string faces = metadata.TryGetValue(FacesKey, out string? text) ? text : NameOf(FaceDetectionMode.Auto);
        FaceDetectionMode? mode = Enum.GetValues<FaceDetectionMode>().Cast<FaceDetectionMode?>().FirstOrDefault(
            value => NameOf(value!.Value).Equals(faces, StringComparison.OrdinalIgnoreCase));
        string gallery = metadata.TryGetValue(GalleryKey, out string? name) ? name : DefaultGallery;
        fault = GalleryName.FaultOf(gallery) is { } wrong ? $"its metadata '{GalleryKey}': the gallery's name {wrong}. {GalleryName.Rule}"
            : mode is null ? $"its metadata '{FacesKey}' is '{UploadName.Shown(faces)}'; use auto, detect or crop"
            : null;
        return fault is null ? new UploadRequest(gallery, mode!.Value) : null;
    }

    private static string NameOf(FaceDetectionMode mode) => mode.ToString().ToLowerInvariant();
}
