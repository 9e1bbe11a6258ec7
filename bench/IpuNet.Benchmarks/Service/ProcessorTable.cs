using System.Globalization;
using IpuNet.Faces.Reports;

namespace IpuNet.Benchmarks.Service;

/// <summary>Clock time and processor time for each face.</summary>
internal static class ProcessorTable
{
    public static ReportTable Of(params (ProcessorTime Time, int Faces, string What)[] rows)
    {
        var table = new ReportTable(
            "Time for each face", new("What"), new("Faces/s", Numeric: true), new("ms", Numeric: true), new("Processor ms", Numeric: true),
            new("Azurite's processor ms", Numeric: true));
        foreach (var (time, faces, what) in rows)
            table.Add(
                what, Text(faces / time.Clock.TotalSeconds), Text(Each(time.Clock, faces)), Text(Each(time.Own, faces)),
                time.Other > TimeSpan.Zero ? Text(Each(time.Other, faces)) : "");
        return table;

        static string Text(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
    }

    private static double Each(TimeSpan time, int faces) => time.TotalMilliseconds / faces;
}
