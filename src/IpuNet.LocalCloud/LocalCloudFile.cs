using System.Diagnostics;
using System.Globalization;
using System.Text;
using IpuNet.Faces.Files;

namespace IpuNet.LocalCloud;

/// <summary>
/// The file with the connection string of the running local cloud, for other commands. Only its user may read it. If several local clouds
/// run, it is that of the one that started last. Each also has a file of its own, named by its process, so the others are found when the
/// last one stops.
/// </summary>
public static class LocalCloudFile
{
    private static string Location => UserFolder.Of("local-cloud");

    private static string Running => UserFolder.Of("local-clouds");

    private static string Own => Path.Combine(Running, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads the connection string; null if no local cloud is running.</summary>
    public static string? Read() => Read(Location);

    /// <summary>Writes the connection string.</summary>
    /// <returns>True if another local cloud of this user runs. Commands used it until now.</returns>
    public static bool Write(string connectionString)
    {
        bool isAnother = OfOthers().Any();
        Write(Own, connectionString);
        Write(Location, connectionString);
        return isAnother;
    }

    /// <summary>
    /// Deletes the file, or gives it to another local cloud that still runs. If another one has overwritten it, it stays.
    /// </summary>
    public static void Remove(string connectionString)
    {
        File.Delete(Own);
        if (Read() != connectionString)
            return;
        if (OfOthers().FirstOrDefault() is { } other)
            Write(Location, other);
        else
            File.Delete(Location);
    }

    // The last one first. A process that was killed left its file behind.
    private static IEnumerable<string> OfOthers()
    {
        if (!Directory.Exists(Running))
            yield break;
        foreach (var file in new DirectoryInfo(Running).GetFiles().OrderByDescending(file => file.LastWriteTimeUtc))
        {
            if (file.FullName == Own || !int.TryParse(file.Name, CultureInfo.InvariantCulture, out int process))
                continue;
            if (!IsAlive(process))
                file.Delete();
            else if (Read(file.FullName) is { } connectionString)
                yield return connectionString;
        }
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // Commands read it at any time, so it must never be seen half written.
    private static void Write(string path, string connectionString) =>
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(connectionString), durable: false);
}
