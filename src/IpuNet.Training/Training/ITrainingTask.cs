using System.Globalization;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
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

    /// <summary>The weighted terms of a step's loss, by name.</summary>
    /// <param name="weights">The weights of the network.</param>
    /// <param name="batch">The faces of the step.</param>
    IReadOnlyList<(string Name, Tensor Value)> Loss(TorchWeights weights, TrainingBatch batch);
}

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

/// <summary>The result of a validation at one size.</summary>
/// <param name="Size">Side of the probes in pixels.</param>
/// <param name="Accuracy">
/// Verification accuracy of the network at the best threshold, 0 to 1. An enhancer is measured with super-resolved probes and the frozen
/// recogniser. A student is measured with bicubic probes and its own embeddings.
/// </param>
/// <param name="BicubicAccuracy">Verification accuracy of bicubic probes with the frozen recogniser, 0 to 1.</param>
/// <param name="Psnr">PSNR of the super-resolved probes against the originals, dB; null for a student, which draws nothing.</param>
/// <param name="BicubicPsnr">PSNR of the bicubic probes against the originals, dB.</param>
/// <param name="Cosine">
/// Mean cosine similarity of the embeddings of the probes and the frozen recogniser's embeddings of their originals.
/// </param>
public sealed record ValidationRow(int Size, double Accuracy, double BicubicAccuracy, double? Psnr, double BicubicPsnr, double Cosine);

/// <summary>The result of a validation.</summary>
/// <param name="Step">Number of steps that are done.</param>
/// <param name="Rows">The result at each size.</param>
public sealed record ValidationResult(int Step, IReadOnlyList<ValidationRow> Rows)
{
    /// <summary>The mean accuracy over the sizes. The checkpoint with the highest score becomes the model.</summary>
    public double Score => Rows.Average(r => r.Accuracy);
}

/// <summary>The loss became infinite or not a number. More steps cannot mend that.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
