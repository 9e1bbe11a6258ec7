namespace IpuNet.Service.Intake;

/// <summary>
/// An archive in storage as a stream. The last bytes, which hold the directory, are read into memory at once, because the directory is
/// parsed synchronously. A longer directory is refused before it fills the memory.
/// </summary>
internal sealed class ArchiveStream : Stream
{
    private readonly Stream _source;
    private readonly byte[] _tail;
    private readonly long _tailStart;

    private ArchiveStream(Stream source, byte[] tail) =>
        (_source, _tail, _tailStart, Length) = (source, tail, source.Length - tail.Length, source.Length);

    /// <summary>The error that stopped the reading; null if there was none.</summary>
    public Exception? Fault { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get; set; }

    /// <summary>Reads the last bytes.</summary>
    /// <param name="source">The whole archive; seekable.</param>
    /// <param name="mostTail">The maximum number of bytes to read.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public static async Task<ArchiveStream> OpenAsync(Stream source, long mostTail, CancellationToken cancellation)
    {
        var tail = new byte[Math.Min(source.Length, mostTail)];
        source.Position = source.Length - tail.Length;
        await source.ReadExactlyAsync(tail, cancellation).ConfigureAwait(false);
        return new ArchiveStream(source, tail);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= _tailStart)
            return ReadTail(buffer.Span);
        try
        {
            _source.Position = Position;
            int read = await _source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            Position += read;
            return read;
        }
        catch (Exception error)
        {
            Fault = error;
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer) =>
        Position >= _tailStart ? ReadTail(buffer) : throw new InvalidDataException("The directory is too long.");

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = offset + (origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => Position, _ => Length });

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int ReadTail(Span<byte> buffer)
    {
        int read = (int)Math.Clamp(Length - Position, 0, buffer.Length);
        _tail.AsSpan((int)(Math.Min(Position, Length) - _tailStart), read).CopyTo(buffer);
        Position += read;
        return read;
    }
}
