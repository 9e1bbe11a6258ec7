namespace IpuNet.Faces.Recognition;

/// <summary>What is done with the faces of one resolution band.</summary>
/// <param name="Band">The band.</param>
/// <param name="Enhance">Whether faces are super-resolved before recognition: true only where that was measured to help.</param>
/// <param name="Threshold">Cosine similarity from which a match counts as known, in [-1, 1].</param>
public sealed record BandPolicy(ResolutionBand Band, bool Enhance, float Threshold);
