using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Inputs;

/// <summary>The options that name a command's images, and say how to find their faces.</summary>
internal sealed class InputOptions
{
    private readonly Argument<string[]> _images = new("IN")
    {
        Description = "Images, folders of images, or patterns such as 'in/**/*.jpg'.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly FindOptions _find;

    public InputOptions(Command command)
    {
        command.Arguments.Add(_images);
        _find = new FindOptions(command);
    }

    /// <summary>How a pipeline finds the faces.</summary>
    public ImagePipelineOptions Pipeline(ParseResult parsed) => _find.Pipeline(parsed);

    /// <exception cref="CommandLine.UsageException">There is no image.</exception>
    public IReadOnlyList<ImageSource> Images(ParseResult parsed, string? outputFolder = null) =>
        ImageInputs.Find(parsed.GetRequiredValue(_images), outputFolder);
}

/// <summary>The options that say how to find faces.</summary>
internal sealed class FindOptions
{
    private readonly Option<FaceDetectionMode> _faces = FacesOption();
    private readonly Option<int> _minFace = new("--min-face")
    {
        Description = "Smallest face to look for, height in pixels. Half the value takes up to four times as long.",
        DefaultValueFactory = _ => new ImagePipelineOptions().MinFace,
        HelpName = "PX",
    };

    public FindOptions(Command command)
    {
        command.Options.Add(_faces);
        command.Options.Add(_minFace.Within(FaceDetectorSettings.LeastFace, 1000));
    }

    public static Option<FaceDetectionMode> FacesOption()
    {
        return new Option<FaceDetectionMode>("--faces")
        {
            Description =
                "How faces are found. 'detect' searches each image for faces. 'crop' takes each image as one face. 'auto' is the default. "
                + $"It searches each image. If it finds no face in an image of up to {FaceLocator.LargestCropSide} px, it takes that image "
                + "as one face, if it looks like one.",
        }.OneOf(("auto", FaceDetectionMode.Auto), ("detect", FaceDetectionMode.Detect), ("crop", FaceDetectionMode.Crop));
    }

    /// <summary>How a pipeline finds the faces.</summary>
    public ImagePipelineOptions Pipeline(ParseResult parsed) =>
        new() { Faces = parsed.GetValue(_faces), MinFace = parsed.GetValue(_minFace) };
}

/// <summary>Runs images through the pipeline, shows the progress, and reports images that cannot be used.</summary>
internal static class ImageRun
{
    /// <param name="terminal">Shows progress and failures.</param>
    /// <param name="images">The images.</param>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="handle">Handles the results of each batch, in order.</param>
    /// <param name="cancellation">Stops after the current batch.</param>
    /// <returns>Number of images that could not be used.</returns>
    public static Task<int> RunAsync(
        Terminal terminal, IReadOnlyList<ImageSource> images, ImagePipeline pipeline,
        Func<IReadOnlyList<ImageResult>, Task> handle, CancellationToken cancellation) =>
        ProgressDisplay.RunAsync(terminal, "images", images.Count, async progress =>
        {
            int done = 0, failures = 0;
            await foreach (var batch in pipeline.RunAsync(images, cancellation))
            {
                foreach (ImageResult failed in batch.Where(result => result.Status is ImageStatus.Rejected or ImageStatus.Failed))
                {
                    terminal.Fail($"{failed.Name}: {failed.Reason}");
                    failures++;
                }

                await handle(batch);
                progress.Report(new ProgressCount(done += batch.Count));
            }

            return failures;
        }, quiet: terminal.PrintsJson && terminal.ShowsOutput);

    /// <summary>Says how many images could not be used, if any.</summary>
    public static void SumUp(Terminal terminal, int failures, int images) => terminal.SumUp(failures, images, "image", "could not be used");
}
