using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Training.Evaluation;

namespace IpuNet.Trainer.Evaluate;

/// <summary>How the images of an evaluation become aligned faces: --crop.</summary>
internal sealed class AlignmentOption
{
    private const string Detect = "detect", Whole = "whole";

    private readonly Option<string> _crop = new("--crop")
    {
        Description = $"Where the aligned face is: X,Y,SIDE of a square in pixels (LFW deepfunneled: 65,77,120); '{Whole}' image; or '{Detect}' it.",
        DefaultValueFactory = _ => Detect,
        HelpName = $"X,Y,SIDE|{Whole}|{Detect}",
    };

    public AlignmentOption(Command command) => command.Options.Add(_crop);

    /// <exception cref="UsageException">It is none of these.</exception>
    public Alignment Read(ParseResult parsed, ModelStore store, InferenceSettings settings)
    {
        string text = parsed.GetValue(_crop)!;
        if (text == Detect)
            return Alignment.Detecting(FaceDetector.Open(store, settings, FaceLocator.DetectorSettings));
        int[] numbers = text == Whole ? [] : [.. text.Split(',').Select(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : -1)];
        FixedCrop? crop = numbers switch
        {
            [] => null,
            [>= 0 and var x, >= 0 and var y, > 0 and var side] => new FixedCrop(x, y, side),
            _ => throw new UsageException($"--crop {text}: give X,Y,SIDE in whole pixels, such as 65,77,120, or '{Whole}', or '{Detect}'."),
        };
        return new Alignment(EvaluationAlignment.Fixed(crop), crop, null);
    }

    /// <param name="How">What turns an image into an aligned face.</param>
    /// <param name="Crop">The square; null for the whole image, or where faces are detected.</param>
    /// <param name="Detector">The detector; null where it is not needed.</param>
    public sealed record Alignment(EvaluationAlignment How, FixedCrop? Crop, FaceDetector? Detector) : IDisposable
    {
        public static Alignment Detecting(FaceDetector detector)
        {
            var locator = new FaceLocator(detector);
            return new Alignment(new EvaluationAlignment($"{detector.Id}+{FaceAligner.Id}", image => Middle(image, locator.Locate([image], FaceFinding.Detect)[0])), null, detector);
        }

        public void Dispose() => Detector?.Dispose();

        // An image of an evaluation set is named for one person; others stand at its edges.
        private static RgbImage? Middle(RgbImage image, IReadOnlyList<LocatedFace> faces) => faces
            .MinBy(face => Math.Abs(face.Box.X + face.Box.Width / 2 - image.Width / 2f) + Math.Abs(face.Box.Y + face.Box.Height / 2 - image.Height / 2f))?.Aligned;
    }
}
