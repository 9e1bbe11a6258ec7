namespace IpuNet.Training.Evaluation.Protocols;

/// <summary>Two images, and whether they show one person.</summary>
/// <param name="First">File of the first image.</param>
/// <param name="Second">File of the second image.</param>
/// <param name="Genuine">True for two images of one person.</param>
public sealed record FacePair(string First, string Second, bool Genuine);
