using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>What a run teaches: the part of training that differs from one kind of experiment to another.</summary>
internal interface ITrainingTask : IDisposable
{
    /// <summary>The network that learns.</summary>
    INetwork Network { get; }

    /// <summary>Parameters besides the network's that training needs and the model does not, by name.</summary>
    IReadOnlyDictionary<string, Parameter> Aids { get; }

    /// <summary>What checks the run; null where nobody is kept for it.</summary>
    IValidator? Validator { get; }

    /// <summary>The weights that a run starts from where it does not start from a model's.</summary>
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
