namespace IpuNet.Faces;

/// <summary>
/// Data that a user gave cannot be used: an image that is none, a name that is not allowed, a file that is damaged.
/// The same data fails again, so nobody retries. The message names the thing, the reason and the way out, and is fit for the user as it is.
/// </summary>
/// <param name="message">What cannot be used, why, and what to do about it.</param>
/// <param name="inner">The error underneath, where there is one.</param>
public sealed class FaceDataException(string message, Exception? inner = null) : Exception(message, inner);
