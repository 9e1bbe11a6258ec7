using System.CommandLine;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Cli.Identify;
using IpuNet.Cli.Inputs;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Recognition;

namespace IpuNet.Cli.Verify;

/// <summary><c>ipunet verify</c>: says whether two images show one person.</summary>
internal sealed class VerifyCommand : CliCommand
{
    private readonly Argument<string> _first = new("A") { Description = "An image with one face." };
    private readonly Argument<string> _second = new("B") { Description = "Another." };
    private readonly Option<FaceFinding> _faces = InputOptions.FacesOption();
    private readonly Option<EnhanceChoice> _enhance = IdentifyCommand.EnhanceOption();
    private readonly Option<bool> _json = new("--json") { Description = "Print the answer as JSON." };
    private readonly ModelOptions _models;

    public VerifyCommand(Terminal terminal)
        : base(terminal, "verify", "Says whether two images show the same person, with the score and the threshold that it had to reach.")
    {
        Arguments.Add(_first);
        Arguments.Add(_second);
        Options.Add(_faces);
        Options.Add(_enhance);
        Options.Add(_json);
        _models = new ModelOptions(this);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet verify camera/0001.png passport.jpg", "A small face against a large one; the smaller decides which threshold holds.")];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var models = PipelineModels.Open(_models.Store(parsed), _models.Settings(parsed), recognise: true);
        RecognitionPolicy policy = models.RequirePolicy();
        var pipeline = new ImagePipeline(models, new() { Faces = parsed.GetValue(_faces), Enhance = parsed.GetValue(_enhance) });
        ImageSource[] images = [ImageSource.FromFile(parsed.GetRequiredValue(_first)), ImageSource.FromFile(parsed.GetRequiredValue(_second))];
        List<FaceResult> faces = [];
        await foreach (var batch in pipeline.RunAsync(images, cancellation))
            faces.AddRange(batch.Select(OnlyFace));

        float score = TensorPrimitives.Dot<float>(faces[0].Embedding, faces[1].Embedding);
        FaceResult smaller = faces.MinBy(face => face.SourceHeight)!;
        Write(parsed, new Verification(score, policy.For(smaller.SourceHeight).ThresholdFor(smaller.Enhanced is not null), policy.Far, smaller.Band.Name));
        return ExitCode.Done;
    }

    private static FaceResult OnlyFace(ImageResult image) => image switch
    {
        { Reason: { } reason } => throw new FaceDataException($"{image.Name}: {reason}"),
        { Faces: [var face] } => face,
        _ => throw new FaceDataException($"{image.Name}: {image.Faces.Count} faces were found, and verification needs one: crop the image to it."),
    };

    private void Write(ParseResult parsed, Verification result)
    {
        if (parsed.GetValue(_json))
        {
            Terminal.Output.WriteLine(JsonSerializer.Serialize(result, JsonSerializerOptions.Web));
            return;
        }

        Terminal.WriteLine(result.SamePerson ? "same person" : "different people");
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"score {result.Score:0.000}, threshold {result.Threshold:0.000} (FAR {result.Far:0.###%}, band {result.Band} px)"));
    }

    private sealed record Verification(float Score, float Threshold, double Far, string Band)
    {
        [JsonPropertyOrder(-1)]
        public int Schema { get; } = 1;

        public bool SamePerson => Score >= Threshold;
    }
}
