using System.Globalization;
using System.Text;
using IpuNet.Contract;
using IpuNet.Faces.Files;

namespace IpuNet.LocalCloud;

/// <summary>
/// The data folder of a local cloud. One cloud at a time uses it, and only its user may read it. The cloud holds one lock, and its Azurite
/// holds another: if the cloud is killed, Azurite still saves its data. The system releases a lock when its holder ends.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const string CloudLock = "ipunet-up.lock", AzuriteLock = "ipunet-up.azurite.lock", OwnerFile = "ipunet-up.owner";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    /// <summary>The default folder, in the user's home.</summary>
    public static string Default => UserFolder.LastingPlace("local-cloud-data");

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Locks a folder, and creates it if it is missing. Waits while the Azurite of a killed cloud saves its data there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="note">Gets messages for the user.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="FaceDataException">The folder is not writable, or another cloud or its Azurite holds it.</exception>
    public static async Task<DataFolder> TakeAsync(string folder, Action<string> note, CancellationToken cancellation)
    {
        string path = System.IO.Path.GetFullPath(folder);
        FileStream? taken = null;
        try
        {
            PrivateFolder.RequireOwnContent(path);
            PrivateFolder.Create(path);
            taken = Lock(path, CloudLock, FileShare.None)
                ?? throw new FaceDataException(
                    $"{path}: another `ipunet up` uses this folder ({OwnerOf(path)}). Use that one, stop it, or name another folder with "
                    + "--data.");
            await WaitForAzuriteAsync(path, note, cancellation);
            WriteOwner(path, "");
            PrivateFolder.Open(path, IsOwn);
            return new DataFolder(path, taken);
        }
        catch (Exception error)
        {
            taken?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new FaceDataException(
                    $"{path}: the folder cannot hold data: {error.Message} Name another folder with --data.", error);
            }

            throw;
        }
    }

    /// <summary>
    /// Takes a lock that later child processes inherit. If this process is killed, the lock lasts until the last child has ended. Disposing
    /// releases it for all.
    /// </summary>
    public IDisposable LockForChildren() => Lock(Path, AzuriteLock, FileShare.Inheritable)
        ?? throw new FaceDataException($"{Path}: another program has locked {AzuriteLock}. End it, or name another folder with --data.");

    /// <summary>Writes the owner of the folder to a file. Another cloud that finds the folder locked names it in a message.</summary>
    /// <param name="azurite">Id of Azurite's process.</param>
    public void WriteOwner(int azurite) =>
        WriteOwner(Path, string.Create(CultureInfo.InvariantCulture, $", with Azurite as process {azurite}"));

    /// <summary>Releases the folder.</summary>
    public void Dispose()
    {
        File.Delete(System.IO.Path.Combine(Path, OwnerFile));
        _lock.Dispose();
    }

    // The files of Azurite and of this program. The user may keep other files beside them.
    private static bool IsOwn(string name) =>
        name.StartsWith("__", StringComparison.Ordinal) || name.StartsWith("ipunet-up.", StringComparison.Ordinal)
            || name == "AzuriteConfig";

    private static async Task WaitForAzuriteAsync(string path, Action<string> note, CancellationToken cancellation)
    {
        DateTime end = DateTime.UtcNow + Patience;
        for (bool isNoted = false; ; isNoted = true)
        {
            FileStream? free = Lock(path, AzuriteLock, FileShare.None);
            if (free is not null)
            {
                free.Dispose();
                return;
            }

            if (!isNoted)
                note($"{path}: the Azurite of a killed `ipunet up` ({OwnerOf(path)}) still saves its data. Waiting for it ...");
            if (DateTime.UtcNow > end)
            {
                throw new FaceDataException(
                    $"{path}: the Azurite of a killed `ipunet up` ({OwnerOf(path)}) has held this folder for {Patience.TotalSeconds:0} s. "
                    + "End that process, or name another folder with --data.");
            }

            await Task.Delay(PollInterval, cancellation);
        }
    }

    // Null if another process holds the lock. With FileShare.Inheritable, child processes hold it as well.
    private static FileStream? Lock(string folder, string name, FileShare share)
    {
        string file = System.IO.Path.Combine(folder, name);
        var settings = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
            settings.UnixCreateMode = PrivateFolder.OfFiles;
        try
        {
            return new FileStream(file, settings);
        }
        catch (IOException held) when (held.GetType() == typeof(IOException) && File.Exists(file))
        {
            return null;
        }
    }

    private static string OwnerOf(string folder)
    {
        try
        {
            return File.ReadAllText(System.IO.Path.Combine(folder, OwnerFile));
        }
        catch (IOException)
        {
            return "just started";
        }
    }

    private static void WriteOwner(string folder, string azurite)
    {
        string owner = string.Create(
            CultureInfo.InvariantCulture, $"process {Environment.ProcessId}, since {DateTimeOffset.Now:yyyy-MM-dd HH:mm}{azurite}");
        AtomicFile.Write(System.IO.Path.Combine(folder, OwnerFile), Encoding.UTF8.GetBytes(owner), durable: false);
    }
}
