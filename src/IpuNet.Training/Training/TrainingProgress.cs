using System.Globalization;

namespace IpuNet.Training.Training;

/// <summary>How far a run is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="FacesPerSecond">Over the last steps of this process.</param>
/// <param name="TimeLeft">At that speed, validations left out.</param>
/// <param name="Losses">The weighted terms of the last step by name, and "loss", their sum.</param>
/// <param name="Waited">The share of the time that steps waited for their batch; near 0 where decoding keeps up.</param>
public sealed record TrainingProgress(
    int Step, int Steps, double FacesPerSecond, TimeSpan TimeLeft, IReadOnlyList<(string Name, double Value)> Losses, double Waited)
{
    /// <summary>Speed, time left and losses.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $@"{FacesPerSecond:0.0} faces/s, {TimeLeft:d\.hh\:mm\:ss} left, {string.Join(", ", Losses.Select(loss => string.Create(CultureInfo.InvariantCulture, $"{loss.Name} {loss.Value:0.0000}")))}");
}

/// <summary>What a validation found at one size.</summary>
/// <param name="Size">Side of the probes in pixels.</param>
/// <param name="Accuracy">Verification accuracy at the best threshold: of super-resolved probes, or of bicubic ones with the student.</param>
/// <param name="BicubicAccuracy">The same of bicubic probes with the frozen recogniser.</param>
/// <param name="Psnr">Of super-resolved probes against the originals, dB; null for a student, which draws nothing.</param>
/// <param name="BicubicPsnr">Of bicubic probes, dB.</param>
/// <param name="Cosine">Mean cosine similarity of the probes' embeddings and the frozen recogniser's of their originals.</param>
public sealed record ValidationRow(int Size, double Accuracy, double BicubicAccuracy, double? Psnr, double BicubicPsnr, double Cosine);

/// <summary>What a validation found.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Rows">One for each size.</param>
public sealed record ValidationResult(int Step, IReadOnlyList<ValidationRow> Rows)
{
    /// <summary>One number to choose a model by: the mean accuracy over the sizes.</summary>
    public double Score => Rows.Average(r => r.Accuracy);
}
