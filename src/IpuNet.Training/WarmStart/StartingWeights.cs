using IpuNet.Faces;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Import;
using IpuNet.Training.Training;
using TorchSharp;

namespace IpuNet.Training.WarmStart;

/// <summary>The weights that a run starts from where it goes on from a model that is served.</summary>
public static class StartingWeights
{
    private const int Faces = 256;

    /// <summary>Reads a model's weights and makes those of an experiment's network of them: as wide as the model, or wider.</summary>
    /// <param name="model">An enhancer that this project exported; its checksum is verified.</param>
    /// <param name="experiment">The experiment; but for its width, its network is the model's.</param>
    /// <param name="faces">Its faces: batch norms take their statistics from some of them.</param>
    /// <exception cref="FaceDataException">The model is damaged or no enhancer, or its network is another.</exception>
    public static WeightSet Read(InstalledModel model, EnhancerExperiment experiment, AlignedFaces faces)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(faces);
        WeightSet folded = OnnxWeights.Read(model.Require(ModelKind.Enhancer));
        try
        {
            var network = new UNet(experiment.Network with { Width = UNet.WidthOf(folded) });
            var source = new BatchSource(faces, experiment.Data, experiment.Degradation, Math.Min(Faces, faces.Count), experiment.Seed);
            using var scope = torch.NewDisposeScope();
            byte[] inputs = source.Make(0).Inputs;
            WeightSet weights = BatchNormUnfolding.Unfold(network, folded, FaceTensors.FromBytes(inputs, inputs.Length / (UNet.Size * UNet.Size * RgbImage.Channels)));
            return experiment.Network.Width == network.Options.Width ? weights : NetworkWidening.Widen(new UNet(experiment.Network), weights, experiment.Seed);
        }
        catch (Exception e) when (e is KeyNotFoundException or ArgumentException)
        {
            throw new FaceDataException(
                $"{model.Id}: experiment '{experiment.Name}' cannot start from it: {e.Message} Its network must be the experiment's, or a narrower one; or leave 'from' out of the experiment.", e);
        }
    }
}
