using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace IpuNet.Service.Galleries;

/// <summary>
/// Gets who was deleted out of this process's memory. What is held is overwritten by whoever holds it; copies that libraries and the
/// runtime made lie in
/// memory that nobody uses, which is given back to the system.
/// </summary>
/// <param name="time">The time.</param>
internal sealed class DeletedMemory(TimeProvider time)
{
    // Buffers that libraries share are let go of by a collection once they have rested for a minute.
    private static readonly TimeSpan BuffersRest = TimeSpan.FromSeconds(90);

    private int _isAsked;
    private long? _collected;

    /// <summary>Asks for it, after a deletion.</summary>
    public void Ask() => Interlocked.Exchange(ref _isAsked, 1);

    /// <summary>
    /// Gives memory back, where that was asked for since the last time, and once more when shared buffers have rested. For one thread at a
    /// time.
    /// </summary>
    public void Tidy()
    {
        bool isAsked = Interlocked.Exchange(ref _isAsked, 0) == 1;
        if (!isAsked && (_collected is not { } since || time.GetElapsedTime(since) < BuffersRest))
            return;
        // Only this mode gives freed memory back at once, so that its content is gone.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _collected = isAsked ? time.GetTimestamp() : null;
    }

    /// <summary>Overwrites bytes that nobody uses any more, whoever made them.</summary>
    public static void Overwrite(ReadOnlyMemory<byte> bytes) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(bytes).Span);
}
