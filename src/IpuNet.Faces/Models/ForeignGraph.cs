using System.Text.Json.Serialization;

namespace IpuNet.Faces.Models;

/// <summary>The order of the colours in a picture.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    /// <summary>Red first.</summary>
    [JsonStringEnumMemberName("rgb")]
    Rgb,

    /// <summary>Blue first, as OpenCV has it.</summary>
    [JsonStringEnumMemberName("bgr")]
    Bgr,
}

/// <summary>
/// What a recogniser's graph wants and gives that somebody else made, and that is run as it is: its input is float32 [N, 3, height, width] of the
/// manifest's size, (x - mean) / deviation of pixels of 0-255; its output float32 [N, D], of any length.
/// </summary>
/// <param name="Input">The input's name.</param>
/// <param name="Output">The name of the output that is the embedding.</param>
/// <param name="Channels">The order of the colours.</param>
/// <param name="Mean">What is taken from each pixel.</param>
/// <param name="Deviation">What the difference is divided by; above 0.</param>
/// <param name="Alignment">The frame that the graph wants faces in, such as <see cref="Faces.Alignment.InsightFaceFrame.Id"/>.</param>
public sealed record ForeignGraph(
    [property: JsonRequired] string Input,
    [property: JsonRequired] string Output,
    [property: JsonRequired] ChannelOrder Channels,
    [property: JsonRequired] float Mean,
    [property: JsonRequired] float Deviation,
    [property: JsonRequired] string Alignment);
