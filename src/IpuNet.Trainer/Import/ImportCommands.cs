using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.LocalCloud.Npm;
using IpuNet.Training.Import;
using IpuNet.Training.Import.ArcFace;
using IpuNet.Training.Import.FaceNet;

namespace IpuNet.Trainer.Import;

/// <summary><c>ipunet import face-api</c>: imports the recogniser and the landmark network of face-api.</summary>
internal sealed class ImportFaceApiCommand(Terminal terminal) : ImportPackageCommand(
    terminal, "face-api", "Imports the recogniser and the landmark network of face-api.", "@vladmandic/face-api", "the shipped models")
{
    protected override IEnumerable<InstalledModel> Import(string? package, string models) =>
        FaceApiImport.Run(package ?? FaceApiPackage.FolderIn(models), models);
}

/// <summary><c>ipunet import rfb</c>: imports the detector RFB-320.</summary>
internal sealed class ImportRfbCommand(Terminal terminal) : ImportPackageCommand(
    terminal, "rfb", "Imports the detector RFB-320.", "faceplugin-face-recognition-js", "the shipped detector")
{
    protected override IEnumerable<InstalledModel> Import(string? package, string models) =>
        [RfbImport.Run(package ?? RfbImport.FolderIn(models), models)];
}

/// <summary>Imports models from an npm package.</summary>
internal abstract class ImportPackageCommand : CliCommand
{
    private readonly string _made;
    private readonly Option<string?> _package;
    private readonly ModelArguments _models;

    /// <param name="terminal">The terminal.</param>
    /// <param name="name">Name of the command.</param>
    /// <param name="description">What it imports.</param>
    /// <param name="package">Name of the npm package.</param>
    /// <param name="made">What it makes, for the example.</param>
    protected ImportPackageCommand(Terminal terminal, string name, string description, string package, string made)
        : base(terminal, name, description)
    {
        _made = made;
        _package = new("--package")
        {
            Description = $"Folder of the npm package. Default: node_modules/{package} in the folder of models.",
            HelpName = "DIR",
        };
        Options.Add(_package);
        _models = new ModelArguments(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [($"ipunet import {Name}", $"Run it after `npm install --prefix models`. It makes {_made}, byte for byte.")];

    /// <param name="package">The package's folder; null for the default.</param>
    /// <param name="models">The folder of models.</param>
    protected abstract IEnumerable<InstalledModel> Import(string? package, string models);

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        foreach (var model in Import(parsed.GetValue(_package), _models.Store(parsed).Root))
            Terminal.WriteLine($"{model.Id}  {model.Path}");
        return Task.FromResult(ExitCode.Done);
    }
}

/// <summary><c>ipunet import facenet FILE</c>: imports published weights of FaceNet as a recogniser.</summary>
internal sealed class ImportFaceNetCommand : CliCommand
{
    private readonly Argument<string> _file =
        new("FILE") { Description = "The weights: a Keras .h5, a PyTorch .pt or .pth, or a .safetensors file." };
    private readonly Option<string> _name =
        new("--name") { Description = "Name of the model.", HelpName = "NAME", DefaultValueFactory = _ => "facenet" };
    private readonly Option<PixelStandardisation?> _pixels = new("--pixels")
    {
        Description =
            "Scale of pixels that the weights expect. 'perImage' prewhitens each image. 'fixed' is the same for all images. Default: "
            + "perImage for 128 dimensions, fixed for 512.",
    };

    private readonly Option<bool> _current =
        new("--current") { Description = "Put the model in use. Galleries then need `ipunet gallery reembed`." };
    private readonly OriginOptions _origin;
    private readonly ModelArguments _models;

    public ImportFaceNetCommand(Terminal terminal)
        : base(terminal, "facenet", "Imports published weights of FaceNet (Inception-ResNet-v1) as a recogniser.")
    {
        Arguments.Add(_file);
        _pixels.OneOf(("perImage", PixelStandardisation.PerImage), ("fixed", PixelStandardisation.Fixed));
        foreach (Option option in (Option[])[_name, _pixels, _current])
            Options.Add(option);
        _origin = new OriginOptions(this);
        _models = new ModelArguments(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet import facenet facenet_keras.h5 --current", "Imports the original Keras model, 128 dimensions, and puts it in use."),
        (
            "ipunet import facenet 20180402-114759-vggface2.pt --name facenet-512 --publisher facenet-pytorch",
            "Imports the weights of facenet-pytorch, 512 dimensions, under another name."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        InstalledModel model = FaceNetImport.Run(
            parsed.GetRequiredValue(_file), store, parsed.GetValue(_name)!, _origin.Read(parsed), parsed.GetValue(_pixels));
        if (parsed.GetValue(_current))
            store.Use(model);
        Terminal.WriteLine($"{model.Id}  {model.Path}{(parsed.GetValue(_current) ? "  in use" : "")}");
        return Task.FromResult(ExitCode.Done);
    }
}

/// <summary><c>ipunet import arcface FILE</c>: imports an ONNX file as a recogniser.</summary>
internal sealed class ImportArcFaceCommand : CliCommand
{
    private readonly Argument<string> _file =
        new("FILE") { Description = "The .onnx file. It takes pictures of 112 x 112 px, and returns an embedding for each." };
    private readonly Option<string> _name =
        new("--name") { Description = "Name of the model.", HelpName = "NAME", DefaultValueFactory = _ => "arcface" };
    private readonly Option<float?> _mean = new("--mean")
    {
        Description = "Number to subtract from each pixel (0-255). Default: 127.5, or 0 if the graph scales pixels itself.",
        HelpName = "NUMBER",
    };
    private readonly Option<float?> _deviation = new("--deviation")
    {
        Description = "Number to divide the difference by. Default: 127.5, or 1 if the graph scales pixels itself.",
        HelpName = "NUMBER",
    };
    private readonly Option<bool> _bgr =
        new("--bgr") { Description = "The graph expects blue first. Default: red first, as in insightface's files." };
    private readonly Option<bool> _current =
        new("--current") { Description = "Put the model in use. Galleries then need `ipunet gallery reembed`." };
    private readonly OriginOptions _origin;
    private readonly ModelArguments _models;

    public ImportArcFaceCommand(Terminal terminal)
        : base(
            terminal, "arcface",
            "Imports an ONNX file as a recogniser. The network must take faces that are aligned as for insightface (ArcFace and similar).")
    {
        Arguments.Add(_file);
        foreach (Option option in (Option[])[_name, _mean.Finite(), _deviation.Above(0), _bgr, _current])
            Options.Add(option);
        _origin = new OriginOptions(this);
        _models = new ModelArguments(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        (
            "ipunet import arcface w600k_r50.onnx --publisher insightface --licence \"research only\"",
            "Imports it as 'arcface@1'. Try it with --recogniser arcface."),
        ("ipunet import arcface mine.onnx --name mine --deviation 128 --bgr", "Scales pixels as (x - 127.5) / 128, blue first."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        var pixels = new ArcFacePixels(
            parsed.GetValue(_bgr) ? ChannelOrder.Bgr : ChannelOrder.Rgb, parsed.GetValue(_mean), parsed.GetValue(_deviation));
        InstalledModel model = ArcFaceImport.Run(
            parsed.GetRequiredValue(_file), store, parsed.GetValue(_name)!, _origin.Read(parsed), pixels);
        if (parsed.GetValue(_current))
            store.Use(model);
        Terminal.WriteLine($"{model.Id}  {model.Path}{(parsed.GetValue(_current) ? "  in use" : "")}");
        Terminal.Note(
            $"It has no thresholds yet: run `ipunet evaluate --recogniser {model.Id} --write-policy`. It was installed unchanged, so an "
            + "enhancer cannot be trained through it.");
        return Task.FromResult(ExitCode.Done);
    }
}

/// <summary>The options for the origin of weights, for the manifest.</summary>
internal sealed class OriginOptions
{
    private readonly Option<string?> _publisher =
        new("--publisher") { Description = "Publisher of the weights, for the manifest.", HelpName = "TEXT" };
    private readonly Option<string?> _source =
        new("--source") { Description = "Address of the weights, for the manifest.", HelpName = "URL" };
    private readonly Option<string?> _licence =
        new("--licence") { Description = "Licence of the weights, for the manifest.", HelpName = "TEXT" };

    public OriginOptions(Command command)
    {
        foreach (Option option in (Option[])[_publisher, _source, _licence])
            command.Options.Add(option);
    }

    public WeightsOrigin Read(ParseResult parsed) => new(parsed.GetValue(_publisher), parsed.GetValue(_source), parsed.GetValue(_licence));
}
