using System.Globalization;
using IpuNet.Faces.Reports;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Scenes;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>Makes tables of the reports, for a terminal or a page.</summary>
public static class EvaluationTables
{
    /// <summary>A verification report: one row for each condition.</summary>
    /// <param name="report">The report.</param>
    /// <param name="intervals">Whether to put its 95 % interval behind each value.</param>
    public static ReportTable Of(PairsReport report, bool intervals = true)
    {
        ArgumentNullException.ThrowIfNull(report);
        bool folds = report.Rows.Any(row => row.CrossValidatedAccuracy is not null);
        bool calibrated = report.CalibratedOn is not null;
        var table = new ReportTable(
            $"Verification on {report.Protocol}: {report.GenuinePairs} genuine and {report.ImpostorPairs} impostor pairs",
            [
                new("Probe"), Number("Accuracy, best threshold"),
                .. folds ? [Number($"Accuracy, {report.Rows[0].CrossValidatedAccuracy?.Folds.Count}-fold")] : Array.Empty<ReportColumn>(),
                .. calibrated ? [Number($"Accuracy, threshold of {report.CalibratedOn}")] : Array.Empty<ReportColumn>(),
                Number("AUC"), .. Rates(report).Select(far => Number($"TAR @ FAR {Percent(far)}")),
                Number("PSNR, dB"), Number("SSIM"), Number("Cosine, genuine"), Number("Cosine, impostor"),
            ]);
        foreach (var row in report.Rows)
        {
            table.Add([
                Condition(row.Probe, row.Enhanced), Text(row.BestAccuracy, intervals),
                .. folds ? [Text(row.CrossValidatedAccuracy)] : Array.Empty<string>(),
                .. calibrated ? [Text(row.CalibratedAccuracy, intervals)] : Array.Empty<string>(),
                Text(row.Auc, intervals), .. row.TarAtFar.Select(tar => Text(tar.Tar, intervals) + Reservation(tar.Measurable, "FAR")),
                Text(row.Psnr, "0.0"), Text(row.Ssim, "0.000"), Text(row.MeanGenuine, "0.000"), Text(row.MeanImpostor, "0.000"),
            ]);
        }

        return table;
    }

    /// <summary>An identification report: one row for each condition.</summary>
    /// <param name="report">The report.</param>
    /// <param name="intervals">Whether to put its 95 % interval behind each value.</param>
    public static ReportTable Of(IdentificationReport report, bool intervals = true)
    {
        ArgumentNullException.ThrowIfNull(report);
        double[] rates = [.. report.Rows.Take(1).SelectMany(row => row.DirAtFpir.Select(dir => dir.Fpir))];
        var table = new ReportTable(
            $"Identification on {report.Protocol}: {report.GallerySubjects} subjects, {report.MatedProbes} probes of these, "
            + $"{report.NonMatedProbes} probes of other people",
            [new("Probe"), Number("Rank 1"), Number("Rank 5"), .. rates.Select(fpir => Number($"DIR @ FPIR {Percent(fpir)}"))]);
        foreach (var row in report.Rows)
        {
            table.Add([
                Condition(row.Probe, row.Enhanced), Text(row.Rank1, intervals), Text(row.Rank5, intervals),
                .. row.DirAtFpir.Select(dir => Text(dir.Dir, intervals) + Reservation(dir.Measurable, "FPIR")),
            ]);
        }

        return table;
    }

    /// <summary>A calibration report: one row for each band.</summary>
    /// <param name="report">The report.</param>
    /// <param name="intervals">Whether to put its 95 % interval behind each value.</param>
    public static ReportTable Of(CalibrationReport report, bool intervals = true)
    {
        ArgumentNullException.ThrowIfNull(report);
        string far = Percent(report.Policy.Far);
        var table = new ReportTable(
            $"Thresholds for FAR {far}, from {report.Protocol}",
            new("Face height, px"), new("SR"), Number("Threshold"), Number($"TAR @ FAR {far}, bicubic"), Number("TAR, SR"),
            Number("TAR gain"),
            Number("AUC, bicubic"), Number("AUC, SR"), Number("AUC gain"), Number("Impostor scores"));
        foreach (var (band, policy) in report.Bands.Zip(report.Policy.Bands))
        {
            table.Add(
                band.Band, band.Enhance ? "yes" : "no", Text(policy.Threshold, "0.0000"),
                Text(band.Bicubic.Tar, intervals) + Reservation(band.FarMeasurable, "FAR"), Text(band.Enhanced?.Tar, intervals),
                Text(band.TarGain, intervals),
                Text(band.Bicubic.Auc, intervals), Text(band.Enhanced?.Auc, intervals), Text(band.AucGain, intervals),
                Count(band.Impostors));
        }

        return table;
    }

    /// <summary>A policy on another set: one row for each band.</summary>
    /// <param name="report">The report.</param>
    /// <param name="intervals">Whether to put its 95 % interval behind each value.</param>
    public static ReportTable Of(PolicyReport report, bool intervals = true)
    {
        ArgumentNullException.ThrowIfNull(report);
        var table = new ReportTable(
            $"The thresholds for FAR {Percent(report.StatedFar)}, tried on {report.Protocol}",
            new("Face height, px"), new("SR"), Number("Threshold"), Number("Actual FAR, %"), Number("Actual TAR"), Number("Genuine scores"),
            Number("Impostor scores"));
        foreach (var band in report.Bands)
        {
            var far = new Measure(100 * band.Far.Value, 100 * band.Far.Low, 100 * band.Far.High);
            table.Add(
                band.Band, band.Enhance ? "yes" : "no", Text(band.Threshold, "0.0000"), Text(far, intervals), Text(band.Tar, intervals),
                Count(band.Genuine), Count(band.Impostors));
        }

        return table;
    }

    /// <summary>Scenes: what was found, a row per condition and height.</summary>
    /// <param name="report">The report.</param>
    /// <param name="intervals">Whether each value is followed by its 95 % interval.</param>
    public static ReportTable Found(SceneReport report, bool intervals = true)
    {
        ArgumentNullException.ThrowIfNull(report);
        var table = new ReportTable(
            $"Faces found in scenes of {report.Protocol}",
            new("Condition"), new("Face height, px", Numeric: true), Number("Found"), Number("False finds"), Number("Scenes"),
            Number("Alignment error, median"), Number("Alignment error, 90 %"));
        foreach (SceneRow row in report.Rows)
        {
            table.Add(
                row.Condition, Count(row.Height), Text(row.Found, intervals), Count(row.FalseFinds), Count(row.Scenes),
                Text(row.AlignmentError, "0.000"), Text(row.AlignmentError90, "0.000"));
        }

        foreach (EmptyFramesRow row in report.EmptyFrames)
            table.Add(row.Condition, "none", "", Count(row.FalseFinds), Count(row.Frames), "", "");
        return table;
    }

    /// <summary>Scenes: the names given in a gallery, a row per condition and height.</summary>
    /// <param name="report">The report.</param>
    /// <param name="subjects">The gallery's number of subjects.</param>
    /// <param name="intervals">Whether each value is followed by its 95 % interval.</param>
    public static ReportTable Named(SceneReport report, int subjects, bool intervals = true)
    {
        ArgumentNullException.ThrowIfNull(report);
        string[] treatments = [.. report.Rows.SelectMany(row => row.Naming).Select(naming => naming.Treatment).Distinct()];
        string fpir = Percent(report.Rows.SelectMany(row => row.Naming).FirstOrDefault()?.DirAtFpir?.Fpir ?? 0);
        var table = new ReportTable(
            $"Names in a gallery of {Count(subjects)} people: {report.Probes} probes of enrolled people, {report.Strangers} of strangers",
            [
                new("Condition"), Number("Face height, px"), .. treatments.Select(treatment => Number($"Rank 1, SR {treatment}")),
                Number("Named rightly"), Number("Named wrongly"), Number("Strangers named"), Number($"DIR @ FPIR {fpir}"),
            ]);
        foreach (SceneRow row in report.Rows)
        {
            SceneNaming Of(string treatment) =>
                row.Naming.First(naming => naming.Subjects == subjects && naming.Treatment == treatment);
            SceneNaming policy = Of(treatments[0]);
            table.Add([
                row.Condition, Count(row.Height), .. treatments.Select(treatment => Text(Of(treatment).Rank1, intervals)),
                Text(policy.Right, intervals), Text(policy.Wrong, intervals), Text(policy.StrangersNamed, intervals),
                policy.DirAtFpir is { } dir ? Text(dir.Dir, intervals) + Reservation(dir.Measurable, "FPIR") : "",
            ]);
        }

        return table;
    }

    /// <summary>A share as a percentage: 0.001 is "0.1 %".</summary>
    internal static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.###} %");

    /// <summary>"16x16 SR" or "16x16 bicubic"; "HR" for an original probe.</summary>
    internal static string Condition(string probe, bool enhanced) =>
        enhanced ? $"{probe} SR" : probe == ProbeCondition.Gallery.Probe ? probe : $"{probe} bicubic";

    private static IEnumerable<double> Rates(PairsReport report) =>
        report.Rows.Take(1).SelectMany(row => row.TarAtFar.Select(tar => tar.Far));

    private static ReportColumn Number(string heading) => new(heading, Numeric: true);

    private static string Text(Measure? measure, bool intervals) =>
        measure is null ? "" : intervals ? measure.ToString() : Text(measure.Value, "0.000");

    private static string Text(CrossValidatedAccuracy? accuracy) => accuracy is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{accuracy.Mean:0.000} ± {accuracy.StandardError:0.000}");

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    // With too few impostor scores for one false accept, or one false name, the value is measured without any.
    private static string Reservation(bool measurable, string rate) => measurable ? "" : $" (at\u00a0{rate}\u00a00)";
}
