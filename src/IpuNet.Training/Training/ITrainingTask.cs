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

    /// <summary>Parameters besides the network's that training needs and the model does not, by name.</summary>
    IReadOnlyDictionary<string, Parameter> Aids { get; }

    /// <summary>The validation; null if no people are kept for it.</summary>
    IValidator? Validator { get; }

    /// <summary>The first weights of a training that does not start from a model.</summary>
    WeightSet RandomWeights();

    /// <summary>The weighted terms of a step's loss, by name.</summary>
    /// <param name="weights">The network's weights.</param>
    /// <param name="batch">The step's faces.</param>
    IReadOnlyList<(string Name, Tensor Value)> Loss(TorchWeights weights, TrainingBatch batch);
}

/// <summary>Checks a network on people that training does not see.</summary>
internal interface IValidator
{
    /// <summary>Runs the check.</summary>
    /// <param name="averaged">The run's averaged weights.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="pictures">Where a grid of pictures goes, from a network that draws.</param>
    ValidationResult Run(WeightSet averaged, int step, string pictures);
}

/// <summary>How far a run is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="FacesPerSecond">Over the last steps of this process.</param>
/// <param name="TimeLeft">At that speed, validations left out.</param>
/// <param name="Losses">The weighted terms of the last step by name, and "loss", their sum.</param>
/// <param name="Waited">Share of the time that steps waited for their batch; near 0 if decoding keeps up.</param>
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
/// Verification accuracy at the best threshold: of super-resolved probes, or of bicubic ones with the student.
/// </param>
/// <param name="BicubicAccuracy">The same of bicubic probes with the frozen recogniser.</param>
/// <param name="Psnr">Of super-resolved probes against the originals, dB; null for a student, which draws nothing.</param>
/// <param name="BicubicPsnr">Of bicubic probes, dB.</param>
/// <param name="Cosine">Mean cosine similarity of the probes' embeddings and the frozen recogniser's of their originals.</param>
public sealed record ValidationRow(int Size, double Accuracy, double BicubicAccuracy, double? Psnr, double BicubicPsnr, double Cosine);

/// <summary>The result of a validation.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Rows">One for each size.</param>
public sealed record ValidationResult(int Step, IReadOnlyList<ValidationRow> Rows)
{
    /// <summary>One number to choose a model by: the mean accuracy over the sizes.</summary>
    public double Score => Rows.Average(r => r.Accuracy);
}

/// <summary>The loss became infinite or not a number: nothing that follows would be of use.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
