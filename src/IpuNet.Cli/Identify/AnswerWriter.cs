using System.Globalization;
using System.Text;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Identify;

/// <summary>Writes answers for whoever reads them; what is left to write is written at the end.</summary>
internal abstract class AnswerWriter : IDisposable
{
    public abstract void Write(ImageAnswer answer);

    public abstract void Dispose();
}

/// <summary>Writes a JSON array, answer by answer; it is closed even where the run is stopped.</summary>
internal sealed class JsonAnswers(TextWriter output) : AnswerWriter
{
    private string _before = "[\n";

    public override void Write(ImageAnswer answer)
    {
        output.Write(_before + Encoding.UTF8.GetString(answer.ToJson()));
        _before = ",\n";
    }

    public override void Dispose()
    {
        output.WriteLine(_before == ",\n" ? "\n]" : "[]");
        output.Flush();
    }
}

/// <summary>Collects a table, a row a face.</summary>
internal sealed class TableAnswers(Terminal terminal) : AnswerWriter
{
    private readonly ReportTable _table = new(
        "Identified faces", new("Image"), new("Face px", Numeric: true), new("SR"), new("Decision"), new("Most similar"), new("Score", Numeric: true),
        new("Threshold", Numeric: true), new("Next"));

    private double _far;

    public override void Write(ImageAnswer answer)
    {
        if (answer.Faces.Count == 0)
            _table.Add(answer.Image, "", "", answer.Reason!, "", "", "", "");
        foreach (FaceAnswer face in answer.Faces)
        {
            _far = face.Far;
            GalleryMatch? best = face.Matches is [var first, ..] ? first : null;
            _table.Add(
                answer.Image, Text(face.SourceHeight, "0"), face.Enhanced ? "yes" : "no", face.Decision, best?.SubjectId ?? "", Text(best?.Score, "0.000"),
                Text(face.Threshold, "0.000"), face.Matches is [_, var next, ..] ? $"{next.SubjectId} {Text(next.Score, "0.000")}" : "");
        }
    }

    public override void Dispose()
    {
        terminal.Write(_table);
        if (_far > 0)
            terminal.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"'known' from the threshold on: one comparison of two people in {1 / _far:N0} reaches it by mistake."));
    }

    private static string Text(float? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
