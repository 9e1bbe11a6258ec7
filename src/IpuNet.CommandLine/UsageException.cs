namespace IpuNet.CommandLine;

/// <summary>The command asks for what makes no sense, or for nothing at all.</summary>
public sealed class UsageException(string message) : Exception(message);
