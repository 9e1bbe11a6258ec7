namespace IpuNet.Faces.Files;

/// <summary>
/// Writes files atomically: to a temporary file, which is then renamed. A reader sees the old content or all of the new content, also if a
/// writer is killed or several writers write the same file. New files have mode 0600 and new folders 0700: only their owner has access. A
/// killed writer may leave <c>{file}.{32 digits}.tmp</c> behind. No program reads it.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file. Creates its folder if it is missing.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="write">Writes the content. If it throws, the old file stays.</param>
    /// <param name="durable">
    /// Whether to flush the content to the disk before the rename. Set it for data that cannot be recreated after a power failure.
    /// </param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Action<FileStream> write, bool durable)
    {
        ArgumentNullException.ThrowIfNull(write);
        string aside = AsideOf(path);
        try
        {
            using (FileStream file = Open(aside, FileOptions.None))
            {
                write(file);
                if (durable)
                    file.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    /// <inheritdoc cref="Write(string, Action{FileStream}, bool)"/>
    /// <param name="path">The file's path.</param>
    /// <param name="content">The whole content.</param>
    /// <param name="durable">
    /// Whether to flush the content to the disk before the rename. Set it for data that cannot be recreated after a power failure.
    /// </param>
    public static void Write(string path, byte[] content, bool durable) => Write(path, file => file.Write(content), durable);

    /// <summary>Writes a file. Creates its folder if it is missing.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="write">Writes the content. It may also read what it has written. If it throws, the old file stays.</param>
    /// <param name="durable">
    /// Whether to flush the content to the disk before the rename. Set it for data that cannot be recreated after a power failure.
    /// </param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static async Task WriteAsync(string path, Func<FileStream, Task> write, bool durable)
    {
        ArgumentNullException.ThrowIfNull(write);
        string aside = AsideOf(path);
        try
        {
            FileStream file = Open(aside, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                await write(file).ConfigureAwait(false);
                if (durable)
                    file.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    /// <summary>Writes a file. Creates its folder if it is missing.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="content">The whole content.</param>
    /// <param name="durable">
    /// Whether to flush the content to the disk before the rename. Set it for data that cannot be recreated after a power failure.
    /// </param>
    /// <param name="cancellation">Cancels the operation. The old file stays then.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static Task WriteAsync(string path, byte[] content, bool durable, CancellationToken cancellation) =>
        WriteAsync(path, file => file.WriteAsync(content, cancellation).AsTask(), durable);

    private static string AsideOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        PrivateFolder.Create(Path.GetDirectoryName(full)!);
        return $"{full}.{Guid.NewGuid():N}.tmp";
    }

    private static FileStream Open(string aside, FileOptions options)
    {
        var settings = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = options,
        };
        if (!OperatingSystem.IsWindows())
            settings.UnixCreateMode = PrivateFolder.OfFiles;
        return new FileStream(aside, settings);
    }
}
