using System.Globalization;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>
/// How much memory the decoded images of this process may take, whoever decodes them. Files are small, and what they hold is not: 309 KB of
/// PNG may be 120 MB of pixels. An image is decoded when as much is free as its header says that it takes.
/// </summary>
public static class DecodedMemory
{
    /// <summary>Name of the environment variable that says how much, in MiB.</summary>
    /// <value>768 where it is not set; 16 to 1,048,576. An image that takes more is decoded alone.</value>
    public const string Variable = "IPUNET_DECODED_MIB";

    private const int Default = 768, Least = 16, Most = 1 << 20;

    // A twentieth of a second of collecting for what takes seconds to search for faces.
    private const long CollectEvery = 256L << 20;

    private static long _uncollected;

    private static readonly Lazy<ByteBudget> Shared = new(() => new ByteBudget(BytesOf(Environment.GetEnvironmentVariable(Variable))));

    /// <summary>What all images of the process share.</summary>
    /// <exception cref="FaceDataException">The variable is no number, or out of its range.</exception>
    public static ByteBudget OfProcess => Shared.Value;

    /// <summary>
    /// Decodes a file once there is memory for it, and keeps that until the image was used. For callers that decode on all cores.
    /// </summary>
    /// <param name="path">The file; messages name it as it is given here.</param>
    /// <param name="use">Makes something smaller of the image, which it does not keep.</param>
    /// <exception cref="FaceDataException">There is no such file, or its content is refused as <see cref="ImageDecoder.Decode"/>
    /// says.</exception>
    /// <exception cref="IOException">The file could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static T Use<T>(string path, Func<RgbImage, T> use) => Use(path, use, OfProcess);

    /// <summary>Waits until there is memory for an image, and keeps that until it was used.</summary>
    /// <param name="bytes">How much memory the image takes, as <see cref="ImageDecoder.DecodedBytes"/> says; 0 where none is decoded.</param>
    /// <param name="use">Decodes the image and makes something smaller of it.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public static async Task<T> UseAsync<T>(long bytes, Func<T> use, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(use);
        await OfProcess.TakeAsync(bytes, cancellation).ConfigureAwait(false);
        return UseTaken(bytes, use, OfProcess);
    }

    /// <summary>
    /// Has the garbage collected that earlier images left, if it may be much; to be called before an image is decoded. By itself the
    /// collector is in no hurry: it let pictures of 120 MB pile up to 2 GiB of which 0.3 were in use.
    /// </summary>
    /// <param name="bytes">How much memory the image takes.</param>
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
                $"{Variable} is '{mebibytes}', and may be {Least} to {Most:N0}, in MiB."));
    }
}
