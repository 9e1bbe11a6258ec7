using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;

namespace IpuNet.Service.Intake;

/// <summary>What an upload asks for, in its metadata.</summary>
/// <param name="Gallery">The gallery that is searched; metadata "gallery".</param>
/// <param name="Faces">Where its faces are; metadata "faces".</param>
public sealed record UploadWishes(string Gallery, FaceFinding Faces)
{
    /// <summary>The gallery where none is named.</summary>
    public const string DefaultGallery = "default";

    private const string GalleryKey = "gallery", FacesKey = "faces";

    /// <summary>The metadata.</summary>
    public IDictionary<string, string> ToMetadata() => new Dictionary<string, string> { [GalleryKey] = Gallery, [FacesKey] = NameOf(Faces) };

    // Null where a wish cannot be understood.
    internal static UploadWishes? From(IDictionary<string, string> metadata, out UploadFault? fault)
    {
        string faces = metadata.TryGetValue(FacesKey, out string? text) ? text : NameOf(FaceFinding.Auto);
        FaceFinding? finding = Enum.GetValues<FaceFinding>().Cast<FaceFinding?>().FirstOrDefault(value => NameOf(value!.Value).Equals(faces, StringComparison.OrdinalIgnoreCase));
        string gallery = metadata.TryGetValue(GalleryKey, out string? name) ? name : DefaultGallery;
        fault = GalleryName.FaultOf(gallery) is { } wrong ? new("wish", $"its metadata '{GalleryKey}': the gallery's name {wrong}. {GalleryName.Rule}")
            : finding is null ? new("wish", $"its metadata '{FacesKey}' is '{UploadName.Shown(faces)}', and may be auto, detect or crop")
            : null;
        return fault is null ? new UploadWishes(gallery, finding!.Value) : null;
    }

    private static string NameOf(FaceFinding faces) => faces.ToString().ToLowerInvariant();
}
