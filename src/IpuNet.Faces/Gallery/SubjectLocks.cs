using IpuNet.Faces.Files;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// Locks that let only one thread of one process write a subject at a time. A lock is an open file that nobody else can open (flock on
/// Unix, sharing on Windows). It ends with its process, so a crash leaves no lock.
/// </summary>
/// <remarks>
/// Subjects share 64 lock files, and these are never deleted: another process could be about to open one. So the files must not have the
/// ids of subjects as names.
/// </remarks>
internal sealed class SubjectLocks(string folder, TimeSpan timeout)
{
    private const int Stripes = 64;
    private const int LongestPauseMs = 16;

    // EWOULDBLOCK of Linux and of macOS; ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows.
    private static readonly int[] HeldElsewhere = [11, 35, unchecked((int)0x80070020), unchecked((int)0x80070021)];

    /// <summary>Waits for the lock of a subject.</summary>
    /// <exception cref="IOException">Other writers held the lock for longer than the timeout.</exception>
    public IDisposable Take(string subjectId)
    {
        var deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        for (var pauseMs = 1; ; pauseMs = Math.Min(pauseMs * 2, LongestPauseMs))
        {
            if (TryTake(subjectId) is { } held)
                return held;
            if (Environment.TickCount64 >= deadline)
                throw new IOException($"{PathOf(subjectId)} is locked by another writer since {timeout.TotalSeconds} s. Try again later.");
            Thread.Sleep(pauseMs);
        }
    }

    /// <summary>Takes the lock of a subject; null if another writer has it.</summary>
    public IDisposable? TryTake(string subjectId)
    {
        PrivateFolder.Create(folder);
        try
        {
            return new FileStream(PathOf(subjectId), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (HeldElsewhere.Contains(error.HResult))
        {
            return null;
        }
    }

    // Upper and lower case give the same lock, because on some file systems such ids are the same file.
    private string PathOf(string subjectId)
    {
        var hash = 2166136261u;
        foreach (var c in subjectId)
            hash = (hash ^ char.ToLowerInvariant(c)) * 16777619u;
        return Path.Combine(folder, $"{hash % Stripes:00}.lock");
    }
}
