using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>
/// The memory limit for all decoded images of this process. A small file may hold many pixels: a PNG of 309 KB may decode to 120 MB. An
/// image is decoded only when the memory that its header announces is free.
/// </summary>
public static class DecodedMemory
{
    /// <summary>Name of the environment variable for the limit in MiB.</summary>
    /// <value>16 to 1,048,576. The default is 768. An image that needs more is decoded alone.</value>
    public const string Variable = "IPUNET_DECODED_MIB";

    private const int Default = 768, Least = 16, Most = 1 << 20;

    // A collection takes 0.05 s, and searching that many pixels for faces takes seconds.
    private const long CollectEvery = 256L << 20;

    private static long _uncollected;

    private static readonly Lazy<ByteBudget> Shared = new(() => new ByteBudget(BytesOf(Environment.GetEnvironmentVariable(Variable))));

    /// <summary>The budget that all images of the process share.</summary>
    /// <exception cref="FaceDataException">The environment variable is not a number, or out of its range.</exception>
    public static ByteBudget OfProcess => Shared.Value;

    /// <summary>
    /// Waits for memory, decodes a file, uses the image and frees the memory. For callers that decode on many threads.
    /// </summary>
    /// <param name="path">The file's path. Error messages name it.</param>
    /// <param name="use">Uses the image. It must not keep it.</param>
    /// <returns>The result of <paramref name="use"/>.</returns>
    /// <exception cref="FaceDataException">
    /// There is no such file, or <see cref="ImageDecoder.Decode"/> refuses its content.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read the file.</exception>
    public static T Use<T>(string path, Func<RgbImage, T> use) => Use(path, use, OfProcess);

    /// <summary>Waits for memory, uses it for an image and frees it.</summary>
    /// <param name="bytes">The memory from <see cref="ImageDecoder.DecodedBytes"/>; 0 if no image is decoded.</param>
    /// <param name="use">Decodes and uses the image. It must not keep it.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The result of <paramref name="use"/>.</returns>
    public static async Task<T> UseAsync<T>(long bytes, Func<T> use, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(use);
        await OfProcess.TakeAsync(bytes, cancellation).ConfigureAwait(false);
        return UseTaken(bytes, use, OfProcess);
    }

    /// <summary>
    /// Collects the garbage of earlier images if it may be much. Call it before an image is decoded. By itself the garbage collector is too
    /// slow: it let images of 120 MB pile up to 2 GiB, with 0.3 GiB in use.
    /// </summary>
    /// <param name="bytes">The memory that the image takes.</param>
    public static void CollectBefore(long bytes)
    {
        if (Interlocked.Add(ref _uncollected, bytes) < CollectEvery)
            return;
        Interlocked.Exchange(ref _uncollected, 0);
        GC.Collect();
    }

    internal static T Use<T>(string path, Func<RgbImage, T> use, ByteBudget budget)
    {
        ArgumentNullException.ThrowIfNull(use);
        byte[] file = ImageDecoder.ReadFile(path, path);
        long bytes = ImageDecoder.DecodedBytes(file, path);
        budget.Take(bytes);
        return UseTaken(bytes, () => use(ImageDecoder.Decode(file, path)), budget);
    }

    private static T UseTaken<T>(long bytes, Func<T> use, ByteBudget budget)
    {
        try
        {
            CollectBefore(bytes);
            return use();
        }
        finally
        {
            budget.Release(bytes);
        }
    }

    internal static long BytesOf(string? mebibytes)
    {
        if (string.IsNullOrWhiteSpace(mebibytes))
            return (long)Default << 20;
        return int.TryParse(mebibytes, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= Least and <= Most
            ? (long)number << 20
            : throw new FaceDataException(FormattableString.Invariant(
                $"{Variable} is '{mebibytes}'. Set it to a number of MiB from {Least} to {Most:N0}."));
    }
}
