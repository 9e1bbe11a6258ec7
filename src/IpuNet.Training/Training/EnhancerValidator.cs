using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Networks;
using IpuNet.Training.Torch;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>Checks a U-Net: super-resolved probes against original gallery images. Draws for each size a row of inputs and a row of results, then the originals.</summary>
internal sealed class EnhancerValidator(UNet network, ValidationFaces people) : IValidator
{
    private const int Batch = 32;

    public ValidationResult Run(WeightSet averaged, int step, string pictures)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TorchWeights weights = TorchWeights.Load(network, averaged, trainable: false);
        var operations = new TorchOperations(weights);
        var rows = new List<ValidationRow>();
        var tiles = new List<IReadOnlyList<RgbImage>>();
        foreach (int size in people.Options.Sizes)
        {
            RgbImage[] inputs = people.Inputs(size);
            RgbImage[] results = [.. inputs.Chunk(Batch).SelectMany(chunk =>
            {
                using var inner = NewDisposeScope();
                return FaceTensors.ToImages(network.Forward(operations, FaceTensors.FromImages(chunk))[0]);
            })];
            rows.Add(people.Row(size, RecogniserEmbeddings.Embed(people.Recogniser, results), people.GalleryEmbeddings, people.Psnr(results)));
            tiles.Add(inputs);
            tiles.Add(results);
        }
        tiles.Add(people.Probes);
        int shown = Math.Min(people.Options.Pictures, people.Probes.Count);
        byte[] strip = ImageEncoder.EncodePng(FaceTile.Compose([.. tiles.SelectMany(row => row.Take(shown))], shown, gap: 2));
        WholeFile.Write(pictures, strip, durable: false);
        return new ValidationResult(step, rows);
    }
}
