using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;
using IpuNet.Training.Losses;

namespace IpuNet.Training.Experiments;

/// <summary>
/// One training run, whole: data, network, losses, degradation, schedule, validation, seed. A file in models/experiments: one with a
/// <c>student</c> is a <see cref="RecogniserExperiment"/>, any other an <see cref="EnhancerExperiment"/>.
/// </summary>
public abstract record Experiment
{
    private const string StudentMember = "student";

    // A file with more errors is probably another file.
    private const int MostProblems = 10;

    // People write these: comments are welcome, and a field that nobody knows is a mistake.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Version of the file's form.</summary>
    [Range(1, 1)]
    public int Schema { get; init; } = 1;

    /// <summary>Name of the experiment.</summary>
    [Length(1, 128)]
    public required string Name { get; init; }

    /// <summary>Everything random derives from it: the same seed gives the same run.</summary>
    [Range(int.MinValue, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>
    /// The frozen recogniser, "name@version": an enhancer's identity loss goes through it, and a student learns its embeddings.
    /// </summary>
    [Length(1, 256)]
    public string Recogniser { get; init; } = "dlib-resnet29@1";

    /// <summary>The training images.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>How a face becomes a low-resolution one.</summary>
    public DegradationOptions Degradation { get; init; } = new();

    /// <summary>Steps, batch and learning rate.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>How the training is validated.</summary>
    public ValidationOptions Validation { get; init; } = new();

    /// <summary>Reads an experiment: a file, or the name of one in the folder 'experiments' of the models.</summary>
    /// <param name="name">The file or the name.</param>
    /// <param name="steps">Steps in place of its own; null for those.</param>
    /// <param name="store">The models.</param>
    /// <exception cref="FaceDataException">The file is missing, is not JSON of this form, or has a wrong value.</exception>
    public static Experiment Open(string name, int? steps, ModelStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        string shipped = Path.Combine(store.Root, "experiments", $"{name}.json");
        Experiment experiment = Load(!File.Exists(name) && File.Exists(shipped) ? shipped : name);
        if (steps is { } count)
            experiment = experiment with { Schedule = experiment.Schedule with { Steps = count } };
        experiment.Validate(name);
        return experiment;
    }

    /// <summary>Reads an experiment.</summary>
    /// <exception cref="FaceDataException">The file is missing, is not JSON of this form, or has a wrong value.</exception>
    public static Experiment Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FaceDataException($"{path}: cannot be read as an experiment: {e.Message}", e);
        }
    }

    /// <summary>Reads an experiment.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="name">Name for errors.</param>
    /// <exception cref="FaceDataException">The text is not JSON of this form, or has a wrong value.</exception>
    public static Experiment Parse(string json, string name)
    {
        try
        {
            Experiment experiment = Deserialize(Encoding.UTF8.GetBytes(
                json)) ?? throw new FaceDataException($"{name}: the file has no experiment.");
            experiment.Validate(name);
            return experiment;
        }
        // A document says of a name that is no text that it is an invalid operation to look for another.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            string rule = ExperimentRules.RuleOf(
                (e as JsonException)?.Path) is { } known ? $"it has to be {known}" : "compare it with models/experiments/paper.json";
            throw new FaceDataException($"{name}: cannot be read as an experiment: {e.Message.TrimEnd('.')}: {rule}.", e);
        }
    }

    /// <summary>The experiment as its file would say it, with every default written out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, GetType(), Json);

    /// <summary>How far the aims are from a face's own embedding: see <see cref="Losses.IdentityLossOptions.PersonShare"/>.</summary>
    internal abstract double PersonShare { get; }

    /// <summary>The network that is trained.</summary>
    public abstract INetwork CreateNetwork();

    /// <summary>
    /// Says what of the members that only this kind of experiment has cannot be; each by the name that the file gives it.
    /// </summary>
    private protected abstract IEnumerable<string> Problems();

    private static Experiment? Deserialize(byte[] json)
    {
        JsonDocumentOptions form = StrictJson.Document with { CommentHandling = Json.ReadCommentHandling };
        using JsonDocument document = JsonDocument.Parse(json, form);
        bool isRecogniser = document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty(StudentMember, out _);
        return isRecogniser ? StrictJson.Read<RecogniserExperiment>(json, Json) : StrictJson.Read<EnhancerExperiment>(json, Json);
    }

    /// <summary>Makes sure that the experiment can be carried out.</summary>
    /// <param name="name">Name for errors.</param>
    /// <exception cref="FaceDataException">A field is wrong; the message names every wrong field and its rule.</exception>
    public void Validate(string name)
    {
        string[] problems = [.. ExperimentRules.Problems(this).Concat(Problems()).Take(MostProblems)];
        if (problems.Length > 0)
            throw new FaceDataException($"{name}: {string.Join("; ", problems)}.");
    }
}

/// <summary>Steps, batch and learning rate of a run.</summary>
public sealed record ScheduleOptions
{
    /// <summary>Faces a step.</summary>
    /// <value>32 by default; the paper's is 64; at least 2.</value>
    [Range(2, 4096)]
    public int Batch { get; init; } = 32;

    /// <summary>Optimiser steps.</summary>
    [Range(1, 100_000_000)]
    public int Steps { get; init; } = 4500;

    /// <summary>Peak learning rate of Adam.</summary>
    /// <value>2e-4 by default (the paper's).</value>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Adam's first decay.</summary>
    /// <value>0.5 by default (the paper's).</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta1 { get; init; } = 0.5;

    /// <summary>Steps over which the learning rate rises from 0.</summary>
    [Range(0, 100_000_000)]
    public int Warmup { get; init; } = 100;

    /// <summary>Whether the learning rate falls to 0 along half a cosine; else it stays.</summary>
    public bool CosineDecay { get; init; } = true;

    /// <summary>
    /// Decay of the moving average of the weights. The average is validated and exported; 0 for no average.
    /// </summary>
    /// <value>0.999 by default; 0 to below 1.</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double EmaDecay { get; init; } = 0.999;

    /// <summary>Steps between checkpoints.</summary>
    [Range(1, 100_000_000)]
    public int CheckpointEvery { get; init; } = 250;

    /// <summary>The learning rate of a step, counted from 0.</summary>
    public double RateAt(int step)
    {
        double warm = Math.Min(1, (step + 1) / (double)Math.Max(1, Warmup));
        double decay = CosineDecay ? 0.5 * (1 + Math.Cos(Math.PI * step / Steps)) : 1;
        return LearningRate * warm * decay;
    }
}

/// <summary>How a training is validated.</summary>
public sealed record ValidationOptions
{
    /// <summary>Steps between validations.</summary>
    [Range(0, 100_000_000)]
    public int Every { get; init; } = 500;

    /// <summary>Sizes of the square probes in pixels.</summary>
    [Length(1, 64), Range(1, 128)]
    public IReadOnlyList<int> Sizes { get; init; } = [8, 12, 16, 24, 32];

    /// <summary>How many people with at least two images are kept out of training, and compared at validation.</summary>
    [Range(0, 1_000_000)]
    public int People { get; init; } = 200;

    /// <summary>How many faces the picture grid shows.</summary>
    [Range(1, 256)]
    public int Pictures { get; init; } = 8;
}

/// <summary>A run that trains an enhancer: a U-Net, through a frozen recogniser.</summary>
public sealed record EnhancerExperiment : Experiment
{
    /// <summary>The U-Net.</summary>
    public UNetOptions Network { get; init; } = new();

    /// <summary>Value of <see cref="From"/> for the enhancer that is in use at the start of the training.</summary>
    public const string FromCurrent = "current";

    /// <summary>
    /// The enhancer whose weights the run starts from, "name@version" or "current": its network is this one, or a narrower one. Null starts
    /// at random.
    /// </summary>
    [Length(1, 256)]
    public string? From { get; init; }

    /// <summary>The losses.</summary>
    public LossOptions Losses { get; init; } = new();

    /// <summary>How the recogniser looks at a super-resolved face.</summary>
    public ViewOptions View { get; init; } = new();

    internal override double PersonShare => Losses.PersonShare;

    /// <inheritdoc/>
    public override INetwork CreateNetwork() => new UNet(Network);

    private protected override IEnumerable<string> Problems()
    {
        if (Losses is { Pixel: 0, Identity: 0, Contrast: 0, Perceptual: 0 })
            yield return "losses.pixel, losses.identity, losses.contrast and losses.perceptual are all 0: one of them has to be above";
    }
}

/// <summary>
/// A run that trains a FaceNet by distillation (Hinton et al. 2015): shown a face, of one of the degradation's sizes, it learns the
/// embedding that the frozen recogniser has of the same face at full size.
/// </summary>
public sealed record RecogniserExperiment : Experiment
{
    /// <summary>The network that learns; its embeddings are as long as the frozen recogniser's.</summary>
    public required InceptionResNetOptions Student { get; init; }

    /// <summary>The losses.</summary>
    public IdentityLossOptions Losses { get; init; } = new() { IdentityKind = IdentityDistance.Cosine };

    internal override double PersonShare => Losses.PersonShare;

    /// <inheritdoc/>
    public override INetwork CreateNetwork() => NetworkCatalogue.Create(new InceptionResNetV1(Student).Architecture);

    private protected override IEnumerable<string> Problems()
    {
        string? problem = null;
        try
        {
            CreateNetwork();
        }
        catch (FaceDataException e)
        {
            problem = $"student: {e.Message.TrimEnd('.')}";
        }
        if (problem is not null)
            yield return problem;
        if (Losses is { Identity: 0, Contrast: 0 })
            yield return "losses.identity and losses.contrast are both 0: one of them has to be above";
    }
}
