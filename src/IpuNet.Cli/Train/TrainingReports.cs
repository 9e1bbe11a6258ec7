using System.Globalization;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Reports;
using IpuNet.Training.Training;

namespace IpuNet.Cli.Train;

/// <summary>Says how a training run is getting on.</summary>
internal sealed class TrainingReports(Terminal terminal)
{
    public static ProgressCount Describe(TrainingProgress step) => new(step.Step, step.Steps, string.Create(
        CultureInfo.InvariantCulture,
        $@"{step.FacesPerSecond:0.0} faces/s, {step.TimeLeft:d\.hh\:mm\:ss} left, {string.Join(", ", step.Losses.Select(loss => string.Create(CultureInfo.InvariantCulture, $"{loss.Name} {loss.Value:0.0000}")))}"));

    public void Show(ValidationResult result)
    {
        bool draws = result.Rows.Any(row => row.Psnr is not null);
        ReportColumn[] pictures = draws ? [new("PSNR dB", Numeric: true), new("bicubic", Numeric: true)] : [];
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"Validation at step {result.Step:N0}: score {result.Score:0.0000}"),
            [new("Face px", Numeric: true), new("Accuracy", Numeric: true), new(draws ? "bicubic" : "teacher", Numeric: true), .. pictures, new("Cosine", Numeric: true)]);
        foreach (ValidationRow row in result.Rows)
        {
            string[] quality = row.Psnr is { } psnr ? [Text(psnr, "0.00"), Text(row.BicubicPsnr, "0.00")] : [];
            table.Add(
                [row.Size.ToString(CultureInfo.InvariantCulture), Text(row.Accuracy, "0.000"), Text(row.BicubicAccuracy, "0.000"), .. quality, Text(row.Cosine, "0.0000")]);
        }
        terminal.WriteAboveProgress(table);
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
