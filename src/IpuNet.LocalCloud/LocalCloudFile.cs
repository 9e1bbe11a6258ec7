using IpuNet.Faces.Files;

namespace IpuNet.LocalCloud;

/// <summary>Where the running local cloud tells other commands how to reach it; only its user may read it.</summary>
public static class LocalCloudFile
{
    private static string Location => UserFolder.Of("local-cloud");

    /// <summary>The connection string; null where no local cloud runs.</summary>
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

    /// <summary>Writes how it is reached.</summary>
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

    /// <summary>Removes what was written, unless another local cloud has written since.</summary>
    public static void Remove(string connectionString)
    {
        if (Read() == connectionString)
            File.Delete(Location);
    }
}
