using System.Globalization;

namespace IpuNet.Faces.Pipeline;

/// <summary>
/// How much memory the decoded images of this process may take, whoever decodes them. Files are small, and what they hold is not: 309 KB of PNG
/// may be 120 MB of pixels. An image is decoded when as much is free as its header says that it takes.
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
    /// Has the garbage collected that earlier images left, if it may be much; to be called before an image is decoded. By itself the collector is in
    /// no hurry: it let pictures of 120 MB pile up to 2 GiB of which 0.3 were in use.
    /// </summary>
    /// <param name="bytes">How much memory the image takes.</param>
    public static void CollectBefore(long bytes)
    {
        if (Interlocked.Add(ref _uncollected, bytes) < CollectEvery)
            return;
        Interlocked.Exchange(ref _uncollected, 0);
        GC.Collect();
    }

    internal static long BytesOf(string? mebibytes)
    {
        if (string.IsNullOrWhiteSpace(mebibytes))
            return (long)Default << 20;
        return int.TryParse(mebibytes, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= Least and <= Most
            ? (long)number << 20
            : throw new FaceDataException(FormattableString.Invariant($"{Variable} is '{mebibytes}', and may be {Least} to {Most:N0}, in MiB."));
    }
}
