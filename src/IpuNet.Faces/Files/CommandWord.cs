namespace IpuNet.Faces.Files;

/// <summary>Paths within the command lines that messages propose.</summary>
public static class CommandWord
{
    /// <summary>A path as a shell takes it for one word.</summary>
    /// <param name="path">The path.</param>
    public static string Of(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Length > 0 && path.All(sign => char.IsLetterOrDigit(sign) || "/\\:._-+@~".Contains(sign, StringComparison.Ordinal))
            ? path
            : OperatingSystem.IsWindows() ? $"\"{path}\"" : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
