using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace IpuNet.Service.Galleries;

/// <summary>
/// Removes deleted subjects from the memory of this process. The owner of a buffer overwrites it. Libraries and the runtime make more
/// copies, in memory that is free afterwards. This class returns that memory to the system.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class DeletedMemory(TimeProvider time)
{
    // Shared buffers of libraries are freed by a garbage collection only after they were unused for a minute.
    private static readonly TimeSpan BuffersRest = TimeSpan.FromSeconds(90);

    private int _isAsked;
    private long? _collected;

    /// <summary>Asks for a <see cref="Tidy"/>, after a deletion.</summary>
    public void Ask() => Interlocked.Exchange(ref _isAsked, 1);

    /// <summary>
    /// Returns free memory to the system if that was asked for since the last call. Does so a second time 90 s later, when shared buffers
    /// can be freed. Only one thread may call it at a time.
    /// </summary>
    public void Tidy()
    {
        bool isAsked = Interlocked.Exchange(ref _isAsked, 0) == 1;
        if (!isAsked && (_collected is not { } since || time.GetElapsedTime(since) < BuffersRest))
            return;
        // Only this mode returns free memory at once, so that its content is gone.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _collected = isAsked ? time.GetTimestamp() : null;
    }

    /// <summary>Overwrites bytes with zeros, even in a read-only buffer. Nobody may use them afterwards.</summary>
    public static void Overwrite(ReadOnlyMemory<byte> bytes) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(bytes).Span);
}
