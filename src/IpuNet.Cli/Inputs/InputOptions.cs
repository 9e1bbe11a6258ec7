using System.CommandLine;
using IpuNet.CommandLine.Inputs;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Inputs;

/// <summary>Which images a command takes, and where their faces are.</summary>
internal sealed class InputOptions
{
    private readonly Argument<string[]> _images = new("IN")
    {
        Description = "Images, folders of images, or patterns such as 'in/**/*.jpg'.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<FaceFinding> _faces = FacesOption();

    public InputOptions(Command command)
    {
        command.Arguments.Add(_images);
        command.Options.Add(_faces);
    }

    public static Option<FaceFinding> FacesOption()
    {
        var option = new Option<FaceFinding>("--faces")
        {
            Description = "'detect' finds the faces of photos; 'crop' takes each image for one face that was cut out; 'auto', the default, takes small images "
                + $"(up to {FaceLocator.CropSide} px) for crops, and others up to {FaceLocator.LargestCropSide} px too where no face is found.",
            HelpName = "auto|detect|crop",
        };
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "auto", "detect", "crop");
        return option;
    }

    public FaceFinding Faces(ParseResult parsed) => parsed.GetValue(_faces);

    /// <exception cref="CommandLine.UsageException">There is no image.</exception>
    public IReadOnlyList<ImageSource> Images(ParseResult parsed, string? outputFolder = null) =>
        ImageInputs.Find(parsed.GetRequiredValue(_images), outputFolder);
}
