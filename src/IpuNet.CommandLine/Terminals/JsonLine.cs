using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IpuNet.Faces.Reports;

namespace IpuNet.CommandLine.Terminals;

/// <summary>JSON in one line.</summary>
internal static class JsonLine
{
    // The output is no part of a web page, so only what JSON itself requires is escaped.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A document.</summary>
    public static string Of(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Line(document.RootElement.WriteTo);
    }

    /// <summary>
    /// One object for each row of a table: the table's title as "table", and each cell under its heading in camel case. A cell of a numeric
    /// column becomes a number if it can, an empty cell null.
    /// </summary>
    public static IEnumerable<string> OfRows(ReportTable table)
    {
        string[] names = [.. table.Columns.Select(column => NameOf(column.Heading))];
        return table.Rows.Select(row => Line(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("table", table.Title);
            for (int i = 0; i < names.Length; i++)
            {
                writer.WritePropertyName(names[i]);
                WriteCell(writer, row[i], table.Columns[i].Numeric);
            }

            writer.WriteEndObject();
        }));
    }

    private static void WriteCell(Utf8JsonWriter writer, string cell, bool isNumeric)
    {
        if (cell.Length == 0)
            writer.WriteNullValue();
        else if (isNumeric && decimal.TryParse(cell, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal number))
            writer.WriteNumberValue(number);
        else
            writer.WriteStringValue(cell);
    }

    // "Last change, UTC" is lastChangeUtc.
    private static string NameOf(string heading)
    {
        string[] words = new string([.. heading.Select(sign => char.IsLetterOrDigit(sign) ? sign : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(words.Select((word, i) =>
        {
            string rest = word.Any(char.IsLower) ? word[1..] : word[1..].ToLowerInvariant();
            return (i == 0 ? char.ToLowerInvariant(word[0]) : char.ToUpperInvariant(word[0])) + rest;
        }));
    }

    private static string Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
            write(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
