using System.Text.Json.Serialization;

namespace IpuNet.Faces.Models;

/// <summary>The order of a pixel's colours.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    /// <summary>Red first.</summary>
    [JsonStringEnumMemberName("rgb")]
    Rgb,

    /// <summary>Blue first, as in OpenCV.</summary>
    [JsonStringEnumMemberName("bgr")]
    Bgr,
}

/// <summary>
/// The input and output of a recogniser's ONNX graph from another project. The graph runs unchanged. Its input is float32
/// [N, 3, height, width] of the manifest's size: (x - mean) / deviation, where x is 0-255. Its output is float32 [N, D], not normalised.
/// </summary>
/// <param name="Input">The input's name.</param>
/// <param name="Output">The name of the output that holds the embedding.</param>
/// <param name="Channels">The order of the colours.</param>
/// <param name="Mean">The value to subtract from each colour, on the scale of 0-255.</param>
/// <param name="Deviation">The divisor of the difference, above 0.</param>
/// <param name="Alignment">Id of the frame for the faces, such as <see cref="Faces.Alignment.InsightFaceFrame.Id"/>.</param>
public sealed record ImportedGraph(
    [property: JsonRequired] string Input,
    [property: JsonRequired] string Output,
    [property: JsonRequired] ChannelOrder Channels,
    [property: JsonRequired] float Mean,
    [property: JsonRequired] float Deviation,
    [property: JsonRequired] string Alignment);
