using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Training.Import.ArcFace;

namespace IpuNet.Trainer.Import;

/// <summary><c>ipunet import arcface FILE</c>: makes a recogniser of somebody else's ONNX file.</summary>
internal sealed class ImportArcFaceCommand : CliCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The .onnx file: pictures of 112 x 112 px in, one embedding each out. It is installed as it is." };
    private readonly Option<string> _name = new("--name") { Description = "The model's name.", HelpName = "NAME", DefaultValueFactory = _ => "arcface" };
    private readonly Option<float?> _mean = new("--mean") { Description = "What is taken from each pixel (0-255). Default: 127.5, or 0 where the graph begins by scaling pixels itself.", HelpName = "NUMBER" };
    private readonly Option<float?> _deviation = new("--deviation") { Description = "What the difference is divided by. Default: 127.5, or 1 where the graph scales pixels itself.", HelpName = "NUMBER" };
    private readonly Option<bool> _bgr = new("--bgr") { Description = "The graph wants blue first. Default: red first, as insightface's do." };
    private readonly Option<bool> _current = new("--current") { Description = "Put it in use at once. Galleries of another recogniser cannot be searched with it." };
    private readonly OriginOptions _origin;
    private readonly ModelOptions _models;

    public ImportArcFaceCommand(Terminal terminal)
        : base(terminal, "arcface", "Makes a recogniser of somebody else's ONNX file that takes faces as insightface aligns them (ArcFace and its kin).")
    {
        _mean.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<float?>() is { } mean && !float.IsFinite(mean))
                result.AddError("--mean is a finite number.");
        });
        _deviation.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<float?>() is { } deviation && !(deviation > 0 && float.IsFinite(deviation)))
                result.AddError("--deviation is above 0.");
        });
        Arguments.Add(_file);
        foreach (Option option in (Option[])[_name, _mean, _deviation, _bgr, _current])
            Options.Add(option);
        _origin = new OriginOptions(this);
        _models = new ModelOptions(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet import arcface w600k_r50.onnx --publisher insightface --licence \"research only\"", "Becomes the recogniser 'arcface@1'; try it with --recogniser arcface."),
        ("ipunet import arcface mine.onnx --name mine --deviation 128 --bgr", "Pixels as (x - 127.5) / 128, blue first."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        var pixels = new ArcFacePixels(parsed.GetValue(_bgr) ? ChannelOrder.Bgr : ChannelOrder.Rgb, parsed.GetValue(_mean), parsed.GetValue(_deviation));
        InstalledModel model = ArcFaceImport.Run(parsed.GetRequiredValue(_file), store, parsed.GetValue(_name)!, _origin.Read(parsed), pixels);
        if (parsed.GetValue(_current))
            store.Use(model);
        Terminal.WriteLine($"{model.Id}  {model.Path}{(parsed.GetValue(_current) ? "  in use" : "")}");
        Terminal.Note($"It is run as it is, and cannot be trained through. Its thresholds are not measured yet: run `ipunet evaluate --recogniser {model.Id} --write-policy`.");
        return Task.FromResult(ExitCode.Done);
    }
}
