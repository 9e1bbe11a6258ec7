namespace IpuNet.Faces.Gallery;

/// <summary>How good a face is for enrolment.</summary>
/// <param name="FaceHeight">Height of the face box in the source image, pixels.</param>
/// <param name="Sharpness">Sharpness of the aligned face as <see cref="FaceSharpness"/> measures it, at least 0.</param>
public sealed record EnrolmentQuality(float FaceHeight, float Sharpness);
