namespace IpuNet.Retraining.Preparation;

/// <summary>An image that somebody gave to learn from, as it was given.</summary>
/// <param name="Identity">Who it shows.</param>
/// <param name="Path">Its file.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal.</param>
public sealed record SourceImage(string Identity, string Path, string Sha256);
