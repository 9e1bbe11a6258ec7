using System.Text.Json.Serialization;

namespace IpuNet.Faces.Pipeline;

/// <summary>Where the faces of an image are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaceFinding>))]
public enum FaceFinding
{
    /// <summary>
    /// A photo is searched for faces. An image up to <see cref="FaceLocator.CropSide"/> px is a face that was cut out already, and
    /// so is one up to <see cref="FaceLocator.LargestCropSide"/> px in which no face is found.
    /// </summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    /// <summary>Every image is a photo that is searched for faces.</summary>
    [JsonStringEnumMemberName("detect")]
    Detect,

    /// <summary>Every image is one face, cut out as an aligned face is.</summary>
    [JsonStringEnumMemberName("crop")]
    Crop,
}
