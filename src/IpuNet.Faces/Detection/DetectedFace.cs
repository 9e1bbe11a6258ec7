using IpuNet.Faces.Alignment;

namespace IpuNet.Faces.Detection;

/// <summary>A face found in a photo.</summary>
/// <param name="Box">Where it is: from the brows to the chin, inside the photo, in pixels.</param>
/// <param name="Score">How sure the detector is, 0-1.</param>
/// <param name="Landmarks">Its 68 landmarks, in pixels of the photo.</param>
public sealed record DetectedFace(FaceBox Box, float Score, FaceLandmarks Landmarks);
