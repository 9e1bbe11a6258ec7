namespace IpuNet.Contract;

/// <summary>
/// Data from a user cannot be used: a file that is not an image, a forbidden name, a damaged file. The same data fails again, so there is
/// no retry. The message names the thing, the reason and the way out; users see it unchanged.
/// </summary>
/// <param name="message">What cannot be used, why, and the way out.</param>
/// <param name="inner">The underlying error, if any.</param>
public sealed class FaceDataException(string message, Exception? inner = null) : Exception(message, inner);
