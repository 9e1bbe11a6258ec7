using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation.Scenes;

namespace IpuNet.Trainer.Evaluate;

/// <summary>The options for the measurements of an evaluation and for its images. Paths are relative to --data.</summary>
internal sealed class EvaluateOptions
{
    private const int LeastHeight = 4, MostHeight = 128;
    private static readonly int[] DefaultSizes = [8, 12, 16, 24, 32];
    private static readonly string[] ConditionNames = [.. SceneCondition.All.Select(condition => condition.Name)];

    private readonly Option<string> _data = new("--data", "-d")
    {
        Description = "Folder where the other paths begin.",
        DefaultValueFactory = _ => ".",
        HelpName = "DIR",
    };

    private readonly Option<string[]> _pairs = Paths("--pairs", "Pairs to verify, in LFW's format. May be given several times.", "FILE");
    private readonly Option<string?> _thresholdPairs = Path(
        "--calibrate-pairs", "Pairs that choose the best thresholds. The thresholds are then tried on --pairs.", "FILE");
    private readonly Option<string> _images = new("--images")
    {
        Description = "Folder of images, with one folder for each person.",
        DefaultValueFactory = _ => "images",
        HelpName = "DIR",
    };

    private readonly Option<string?> _identification = Path(
        "--identification", "People to identify: a folder like --images, or a list of people in --images.", "PATH");
    private readonly Option<string?> _scenes = Path(
        "--scenes", "People to find and name in scenes made of whole photos: a folder like --images, or a list of people.", "PATH");
    private readonly Option<int[]> _heights = new("--heights")
    {
        Description = "Heights of the faces in the scenes, in pixels. Default: 8,12,16,24,32,48.",
        CustomParser = result => ParseList<int>(
            result, TryHeight, text => $"'{text}' is not a height in pixels from {LeastHeight} to {MostHeight}, such as 12."),
        HelpName = "HEIGHTS",
    };

    private readonly Option<SceneCondition[]> _conditions = new("--conditions")
    {
        Description = $"What the camera does to the scenes. Default: all of {string.Join(",", ConditionNames)}.",
        CustomParser = result => ParseList<SceneCondition>(
            result, TryCondition, text => $"'{text}' is not a condition. Choose from {string.Join(", ", ConditionNames)}."),
        HelpName = "NAMES",
    };

    private readonly Option<string?> _calibration = Path(
        "--calibrate-people",
        "People to calibrate the recognition policy on: a folder or a list. None of them may be in the training set.", "PATH");
    private readonly Option<string?> _check = Path("--check-people", "Other people to check the policy on: a folder or a list.", "PATH");
    private readonly Option<FaceSize[]> _sizes = new("--sizes")
    {
        Description = "Sizes of the probes in pixels: HEIGHTxWIDTH, or one number for a square. Default: 8,12,16,24,32.",
        CustomParser = result => ParseList<FaceSize>(
            result, FaceSize.TryParse,
            text => $"--sizes must be sizes in pixels from 1 to 128, as HEIGHTxWIDTH or one number, such as 8,12,16x14; not '{text}'."),
        HelpName = "SIZES",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<double> _far = new("--far")
    {
        Description = "False accept rate (FAR) of the policy's thresholds.",
        DefaultValueFactory = _ => 0.001,
        HelpName = "RATE",
    };

    private readonly Option<int> _pictures = new("--pictures")
    {
        Description = "Number of before-and-after pictures in the report.",
        DefaultValueFactory = _ => 6,
        HelpName = "N",
    };
    private readonly Option<string> _out =
        new("--out", "-o") { Description = "Folder of the reports.", DefaultValueFactory = _ => "evaluation", HelpName = "DIR" };
    private readonly Option<bool> _writePolicy = new("--write-policy")
    {
        Description =
            "Write the policy and the figures into the manifest of the enhancer. Without an enhancer, write them into the recogniser's.",
    };

    public EvaluateOptions(Command command)
    {
        Option[] options =
        [
            _data, _scenes, _heights, _conditions, _pairs, _thresholdPairs, _images, _identification, _calibration, _check, _sizes,
            _far.Between(0, 1), _pictures.Within(0, 1000), _out, _writePolicy,
        ];
        foreach (Option option in options)
            command.Options.Add(option);
        ((Option[])[_thresholdPairs]).Need(_pairs);
        ((Option[])[_check]).Need(_calibration);
        ((Option[])[_heights, _conditions]).Need(_scenes);
    }

    public EvaluationTask Read(ParseResult parsed)
    {
        string data = parsed.GetValue(_data)!;
        return new EvaluationTask
        {
            Pairs = [.. parsed.GetValue(_pairs)!.Select(file => System.IO.Path.Combine(data, file))],
            ThresholdPairs = Full(_thresholdPairs),
            Images = System.IO.Path.Combine(data, parsed.GetValue(_images)!),
            Identification = Full(_identification),
            Scenes = Full(_scenes),
            SceneOptions = new()
            {
                Heights = parsed.GetValue(_heights) is { Length: > 0 } heights ? heights : new SceneOptions().Heights,
                Conditions = parsed.GetValue(_conditions) is { Length: > 0 } conditions ? conditions : SceneCondition.All,
            },
            Calibration = Full(_calibration),
            Check = Full(_check),
            Sizes = parsed.GetValue(_sizes) is { Length: > 0 } sizes ? sizes : [.. DefaultSizes.Select(size => new FaceSize(size, size))],
            Far = parsed.GetValue(_far),
            Pictures = parsed.GetValue(_pictures),
            Out = parsed.GetValue(_out)!,
            WritePolicy = parsed.GetValue(_writePolicy),
        };

        string? Full(Option<string?> option) => parsed.GetValue(option) is { } path ? System.IO.Path.Combine(data, path) : null;
    }

    private static Option<string?> Path(string name, string description, string kind) =>
        new(name) { Description = description, HelpName = kind };

    private static Option<string[]> Paths(string name, string description, string kind) =>
        new(name) { Description = description, HelpName = kind, DefaultValueFactory = _ => [] };

    private delegate bool Parser<T>(string text, out T value);

    private static T[] ParseList<T>(ArgumentResult result, Parser<T> parser, Func<string, string> faultOf)
    {
        List<T> values = [];
        foreach (string text in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            if (parser(text, out T value))
                values.Add(value);
            else
                result.AddError(faultOf(text));
        }

        return [.. values];
    }

    private static bool TryHeight(string text, out int height) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out height) && height is >= LeastHeight and <= MostHeight;

    private static bool TryCondition(string text, out SceneCondition condition) =>
        (condition = SceneCondition.Named(text)!) is not null;
}
