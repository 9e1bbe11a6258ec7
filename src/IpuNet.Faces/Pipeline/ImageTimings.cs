namespace IpuNet.Faces.Pipeline;

/// <summary>
/// What an image cost, in milliseconds of the clock. Images are worked on at the same time and share the machine, so the times of many
/// add up to more than their run took; waiting for other images is in none of them.
/// </summary>
public sealed record ImageTimings
{
    /// <summary>Reading the file, or fetching it, and decoding it.</summary>
    public double Decode { get; init; }

    /// <summary>
    /// Finding the faces and aligning them: the batch's time divided by its images that could be decoded, though a large photo costs more
    /// than a crop. 0 for an image that could not.
    /// </summary>
    public double Locate { get; init; }

    /// <summary>Super-resolving the faces and embedding them: the batch's time, divided among its faces; 0 without a face.</summary>
    public double Recognise { get; init; }

    /// <summary>Searching the gallery: the batch's time, divided among its faces; 0 without a face, or without a search.</summary>
    public double Match { get; init; }

    /// <summary>The part of a time that falls to some of many, in milliseconds; finer than 0.01 ms is noise.</summary>
    internal static double Part(TimeSpan all, int some, int many) => many == 0 ? 0 : Math.Round(all.TotalMilliseconds * some / many, 2);
}
