using System.Text.Json.Serialization;
using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Gallery;

/// <summary>Where an embedding comes from, so that it can be traced and made again.</summary>
/// <param name="Image">Name of the image.</param>
/// <param name="Sha256">SHA-256 of the image file, lower-case hexadecimal.</param>
/// <param name="Box">The face in the image, pixels.</param>
/// <param name="Quality">What the enrolment gate measured.</param>
public sealed record EnrolmentProvenance(
    string Image,
    string Sha256,
    [property: JsonConverter(typeof(FaceBoxArrayConverter))] FaceBox Box,
    EnrolmentQuality Quality);
