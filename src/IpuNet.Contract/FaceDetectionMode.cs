using System.Text.Json.Serialization;

namespace IpuNet.Contract;

/// <summary>How the faces of an image are found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaceDetectionMode>))]
public enum FaceDetectionMode
{
    /// <summary>
    /// The image is searched for faces. An image of at most 150 px counts as one cut-out face, and so does one of at most 256 px in which
    /// no face is found.
    /// </summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    /// <summary>Every image is searched for faces.</summary>
    [JsonStringEnumMemberName("detect")]
    Detect,

    /// <summary>Every image is one face, cut out like an aligned face.</summary>
    [JsonStringEnumMemberName("crop")]
    Crop,
}
