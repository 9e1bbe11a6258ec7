using IpuNet.Faces.Files;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// Locks that keep writers of one subject apart, across threads and processes. A lock is an open file that nobody else may open
/// (flock on Unix, sharing on Windows), so it ends with its process and cannot be left behind.
/// </summary>
/// <remarks>
/// Subjects share 64 lock files, which stay: a lock file can only be deleted safely where nobody could be about to open it,
/// and files that are never deleted must not carry the names of subjects that were.
/// </remarks>
internal sealed class SubjectLocks(string folder, TimeSpan timeout)
{
    private const int Stripes = 64;
    private const int LongestPauseMs = 16;

    // EWOULDBLOCK of Linux and of macOS; ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows.
    private static readonly int[] HeldElsewhere = [11, 35, unchecked((int)0x80070020), unchecked((int)0x80070021)];

    /// <summary>Waits for the subject's lock.</summary>
    /// <exception cref="IOException">Others held it for longer than the timeout.</exception>
    public IDisposable Take(string subjectId)
    {
        var deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        for (var pauseMs = 1; ; pauseMs = Math.Min(pauseMs * 2, LongestPauseMs))
        {
            if (TryTake(subjectId) is { } held)
                return held;
            if (Environment.TickCount64 >= deadline)
                throw new IOException($"{PathOf(subjectId)} is held by another writer since {timeout.TotalSeconds} s: try again later.");
            Thread.Sleep(pauseMs);
        }
    }

    /// <summary>The subject's lock, or null where another writer has it.</summary>
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

    // Case is ignored so that ids which are one file on a case-insensitive file system share one lock.
    private string PathOf(string subjectId)
    {
        var hash = 2166136261u;
        foreach (var c in subjectId)
            hash = (hash ^ char.ToLowerInvariant(c)) * 16777619u;
        return Path.Combine(folder, $"{hash % Stripes:00}.lock");
    }
}
