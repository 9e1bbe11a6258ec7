using System.CommandLine;
using System.Text;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet enqueue retraining</c>: asks the service for a better model.</summary>
internal sealed class EnqueueRetrainingCommand : CliCommand
{
    private readonly Option<string> _experiment = new("--experiment", "-e")
    {
        Description = $"Name of the experiment that is trained. {ExperimentName.Rule}",
        DefaultValueFactory = _ => ExperimentName.Default,
        HelpName = "NAME",
    };

    private readonly Option<bool> _wait = new("--wait") { Description = "Wait for the answer. A training may take hours." };
    private readonly StorageArguments _storage;

    public EnqueueRetrainingCommand(Terminal terminal)
        : base(terminal, "retraining", $"Asks the service to train a model on the images in the container '{StorageNames.Training}', and to use it if it is better.")
    {
        _experiment.Validators.Add(result =>
        {
            if (ExperimentName.FaultOf(result.GetValueOrDefault<string>()) is { } fault)
                result.AddError($"The experiment's name {fault}. {ExperimentName.Rule}");
        });
        Options.Add(_experiment);
        Options.Add(_wait);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet enqueue retraining --wait", "Trains on what is there, and says whether the model is used now and why.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(parsed, async account =>
    {
        string job = Guid.NewGuid().ToString("N"), name = StorageNames.RetrainingAnswer(job);
        await Jobs.Queue(account, StorageNames.Retraining).SendAsync(
            new RetrainingMessage { JobId = job, Experiment = parsed.GetRequiredValue(_experiment) }, cancellation);
        Terminal.WriteLine($"Job {job} is in the queue; its answer will be {StorageNames.Results}/{name}.");
        if (!parsed.GetValue(_wait))
            return ExitCode.Done;
        var answer = RetrainingAnswer.FromJson(await Jobs.AnswerAsync(account, name, cancellation), $"{StorageNames.Results}/{name}");
        Terminal.WriteLine(Encoding.UTF8.GetString(answer.ToJson()));
        return answer.Status is RetrainingStatus.Promoted or RetrainingStatus.Kept ? ExitCode.Done : ExitCode.SomeFailed;
    }, cancellation);
}
