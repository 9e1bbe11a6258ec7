using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>A face that was found in an image and cut out of it.</summary>
/// <param name="Box">Where it is, pixels.</param>
/// <param name="SourceHeight">
/// Height of the aligned face's square in the image, pixels: how many pixels the aligned face is made of, by which low-resolution faces
/// are trained, measured and calibrated. It is about the box's height: the square is wider than a face and ends at its chin.
/// </param>
/// <param name="Aligned">The aligned face, 128x128 px.</param>
public sealed record LocatedFace(FaceBox Box, float SourceHeight, RgbImage Aligned);
