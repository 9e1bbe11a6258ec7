using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Reports;
using IpuNet.Service.Scaling;

namespace IpuNet.Benchmarks.Scaling;

/// <summary><c>ipunet bench scaling</c>: simulates days of uploads, and chooses the scaling settings for Azure.</summary>
internal sealed class BenchScalingCommand : CliCommand
{
    private readonly Option<double> _speed = new("--images-per-second")
    {
        Description = "Images that a worker handles in a second, as measured in Azure.",
        DefaultValueFactory = _ => ScalingChoice.Assumed.ImagesPerSecond,
        HelpName = "N",
    };

    private readonly Option<int> _start = new("--cold-start")
    {
        Description = "Seconds from the decision to start a worker to its first image.",
        DefaultValueFactory = _ => ScalingChoice.Assumed.ColdStartSeconds,
        HelpName = "N",
    };

    private readonly Option<double> _price = new("--price")
    {
        Description = "Cost of a worker for a second, in your currency.",
        DefaultValueFactory = _ => 0.0006,
        HelpName = "N",
    };

    public BenchScalingCommand(Terminal terminal)
        : base(
            terminal, "scaling",
            "Simulates days of uploads on workers that scale with the queue, and chooses the scaling settings. It measures nothing.")
    {
        foreach (Option option in (Option[])[_speed.Above(0, 1_000_000), _start.Within(0, 3600), _price.AtLeast(0), new JsonOption()])
            Options.Add(option);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet bench scaling --images-per-second 350 --cold-start 90", "Chooses settings for a worker of this speed.")];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var speed = new WorkerSpeed(parsed.GetValue(_speed), parsed.GetValue(_start));
        ScalingPlan? plan = await Task.Run(() => ScalingChoice.Choose(speed, ScalingChoice.Days, cancellation), cancellation);
        if (plan is null)
        {
            Terminal.Fail(
                "No setting is quick enough for all of these days. Use faster workers (--images-per-second) or a shorter start "
                + "(--cold-start).");
            return ExitCode.SomeFailed;
        }

        var settings = new ReportTable(
            "Settings for infra/main.bicep", new("maxWorkers", Numeric: true), new("messagesPerWorker", Numeric: true),
            new("scalePollingSeconds", Numeric: true), new("scaleCooldownSeconds", Numeric: true));
        settings.Add(
            Text(plan.MaxWorkers), Text(plan.MessagesPerWorker), Text(plan.PollingSeconds), Text(plan.CooldownSeconds));
        Terminal.Write(settings);
        var table = new ReportTable(
            string.Create(
                CultureInfo.InvariantCulture, $"{speed.ImagesPerSecond:0.#} images/s a worker, {speed.ColdStartSeconds} s to start one"),
            new("Day"), new("95 % wait s", Numeric: true), new("Longest wait s", Numeric: true), new("Workers", Numeric: true),
            new("Worker s", Numeric: true), new("Cost", Numeric: true));
        foreach (ArrivalPattern day in ScalingChoice.Days)
        {
            ScalingOutcome outcome = ScalingSimulation.Run(plan, speed, day);
            table.Add(
                day.Name, Text(outcome.WaitSeconds), Text(outcome.LongestWaitSeconds), Text(outcome.MostWorkers),
                Text(outcome.WorkerSeconds),
                (outcome.WorkerSeconds * parsed.GetValue(_price)).ToString("0.00", CultureInfo.InvariantCulture));
        }

        Terminal.Write(table);
        return ExitCode.Done;
    }

    private static string Text(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
