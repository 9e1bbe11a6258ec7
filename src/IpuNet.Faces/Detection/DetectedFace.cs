using IpuNet.Contract;
using IpuNet.Faces.Alignment;

namespace IpuNet.Faces.Detection;

/// <summary>A face found in a photo.</summary>
/// <param name="Box">The face's box from the brows to the chin, inside the photo, in pixels.</param>
/// <param name="Score">The detector's score, 0-1.</param>
/// <param name="Landmarks">The 68 landmarks, in pixels of the photo.</param>
public sealed record DetectedFace(FaceBox Box, float Score, FaceLandmarks Landmarks);
