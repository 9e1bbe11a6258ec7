using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Import;
using IpuNet.Training.Torch;
using static TorchSharp.torch;

namespace IpuNet.Training.Losses;

/// <summary>A recogniser whose weights do not change, but through which gradients flow.</summary>
public sealed class FrozenRecogniser(INetwork network, WeightSet weights) : IDisposable
{
    private readonly TorchWeights _weights = TorchWeights.Load(network, weights, trainable: false);

    /// <summary>Opens a recogniser of the store, whose checksum is verified.</summary>
    /// <param name="model">The recogniser.</param>
    /// <exception cref="FaceDataException">The model is no recogniser, or its network is not one of this project.</exception>
    public static FrozenRecogniser Open(InstalledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Manifest.Graph is not null)
        {
            throw new FaceDataException(
                $"{model.Id} is somebody else's graph, which is run as it is: training cannot go through it, nor learn from it. Name a recogniser that is one of this project's "
                + "networks, such as one of `ipunet import facenet`, or the shipped one.");
        }
        return new FrozenRecogniser(NetworkCatalogue.Create(model.Require(ModelKind.Recogniser).Manifest.Architecture), OnnxWeights.Read(model));
    }

    /// <summary>Side of its input in pixels.</summary>
    public int InputSize { get; } = network.Input.Height;

    /// <summary>Runs the recogniser.</summary>
    /// <param name="faces">[N, 3, InputSize, InputSize], 0-255.</param>
    /// <returns>Embeddings [N, D], not normalised, and the feature maps that the network documents.</returns>
    public (Tensor Embeddings, IReadOnlyList<Tensor> Features) Run(Tensor faces)
    {
        IReadOnlyList<Tensor> outputs = network.Forward(new TorchOperations(_weights), faces);
        return (outputs[0].flatten(1), [.. outputs.Skip(1)]);
    }

    /// <summary>Embeds aligned faces as they are served: resized bilinearly, normalised to length 1.</summary>
    /// <param name="faces">[N, 3, 128, 128], 0-255.</param>
    /// <returns>[N, D].</returns>
    public Tensor Embed(Tensor faces)
    {
        Tensor resized = nn.functional.interpolate(faces, size: [InputSize, InputSize], mode: InterpolationMode.Bilinear, align_corners: false);
        return nn.functional.normalize(Run(resized).Embeddings, p: 2, dim: 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _weights.Dispose();
}
