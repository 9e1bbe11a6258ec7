using IpuNet.Faces.Files;

namespace IpuNet.LocalCloud;

/// <summary>The file with the connection string of the running local cloud, for other commands. Only its user may read it.</summary>
public static class LocalCloudFile
{
    private static string Location => UserFolder.Of("local-cloud");

    /// <summary>Reads the connection string; null if no local cloud is running.</summary>
    public static string? Read()
    {
        try
        {
            return File.ReadAllText(Location).Trim();
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Writes the connection string.</summary>
    public static void Write(string connectionString)
    {
        File.Delete(Location);
        Directory.CreateDirectory(Path.GetDirectoryName(Location)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(Location, options);
        writer.Write(connectionString);
    }

    /// <summary>Deletes the file, unless another local cloud has overwritten it.</summary>
    public static void Remove(string connectionString)
    {
        if (Read() == connectionString)
            File.Delete(Location);
    }
}
