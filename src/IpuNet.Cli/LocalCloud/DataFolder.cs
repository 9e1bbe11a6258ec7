using System.Globalization;
using IpuNet.Cli.Npm;
using IpuNet.Faces;

namespace IpuNet.Cli.LocalCloud;

/// <summary>The folder of a local cloud's data: one cloud at a time has it, and only its user may look into it.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockFile = "ipunet-up.lock", OwnerFile = "ipunet-up.owner";

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    /// <summary>A folder of the user's.</summary>
    public static string Default => NpmPackages.CacheFolder("local-cloud-data");

    public string Path { get; }

    private string Owner => System.IO.Path.Combine(Path, OwnerFile);

    /// <summary>Takes a folder; it is made where it is missing.</summary>
    /// <exception cref="FaceDataException">It cannot be written to, or another cloud has it.</exception>
    public static DataFolder Take(string folder)
    {
        string path = System.IO.Path.GetFullPath(folder), lockFile = System.IO.Path.Combine(path, LockFile);
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var taken = new DataFolder(path, new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            File.WriteAllText(taken.Owner, string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId}, since {DateTimeOffset.Now:yyyy-MM-dd HH:mm}"));
            return taken;
        }
        catch (IOException error) when (IsHeld(lockFile))
        {
            string owner = System.IO.Path.Combine(path, OwnerFile);
            throw new FaceDataException(
                $"{path}: another `ipunet up` has this data ({(File.Exists(owner) ? File.ReadAllText(owner) : "it has just started")}). Use that one, stop it, or name another folder with --data.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FaceDataException($"{path}: data cannot be kept there: {error.Message} Name another folder with --data.", error);
        }
    }

    public void Dispose()
    {
        File.Delete(Owner);
        _lock.Dispose();
    }

    private static bool IsHeld(string lockFile)
    {
        try
        {
            using var probe = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
