using System.Globalization;
using IpuNet.Faces.Networks;
using IpuNet.Training.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>The part of a training that depends on the kind of experiment.</summary>
internal interface ITrainingTask : IDisposable
{
    /// <summary>The network that learns.</summary>
    INetwork Network { get; }

    /// <summary>Parameters that only the training needs, by name. They are not part of the network or the model.</summary>
    IReadOnlyDictionary<string, Parameter> Aids { get; }

    /// <summary>The validation; null if no people are kept for it.</summary>
    IValidator? Validator { get; }

    /// <summary>The first weights of a training that does not start from a model.</summary>
    WeightSet RandomWeights();

    /// <summary>
    /// Draws the batch of a step. It depends on the seed and the step alone. It is called for one step after the other, on another thread
    /// than the loss, and a few steps ahead of it.
    /// </summary>
    /// <param name="step">The step, counted from 0.</param>
    /// <returns>Computes the loss of the batch.</returns>
    StepLoss Draw(int step);
}

/// <summary>Computes the loss of one batch.</summary>
/// <param name="weights">The weights of the network.</param>
/// <returns>The weighted terms of the loss, by name.</returns>
internal delegate IReadOnlyList<(string Name, Tensor Value)> StepLoss(TorchWeights weights);

/// <summary>Validates a network on people who are not in the training.</summary>
internal interface IValidator
{
    /// <summary>Runs the validation.</summary>
    /// <param name="averaged">The moving average of the weights.</param>
    /// <param name="step">Number of steps that are done.</param>
    /// <param name="pictures">The PNG file for the picture, if the network draws faces.</param>
    ValidationResult Run(WeightSet averaged, int step, string pictures);
}

/// <summary>The progress of a training.</summary>
/// <param name="Step">Number of steps that are done.</param>
/// <param name="Steps">Number of all steps.</param>
/// <param name="FacesPerSecond">Speed over the last steps of this process.</param>
/// <param name="TimeLeft">Time for the remaining steps at this speed, without validations.</param>
/// <param name="Losses">The weighted terms of the last step by name, and their sum as "loss".</param>
/// <param name="Waited">Share of the time in which steps waited for their batch; near 0 if decoding keeps up.</param>
public sealed record TrainingProgress(
    int Step, int Steps, double FacesPerSecond, TimeSpan TimeLeft, IReadOnlyList<(string Name, double Value)> Losses, double Waited)
{
    /// <summary>Speed, time left and losses.</summary>
    public override string ToString()
    {
        var losses = Losses.Select(loss => string.Create(CultureInfo.InvariantCulture, $"{loss.Name} {loss.Value:0.0000}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $@"{FacesPerSecond:0.0} faces/s, {TimeLeft:d\.hh\:mm\:ss} left, {string.Join(", ", losses)}");
    }
}

/// <summary>A measure of a validation.</summary>
/// <param name="Name">The title of its column.</param>
/// <param name="Value">The value.</param>
/// <param name="Format">The format of the value, such as "0.000".</param>
/// <param name="Curve">The name of its curve; null if it is the same at each validation.</param>
public sealed record ValidationMeasure(string Name, double Value, string Format, string? Curve = null);

/// <summary>The result of a validation at one size.</summary>
/// <param name="Size">Size of the faces in pixels.</param>
/// <param name="Measures">The measures. All rows of a result have the same.</param>
public sealed record ValidationRow(int Size, IReadOnlyList<ValidationMeasure> Measures)
{
    internal const string AccuracyName = "Accuracy", BicubicName = "Accuracy bicubic", TeacherName = "Accuracy teacher";
    internal const string PsnrName = "PSNR dB";

    /// <summary>
    /// Verification accuracy of the network at the best threshold, 0 to 1. An enhancer is measured with super-resolved probes and the
    /// frozen recogniser. A student is measured with bicubic probes and its own embeddings. Null for an aligner.
    /// </summary>
    public double? Accuracy => Of(AccuracyName);

    /// <summary>Verification accuracy of bicubic probes with the frozen recogniser, 0 to 1. Null for an aligner.</summary>
    public double? BicubicAccuracy => Of(BicubicName) ?? Of(TeacherName);

    /// <summary>PSNR of the super-resolved probes against the originals, dB; null if the network draws nothing.</summary>
    public double? Psnr => Of(PsnrName);

    private double? Of(string name) => Measures.FirstOrDefault(measure => measure.Name == name)?.Value;
}

/// <summary>The result of a validation.</summary>
/// <param name="Step">Number of steps that are done.</param>
/// <param name="Score">
/// The mean accuracy over the sizes; for an aligner, 1 less the mean error. The checkpoint with the highest score becomes the model.
/// </param>
/// <param name="Rows">The result at each size.</param>
public sealed record ValidationResult(int Step, double Score, IReadOnlyList<ValidationRow> Rows)
{
    /// <summary>The result whose score is the mean accuracy.</summary>
    internal static ValidationResult ByAccuracy(int step, IReadOnlyList<ValidationRow> rows) =>
        new(step, rows.Average(row => row.Accuracy!.Value), rows);
}

/// <summary>The loss became infinite or not a number. More steps cannot mend that.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
