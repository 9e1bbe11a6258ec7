using System.Text.Json.Serialization;

namespace IpuNet.Faces.Models;

/// <summary>What a model does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelKind>))]
public enum ModelKind
{
    /// <summary>Super-resolves aligned faces.</summary>
    [JsonStringEnumMemberName("enhancer")]
    Enhancer,

    /// <summary>Turns aligned faces into embeddings.</summary>
    [JsonStringEnumMemberName("recogniser")]
    Recogniser,

    /// <summary>Finds faces in photos.</summary>
    [JsonStringEnumMemberName("detector")]
    Detector,

    /// <summary>Finds the 68 points of a face.</summary>
    [JsonStringEnumMemberName("landmarks")]
    Landmarks,
}
