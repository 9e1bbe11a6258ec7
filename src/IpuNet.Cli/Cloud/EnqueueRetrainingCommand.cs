using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Service.Queues;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet enqueue retraining</c>: gives the service a retraining job.</summary>
internal sealed class EnqueueRetrainingCommand : CliCommand
{
    private readonly Option<string> _experiment = new("--experiment", "-e")
    {
        Description = $"Name of the experiment that describes the training. {ExperimentName.Rule}",
        DefaultValueFactory = _ => ExperimentName.Default,
        HelpName = "NAME",
    };

    private readonly Option<bool> _wait = new("--wait") { Description = "Wait for the answer and print it. A training may take hours." };
    private readonly JsonOption _json = new();
    private readonly StorageArguments _storage;

    public EnqueueRetrainingCommand(Terminal terminal)
        : base(
            terminal, "retraining",
            $"Enqueues a retraining job. The job trains a candidate on the images in the container '{StorageNames.Training}', and promotes "
            + "it if it passes the gate.")
    {
        _experiment.Validators.Add(result =>
        {
            if (ExperimentName.FaultOf(result.GetValueOrDefault<string>()) is { } fault)
                result.AddError($"The experiment's name {fault}. {ExperimentName.Rule}");
        });
        Options.Add(_experiment);
        Options.Add(_wait);
        Options.Add(_json);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet enqueue retraining --wait", "Waits for the training, and says whether the candidate was promoted and why.")];

    protected override Task<int> ExecuteAsync(
        ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(parsed, async account =>
    {
        string job = Guid.NewGuid().ToString("N"), name = StorageNames.RetrainingAnswer(job);
        await Jobs.Queue(account, StorageNames.Retraining).SendAsync(
            new RetrainingMessage { JobId = job, Experiment = parsed.GetRequiredValue(_experiment) }, cancellation);
        Terminal.Note($"Job {job} is in the queue. The answer will be {StorageNames.Results}/{name}.");
        if (!parsed.GetValue(_wait))
            return ExitCode.Done;
        var answer = RetrainingAnswer.FromJson(await Jobs.AnswerAsync(account, name, cancellation), $"{StorageNames.Results}/{name}");
        if (parsed.GetValue(_json))
            Terminal.WriteJson(answer.ToJson());
        else
            Terminal.WriteLine($"{answer.Status.ToString().ToLowerInvariant()}: {answer.Reason}");
        return answer.Status is RetrainingStatus.Promoted or RetrainingStatus.Kept ? ExitCode.Done : ExitCode.SomeFailed;
    }, cancellation);
}
