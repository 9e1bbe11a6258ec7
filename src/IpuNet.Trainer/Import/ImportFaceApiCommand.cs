using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.LocalCloud.Npm;
using IpuNet.Training.Import;

namespace IpuNet.Trainer.Import;

/// <summary><c>ipunet import face-api</c>: makes the recogniser, the detector and the landmark net of face-api's weights.</summary>
internal sealed class ImportFaceApiCommand : CliCommand
{
    private readonly Option<string?> _package = new("--package")
    {
        Description = "Folder of the npm package. Default: node_modules/@vladmandic/face-api in the folder of the models.",
        HelpName = "DIR",
    };

    private readonly ModelOptions _models;

    public ImportFaceApiCommand(Terminal terminal)
        : base(terminal, "face-api", "Makes the recogniser, the detector and the landmark net of face-api's weights.")
    {
        Options.Add(_package);
        _models = new ModelOptions(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet import face-api", "After `npm install --prefix models`: makes the shipped models anew, byte for byte.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var store = _models.Store(parsed);
        string package = parsed.GetValue(_package) ?? FaceApiPackage.FolderIn(store.Root);
        foreach (var model in FaceApiImport.Run(package, store.Root))
            Terminal.WriteLine($"{model.Id}  {model.Path}");
        return Task.FromResult(ExitCode.Done);
    }
}
