using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Training.Evaluation;

namespace IpuNet.Trainer.Evaluate;

/// <summary>The option --crop: the way in which the images of an evaluation become aligned faces.</summary>
internal sealed class AlignmentOption
{
    private const string Detect = "detect", Whole = "whole";

    private readonly Option<string> _crop = new("--crop")
    {
        Description =
            $"Place of the aligned face: X,Y,SIDE for a square in pixels (65,77,120 for LFW deepfunneled), '{Whole}' for the whole image, "
            + $"or '{Detect}' to look for the face.",
        DefaultValueFactory = _ => Detect,
        HelpName = $"X,Y,SIDE|{Whole}|{Detect}",
    };

    public AlignmentOption(Command command) => command.Options.Add(_crop);

    /// <exception cref="UsageException">The option has another value.</exception>
    public Alignment Read(ParseResult parsed, ModelStore store, InferenceSettings settings)
    {
        string text = parsed.GetValue(_crop)!;
        if (text == Detect)
            return Alignment.Detecting(store, settings);
        int[] numbers = text == Whole ? [] : [.. text.Split(',').Select(Pixels)];
        FixedCrop? crop = numbers switch
        {
            [] => null,
            [>= 0 and var x, >= 0 and var y, > 0 and var side] => new FixedCrop(x, y, side),
            _ => throw new UsageException($"--crop {text}: write X,Y,SIDE in pixels, such as 65,77,120, or '{Whole}', or '{Detect}'."),
        };
        return new Alignment(EvaluationAlignment.Fixed(crop), crop, null);

        static int Pixels(string number) =>
            int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int pixels) ? pixels : -1;
    }

    /// <param name="How">Turns an image into an aligned face.</param>
    /// <param name="Crop">The square; null for the whole image and for detected faces.</param>
    /// <param name="Models">The models that find faces; null if none are needed.</param>
    public sealed record Alignment(EvaluationAlignment How, FixedCrop? Crop, PipelineModels? Models) : IDisposable
    {
        public static Alignment Detecting(ModelStore store, InferenceSettings settings)
        {
            PipelineModels models = PipelineModels.Open(ModelSet.Current(store, recognise: false) with { Enhancer = null }, settings);
            var locator = new FaceLocator(models.Detector, models.Straightener);
            return new Alignment(
                new EvaluationAlignment(
                    $"{models.DetectorId}+{FaceAligner.Id}", image => Aligned(image, locator.Locate([image], FaceDetectionMode.Detect)[0])),
                null, models);
        }

        public void Dispose() => Models?.Dispose();

        private static RgbImage? Aligned(RgbImage image, IReadOnlyList<LocatedFace> faces) =>
            EvaluationAlignment.InTheMiddle(faces, face => face.Box, image.Width, image.Height)?.Aligned;
    }
}
