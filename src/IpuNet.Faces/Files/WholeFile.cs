namespace IpuNet.Faces.Files;

/// <summary>
/// Writes files whole or not at all: aside, then renamed. A reader sees what was there before or all of the new, whoever is killed when, and several
/// writers of one file do not mix. Files are their user's alone (0600), and so are folders that are made for them (0700). What a killed writer leaves aside is named <c>{file}.{32 digits}.tmp</c>, and nobody reads it.
/// </summary>
public static class WholeFile
{
    /// <summary>Writes a file. Its folder is made where it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the content; where it throws, what was there stays.</param>
    /// <param name="durable">Whether the content is on the disk before it has the file's name: for what cannot be made again when the machine loses power.</param>
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

    /// <summary>Writes a file's bytes.</summary>
    /// <inheritdoc cref="Write(string, Action{FileStream}, bool)"/>
    public static void Write(string path, byte[] content, bool durable) => Write(path, file => file.Write(content), durable);

    /// <summary>Writes a file. Its folder is made where it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the content, and may read it again; where it throws, what was there stays.</param>
    /// <param name="durable">Whether the content is on the disk before it has the file's name: for what cannot be made again when the machine loses power.</param>
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

    /// <summary>Writes a file's bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">All of it.</param>
    /// <param name="durable">Whether the content is on the disk before it has the file's name: for what cannot be made again when the machine loses power.</param>
    /// <param name="cancellation">Gives up; what was there stays.</param>
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
        var settings = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = options };
        if (!OperatingSystem.IsWindows())
            settings.UnixCreateMode = PrivateFolder.OfFiles;
        return new FileStream(aside, settings);
    }
}
