using System.Text.Json.Serialization;

namespace IpuNet.Faces.Pipeline;

/// <summary>What became of an image.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImageStatus>))]
public enum ImageStatus
{
    /// <summary>It has at least one face.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It is an image, and no face is in it.</summary>
    [JsonStringEnumMemberName("no-face")]
    NoFace,

    /// <summary>It is no image that can be used; it never will be.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,

    /// <summary>It could not be read; that may be different another time.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}
