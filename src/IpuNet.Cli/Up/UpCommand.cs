using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.LocalCloud;

namespace IpuNet.Cli.Up;

/// <summary><c>ipunet up</c>: the whole service on this machine, until Ctrl-C.</summary>
internal sealed class UpCommand : CliCommand
{
    private const int LastPort = 65_534;

    private readonly Option<string?> _data = new("--data")
    {
        Description = $"Folder of the data, which is kept from one start to the next. Default: {DataFolder.Default}.",
        HelpName = "DIR",
    };

    private readonly Option<int> _port = new("--port")
    {
        Description = "Port of the blobs; the queues get the next one. Default: any that are free.",
        HelpName = "N",
    };

    private readonly Option<int?> _keepFree = new("--keep-free")
    {
        Description = "Megabytes of the disk that stay free for what is in work and for deleting: with less, uploads are refused. Default: 200, or a tenth of a small disk.",
        HelpName = "MB",
    };

    private readonly ModelOptions _models;

    public UpCommand(Terminal terminal)
        : base(terminal, "up", "Runs the service on this machine until Ctrl-C: storage (Azurite), the worker, and what notices uploads.")
    {
        _port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > LastPort)
                result.AddError($"--port is 1 to {LastPort}.");
        });
        _keepFree.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 0)
                result.AddError("--keep-free is 0 or more.");
        });
        Options.Add(_data);
        Options.Add(_port);
        Options.Add(_keepFree);
        _models = new ModelOptions(this);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet up", "npm fetches Azurite on first use; other commands find the local cloud by themselves."),
        ("ipunet up --data cameras/ --port 10000", "Data in a folder of its own, at an address that stays the same."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Dictionary<string, string?> configuration = _models.ToConfiguration(parsed);
        using DataFolder data = await DataFolder.TakeAsync(parsed.GetValue(_data) ?? DataFolder.Default, Terminal.Note, cancellation);
        using var logs = new TerminalLogs(Terminal, VerboseOption.IsOn(parsed));
        using var counts = new CloudCounts();
        Terminal.Note("Starting storage and the worker ...");
        await using LocalCloudHost cloud = await LocalCloudHost.StartAsync(
            new LocalCloudSettings
            {
                Folder = data,
                Port = parsed.GetValue(_port),
                KeptBytes = (long?)parsed.GetValue(_keepFree) << 20,
                Options = configuration,
            },
            null,
            logs,
            Terminal.Note,
            cancellation);
        LocalCloudFile.Write(cloud.ConnectionString);
        try
        {
            SayWhatIsNext(cloud, data);
            Task<string> ended = cloud.EndedAsync();
            await StatusLine.RunAsync(Terminal, counts.ToString, ended, cancellation);
            throw new FaceDataException($"{await ended}. Start `ipunet up` again; with --verbose it says more.");
        }
        finally
        {
            LocalCloudFile.Remove(cloud.ConnectionString);
            Terminal.Note($"Stopping ... {counts}");
        }
    }

    private void SayWhatIsNext(LocalCloudHost cloud, DataFolder data)
    {
        Terminal.WriteLine($"The local cloud runs at {cloud.Account.Address}");
        Terminal.WriteLine($"Its data is in {data.Path}");
        Terminal.WriteLine("Ctrl-C stops it. In another terminal:");
        Terminal.WriteLine("  ipunet enqueue enrolment people/ada/ --subject ada --wait   enrols a person");
        Terminal.WriteLine("  ipunet upload camera/ --batch cam-7                         uploads images");
        Terminal.WriteLine("  ipunet status cam-7 --wait                                  waits for results");
        Terminal.WriteLine("  ipunet poison list                                          what went wrong");
    }
}
