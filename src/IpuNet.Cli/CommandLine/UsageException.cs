namespace IpuNet.Cli.CommandLine;

/// <summary>The command asks for what makes no sense, or for nothing at all.</summary>
internal sealed class UsageException(string message) : Exception(message);
