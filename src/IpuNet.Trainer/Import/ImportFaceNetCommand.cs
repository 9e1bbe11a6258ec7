using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Import.FaceNet;

namespace IpuNet.Trainer.Import;

/// <summary><c>ipunet import facenet FILE</c>: makes a recogniser of published weights of FaceNet.</summary>
internal sealed class ImportFaceNetCommand : CliCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The weights: a Keras .h5, a PyTorch .pt or .pth, or a .safetensors file." };
    private readonly Option<string> _name = new("--name") { Description = "The model's name.", HelpName = "NAME", DefaultValueFactory = _ => "facenet" };
    private readonly Option<PixelStandardisation?> _pixels = new("--pixels")
    {
        Description = "How the weights want pixels: per image (prewhitened) or on a fixed scale. Default: per image for 128 numbers, fixed for 512, as the published weights do.",
        HelpName = "perImage|fixed",
    };

    private readonly Option<bool> _current = new("--current") { Description = "Put it in use at once. Galleries of another recogniser cannot be searched with it." };
    private readonly OriginOptions _origin;
    private readonly ModelOptions _models;

    public ImportFaceNetCommand(Terminal terminal)
        : base(terminal, "facenet", "Makes a recogniser of published weights of FaceNet (Inception-ResNet-v1).")
    {
        Arguments.Add(_file);
        foreach (Option option in (Option[])[_name, _pixels, _current])
            Options.Add(option);
        _origin = new OriginOptions(this);
        _models = new ModelOptions(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet import facenet facenet_keras.h5 --current", "The original Keras model, 128 numbers, becomes the recogniser in use."),
        ("ipunet import facenet 20180402-114759-vggface2.pt --name facenet-512 --publisher facenet-pytorch", "facenet-pytorch's weights, 512 numbers, as a model of their own."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        InstalledModel model = FaceNetImport.Run(parsed.GetRequiredValue(_file), store, parsed.GetValue(_name)!, _origin.Read(parsed), parsed.GetValue(_pixels));
        if (parsed.GetValue(_current))
            store.Use(model);
        Terminal.WriteLine($"{model.Id}  {model.Path}{(parsed.GetValue(_current) ? "  in use" : "")}");
        return Task.FromResult(ExitCode.Done);
    }
}
