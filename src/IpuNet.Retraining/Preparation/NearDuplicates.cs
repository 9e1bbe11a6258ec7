using IpuNet.Faces.Imaging;
using IpuNet.Training.Data;

namespace IpuNet.Retraining.Preparation;

/// <summary>
/// Finds pictures of one person that show the same: a file saved again, resized or recompressed. They would count twice in training, and
/// in an evaluation a probe would be compared with itself.
/// </summary>
internal static class NearDuplicates
{
    // Mean difference of a colour value. Of LFW's aligned faces, one scaled to 90 px and saved as JPEG of quality 50 differs by 3.6 at most
    // (600 faces), and two photos of a person by 14 or more (3,000 pairs).
    private const int Side = 16;
    private const double SameWithin = 6;

    /// <summary>Leaves of each person's pictures that show the same the first only; the order stays.</summary>
    public static IReadOnlyList<TrainingFace> Remove(IReadOnlyList<TrainingFace> faces, CancellationToken cancellation)
    {
        var isCopy = new bool[faces.Count];
        var people = Enumerable.Range(0, faces.Count).GroupBy(i => faces[i].Identity);
        Parallel.ForEach(people, new ParallelOptions { CancellationToken = cancellation }, person =>
        {
            List<byte[]> kept = [];
            foreach (int i in person)
            {
                byte[] small = Resampler.Resize(faces[i].Load(), Side, Side, ResampleFilter.Area).Pixels.ToArray();
                isCopy[i] = kept.Exists(other => Difference(small, other) < SameWithin);
                if (!isCopy[i])
                    kept.Add(small);
            }
        });
        return [.. faces.Where((_, i) => !isCopy[i])];
    }

    private static double Difference(byte[] a, byte[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
}
