using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.LocalCloud;

namespace IpuNet.Cli.Up;

/// <summary><c>ipunet up</c>: runs the whole service on this machine until Ctrl-C.</summary>
internal sealed class UpCommand : CliCommand
{
    private const int LastPort = 65_534;

    private readonly Option<string?> _data = new("--data")
    {
        Description = $"Folder of the data. The next start finds the data there. Default: {DataFolder.Default}.",
        HelpName = "DIR",
    };

    private readonly Option<int> _port = new("--port")
    {
        Description = "Port for blobs. Queues get the next port. Default: free ports.",
        HelpName = "N",
    };

    private readonly Option<int?> _keepFree = new("--keep-free")
    {
        Description =
            "Free disk space to keep for running work and deletions, in megabytes. With less, the service refuses uploads. Default: 200, "
            + "or a tenth of a small disk.",
        HelpName = "MB",
    };

    private readonly ModelArguments _models;

    public UpCommand(Terminal terminal)
        : base(terminal, "up", "Runs the whole service on this machine until Ctrl-C: storage (Azurite), worker, and triggers for uploads.")
    {
        Options.Add(_data);
        Options.Add(_port.Within(1, LastPort));
        Options.Add(_keepFree.AtLeast(0));
        _models = new ModelArguments(this, "Recogniser of the service, until another one is promoted.");
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet up", "npm fetches Azurite on first use. Other commands find the local cloud by themselves."),
        ("ipunet up --data cameras/ --port 10000", "Uses the folder cameras/, and the same address at each start."),
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
        bool isAnother = LocalCloudFile.Write(cloud.ConnectionString);
        try
        {
            ShowNextSteps(cloud, data);
            if (isAnother)
                Terminal.Warn("Another local cloud of yours is running. Commands use this one until it stops, and then the other one.");
            Task<string> ended = cloud.EndedAsync();
            await StatusLine.RunAsync(Terminal, counts.ToString, ended, cancellation);
            throw new FaceDataException($"{await ended}. Start `ipunet up` again; --verbose shows the log.");
        }
        finally
        {
            LocalCloudFile.Remove(cloud.ConnectionString);
            Terminal.Note($"Stopping ... {counts}");
        }
    }

    private void ShowNextSteps(LocalCloudHost cloud, DataFolder data)
    {
        Terminal.WriteLine($"The local cloud runs at {cloud.Account.Address}");
        Terminal.WriteLine($"Its data is in {data.Path}");
        Terminal.WriteLine("Ctrl-C stops it. In another terminal:");
        Terminal.WriteLine("  ipunet enqueue enrolment people/ada/ --subject ada --wait   enrols a person");
        Terminal.WriteLine("  ipunet upload camera/ --batch cam-7                         uploads images");
        Terminal.WriteLine("  ipunet status cam-7 --wait                                  waits for the results");
        Terminal.WriteLine("  ipunet poison list                                          lists what failed");
    }
}
