using System.Globalization;
using System.Text;
using IpuNet.Faces;
using IpuNet.Faces.Files;

namespace IpuNet.LocalCloud;

/// <summary>
/// The folder of a local cloud's data: one cloud at a time has it, and only its user may look into it. The cloud holds one lock, and its
/// Azurite, which outlives a killed cloud by its last save, another. The system releases a lock when its holder ends, however it ends.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const string CloudLock = "ipunet-up.lock", AzuriteLock = "ipunet-up.azurite.lock", OwnerFile = "ipunet-up.owner";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(100);

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    /// <summary>A folder of the user's, in their home or nowhere: what is acknowledged has to last.</summary>
    public static string Default => UserFolder.LastingPlace("local-cloud-data");

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>Takes a folder; it is made where it is missing. Waits a while where the Azurite of a killed cloud still saves its data there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="note">Is told what takes long.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FaceDataException">It cannot be written to, or another cloud has it, or an Azurite does not let go of it.</exception>
    public static async Task<DataFolder> TakeAsync(string folder, Action<string> note, CancellationToken cancellation)
    {
        string path = System.IO.Path.GetFullPath(folder);
        FileStream? taken = null;
        try
        {
            PrivateFolder.RequireOwnContent(path);
            PrivateFolder.Create(path);
            taken = Lock(path, CloudLock, FileShare.None)
                ?? throw new FaceDataException($"{path}: another `ipunet up` has this data ({OwnerOf(path)}). Use that one, stop it, or name another folder with --data.");
            await WaitForAzuriteAsync(path, note, cancellation);
            SayOwner(path, "");
            PrivateFolder.Open(path, IsOwn);
            return new DataFolder(path, taken);
        }
        catch (Exception error)
        {
            taken?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
                throw new FaceDataException($"{path}: data cannot be kept there: {error.Message} Name another folder with --data.", error);
            throw;
        }
    }

    /// <summary>
    /// A hold on the folder that goes to the processes which this one starts from now on. It lasts until the last of them has ended where this
    /// one is killed; else until it is disposed of, which releases it for all of them.
    /// </summary>
    public IDisposable HandDown() => Lock(Path, AzuriteLock, FileShare.Inheritable)
        ?? throw new FaceDataException($"{Path}: another program has locked {AzuriteLock}.");

    /// <summary>Writes down who works here, for those who find the folder locked.</summary>
    /// <param name="azurite">The process.</param>
    public void SayAzurite(int azurite) => SayOwner(Path, string.Create(CultureInfo.InvariantCulture, $", with Azurite as process {azurite}"));

    /// <summary>Lets go of it.</summary>
    public void Dispose()
    {
        File.Delete(System.IO.Path.Combine(Path, OwnerFile));
        _lock.Dispose();
    }

    // Azurite's names and this program's: the user may keep something else beside.
    private static bool IsOwn(string name) =>
        name.StartsWith("__", StringComparison.Ordinal) || name.StartsWith("ipunet-up.", StringComparison.Ordinal) || name == "AzuriteConfig";

    private static async Task WaitForAzuriteAsync(string path, Action<string> note, CancellationToken cancellation)
    {
        DateTime end = DateTime.UtcNow + Patience;
        for (bool said = false; ; said = true)
        {
            FileStream? free = Lock(path, AzuriteLock, FileShare.None);
            if (free is not null)
            {
                free.Dispose();
                return;
            }

            if (!said)
                note($"{path}: the Azurite of an `ipunet up` that was killed ({OwnerOf(path)}) still saves its data. Waiting for it ...");
            if (DateTime.UtcNow > end)
            {
                throw new FaceDataException(
                    $"{path}: the Azurite of an `ipunet up` that was killed ({OwnerOf(path)}) has not let go of this data for {Patience.TotalSeconds:0} s. End that process, or name another folder with --data.");
            }

            await Task.Delay(Look, cancellation);
        }
    }

    // Null where somebody else has it. With FileShare.Inheritable, children have it too.
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
            return "it has just started";
        }
    }

    private static void SayOwner(string folder, string azurite)
    {
        string owner = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId}, since {DateTimeOffset.Now:yyyy-MM-dd HH:mm}{azurite}");
        WholeFile.Write(System.IO.Path.Combine(folder, OwnerFile), Encoding.UTF8.GetBytes(owner), durable: false);
    }
}
