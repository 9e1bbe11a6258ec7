using IpuNet.Faces.Networks;
using IpuNet.Training.Losses;

namespace IpuNet.Training.Training;

/// <summary>Checks a student: low-resolution probes against original gallery images, both embedded by it.</summary>
internal sealed class StudentValidator(INetwork network, ValidationFaces people) : IValidator
{
    public ValidationResult Run(WeightSet averaged, int step, string pictures)
    {
        using var student = new FrozenRecogniser(network, averaged);
        float[][] gallery = RecogniserEmbeddings.Embed(student, people.Gallery);
        return new ValidationResult(
            step, [.. people.Options.Sizes.Select(size => people.Row(size, RecogniserEmbeddings.Embed(student, people.Inputs(size)), gallery, psnr: null))]);
    }
}
