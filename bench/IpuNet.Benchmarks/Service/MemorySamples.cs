using System.Globalization;
using IpuNet.Faces.Reports;

namespace IpuNet.Benchmarks.Service;

/// <summary>Samples of this process's memory.</summary>
internal sealed class MemorySamples
{
    private const double MiB = 1 << 20;
    private const int Rows = 20;

    private readonly List<(long Images, double Working, double Managed)> _samples = [];

    /// <summary>Takes a sample.</summary>
    /// <param name="images">Number of images done.</param>
    public void Take(long images) =>
        _samples.Add((images, Environment.WorkingSet / MiB, GC.GetTotalMemory(forceFullCollection: false) / MiB));

    /// <summary>Growth of the working set in MiB for 1,000 images, by a least-squares line through the second half of the images.</summary>
    public double Slope()
    {
        var late = _samples.Where(sample => sample.Images >= _samples[^1].Images / 2).ToList();
        double meanImages = late.Average(sample => sample.Images), meanMemory = late.Average(sample => sample.Working);
        double across = late.Sum(sample => Math.Pow(sample.Images - meanImages, 2));
        return across == 0 ? 0 : 1000 * late.Sum(sample => (sample.Images - meanImages) * (sample.Working - meanMemory)) / across;
    }

    public ReportTable Table()
    {
        var table = new ReportTable(
            "Memory of this process, MiB",
            new("Images done", Numeric: true), new("Working set", Numeric: true), new("Managed heap", Numeric: true));
        double step = Math.Max(1, (_samples.Count - 1) / (double)Rows);
        for (double i = 0; i < _samples.Count; i += step)
        {
            var (images, working, managed) = _samples[(int)i];
            table.Add(Text(images), Text(working), Text(managed));
        }

        return table;
    }

    private static string Text(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
