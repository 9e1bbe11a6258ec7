using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IpuNet.Cli.Identify;
using IpuNet.Cli.Inputs;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Verify;

/// <summary><c>ipunet verify</c>: says whether two images show one person.</summary>
internal sealed class VerifyCommand : CliCommand
{
    private readonly Argument<string> _first = new("A") { Description = "An image with one face." };
    private readonly Argument<string> _second = new("B") { Description = "The other image, with one face." };
    private readonly FindOptions _find;
    private readonly Option<EnhanceChoice> _enhance = IdentifyCommand.EnhanceOption();
    private readonly JsonOption _json = new();
    private readonly ModelArguments _models;

    public VerifyCommand(Terminal terminal)
        : base(
            terminal, "verify",
            "Says whether two images show the same person, with the score and its threshold. The exit code is 0 for the same person, and 3 "
            + "if that is not shown.")
    {
        Arguments.Add(_first);
        Arguments.Add(_second);
        _find = new FindOptions(this);
        Options.Add(_enhance);
        Options.Add(_json);
        _models = new ModelArguments(this, "Recogniser that compares the faces.");
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet verify camera/0001.png passport.jpg", "Compares a small face with a large one. The smaller face decides the threshold.")];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string first = parsed.GetRequiredValue(_first), second = parsed.GetRequiredValue(_second);
        ImageInputs.RequireFiles(first, second);
        using var recognition = FaceRecognition.Open(
            _models.Store(parsed), _models.Settings(parsed), _find.Pipeline(parsed) with { Enhance = parsed.GetValue(_enhance) });
        Verification result = await recognition.VerifyAsync(first, second, cancellation);
        Write(parsed, result);
        return result.SamePerson ? ExitCode.Done : ExitCode.NotShown;
    }

    private void Write(ParseResult parsed, Verification result)
    {
        if (parsed.GetValue(_json))
        {
            Terminal.WriteJson(JsonSerializer.SerializeToUtf8Bytes(result, JsonSerializerOptions.Web));
            return;
        }

        Terminal.WriteLine(result.SamePerson ? "the same person" : "not shown to be the same person");
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"score {result.Score:0.000}, threshold {result.Threshold:0.000} (FAR {result.Far:0.###%}, band {result.Band} px)"));
    }
}
