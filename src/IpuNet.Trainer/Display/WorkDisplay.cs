using System.Globalization;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Reports;
using IpuNet.Training.Runs;
using IpuNet.Training.Training;

namespace IpuNet.Trainer.Display;

/// <summary>Shows reports of long work on a terminal: parts as progress, validations as tables, messages as lines.</summary>
internal sealed class WorkDisplay(Terminal terminal) : IProgress<WorkReport>
{
    private readonly Lock _reporting = new();
    private Part? _part;

    public void Report(WorkReport value)
    {
        // Reports come from many threads.
        lock (_reporting)
        {
            switch (value)
            {
                case PartReport part:
                    (_part ??= new Part(terminal, part)).Show(part);
                    break;
                case PartEnd:
                    _part?.End();
                    _part = null;
                    break;
                case ValidationReport validation:
                    terminal.WriteAboveProgress(Table(validation.Result));
                    break;
                case Message message:
                    Write(message);
                    break;
            }
        }
    }

    private void Write(Message message)
    {
        Action<string> write = message.Importance switch
        {
            Importance.Result => terminal.WriteLine,
            Importance.Note => terminal.Note,
            Importance.Warning => terminal.Warn,
            _ => terminal.Fail,
        };
        write(message.Text);
    }

    private static ReportTable Table(ValidationResult result)
    {
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"Validation at step {result.Step:N0}: score {result.Score:0.0000}"),
            [new("Face px", Numeric: true), .. result.Rows[0].Measures.Select(measure => new ReportColumn(measure.Name, Numeric: true))]);
        foreach (ValidationRow row in result.Rows)
        {
            table.Add(
            [
                row.Size.ToString(CultureInfo.InvariantCulture),
                .. row.Measures.Select(measure => measure.Value.ToString(measure.Format, CultureInfo.InvariantCulture)),
            ]);
        }

        return table;
    }

    /// <summary>The progress of one part, shown from its first report to its end.</summary>
    private sealed class Part
    {
        private readonly TaskCompletionSource<bool> _end = new();
        private readonly Task _shown;
        private IProgress<ProgressCount>? _progress;

        public Part(Terminal terminal, PartReport first) => _shown = ProgressDisplay.RunAsync(terminal, first.What, first.Total, progress =>
        {
            _progress = progress;
            return _end.Task;
        });

        public void Show(PartReport report) => _progress?.Report(new ProgressCount(report.Done, report.Total, report.Detail));

        // Waits until the progress bar is gone, so that the next text does not mix with it.
        public void End()
        {
            _end.SetResult(true);
            _shown.GetAwaiter().GetResult();
        }
    }
}
