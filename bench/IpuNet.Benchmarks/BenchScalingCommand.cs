using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Reports;
using IpuNet.Service.Scaling;

namespace IpuNet.Benchmarks;

/// <summary><c>ipunet bench scaling</c>: plays days of uploads on workers that come and go, and chooses the numbers for Azure.</summary>
internal sealed class BenchScalingCommand : CliCommand
{
    private readonly Option<double> _speed = new("--images-per-second")
    {
        Description = "Images that a worker works off in a second, as measured there.",
        DefaultValueFactory = _ => ScalingChoice.Assumed.ImagesPerSecond,
        HelpName = "N",
    };

    private readonly Option<int> _start = new("--cold-start")
    {
        Description = "Seconds from the decision that there be a worker until it works.",
        DefaultValueFactory = _ => ScalingChoice.Assumed.ColdStartSeconds,
        HelpName = "N",
    };

    private readonly Option<double> _price = new("--price")
    {
        Description = "What a worker costs a second, in your currency.",
        DefaultValueFactory = _ => 0.0006,
        HelpName = "N",
    };

    public BenchScalingCommand(Terminal terminal)
        : base(terminal, "scaling", "Plays days of uploads on workers that come and go by the queue's length, and chooses how many messages a worker is started for. Nothing is measured here.")
    {
        _speed.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 1_000_000))
                result.AddError("--images-per-second is above 0, and at most 1,000,000.");
        });
        _start.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 3600)
                result.AddError("--cold-start is 0 to 3600 seconds.");
        });
        foreach (Option option in (Option[])[_speed, _start, _price])
            Options.Add(option);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet bench scaling --images-per-second 350 --cold-start 90", "What to set in infra/main.bicep for a worker as you have measured it.")];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var speed = new WorkerSpeed(parsed.GetValue(_speed), parsed.GetValue(_start));
        ScalingPlan? plan = await Task.Run(() => ScalingChoice.Choose(speed, ScalingChoice.Days, cancellation), cancellation);
        if (plan is null)
        {
            Terminal.Fail("No number of workers that is tried is quick enough for all of these days. Give a worker more images a second, or a shorter start.");
            return ExitCode.SomeFailed;
        }

        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"maxWorkers {plan.MaxWorkers}, messagesPerWorker {plan.MessagesPerWorker}, scalePollingSeconds {plan.PollingSeconds}, scaleCooldownSeconds {plan.CooldownSeconds}"));
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"{speed.ImagesPerSecond:0.#} images/s a worker, {speed.ColdStartSeconds} s to start one"),
            new("Day"), new("95 % wait s", Numeric: true), new("longest s", Numeric: true), new("workers", Numeric: true), new("worker s", Numeric: true), new("costs", Numeric: true));
        foreach (ArrivalPattern day in ScalingChoice.Days)
        {
            ScalingOutcome outcome = ScalingSimulation.Run(plan, speed, day);
            table.Add(
                day.Name, Text(outcome.WaitSeconds), Text(outcome.LongestWaitSeconds), Text(outcome.MostWorkers), Text(outcome.WorkerSeconds),
                (outcome.WorkerSeconds * parsed.GetValue(_price)).ToString("0.00", CultureInfo.InvariantCulture));
        }

        Terminal.Write(table);
        return ExitCode.Done;
    }

    private static string Text(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
