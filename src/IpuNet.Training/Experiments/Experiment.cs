using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Aligning;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;
using IpuNet.Training.Losses;

namespace IpuNet.Training.Experiments;

/// <summary>
/// All that a training run depends on: data, network, losses, degradation, schedule, validation, seed. An experiment is a JSON file, such
/// as those in models/experiments. A file with the field <c>student</c> is a <see cref="RecogniserExperiment"/>, one with the field
/// <c>aligner</c> an <see cref="AlignerExperiment"/>, any other is an <see cref="EnhancerExperiment"/>.
/// </summary>
public abstract record Experiment
{
    private const string StudentMember = "student", AlignerMember = "aligner";

    // A file with more errors is probably not an experiment.
    private const int MostProblems = 10;

    // People write these files by hand. So comments are allowed, and an unknown field is an error, because it is probably misspelt.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Version of the file's format: 1.</summary>
    [Range(1, 1)]
    public int Schema { get; init; } = 1;

    /// <summary>Name of the experiment.</summary>
    [Length(1, 128)]
    public required string Name { get; init; }

    /// <summary>The source of all random numbers: the same seed gives the same run.</summary>
    [Range(int.MinValue, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>The training images.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Steps, batch and learning rate.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>How the training is validated.</summary>
    public ValidationOptions Validation { get; init; } = new();

    /// <summary>Reads an experiment from a file, or by name from the folder 'experiments' of the model store.</summary>
    /// <param name="name">The file or the name.</param>
    /// <param name="steps">Number of steps, in place of the experiment's own; null to keep that.</param>
    /// <param name="store">The model store.</param>
    /// <exception cref="FaceDataException">The file is missing, is not an experiment in JSON, or has a wrong value.</exception>
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

    /// <summary>Reads an experiment from a file.</summary>
    /// <exception cref="FaceDataException">The file is missing, is not an experiment in JSON, or has a wrong value.</exception>
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

    /// <summary>Reads an experiment from text.</summary>
    /// <param name="json">The text of the file.</param>
    /// <param name="name">Name for errors.</param>
    /// <exception cref="FaceDataException">The text is not an experiment in JSON, or has a wrong value.</exception>
    public static Experiment Parse(string json, string name)
    {
        try
        {
            Experiment experiment = Deserialize(Encoding.UTF8.GetBytes(
                json)) ?? throw new FaceDataException($"{name}: the file has no experiment.");
            experiment.Validate(name);
            return experiment;
        }
        // JsonDocument throws InvalidOperationException if a name in the file is not valid text.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            string rule = ExperimentRules.RuleOf(
                (e as JsonException)?.Path) is { } known ? $"it has to be {known}" : "compare it with models/experiments/paper.json";
            throw new FaceDataException($"{name}: cannot be read as an experiment: {e.Message.TrimEnd('.')}: {rule}.", e);
        }
    }

    /// <summary>The experiment as JSON, with all defaults written out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, GetType(), Json);

    /// <summary>The network that is trained.</summary>
    public abstract INetwork CreateNetwork();

    /// <summary>
    /// The problems with the fields that only this kind of experiment has. Each names the field as the file does.
    /// </summary>
    private protected abstract IEnumerable<string> Problems();

    private static Experiment? Deserialize(byte[] json)
    {
        JsonDocumentOptions form = StrictJson.Document with { CommentHandling = Json.ReadCommentHandling };
        using JsonDocument document = JsonDocument.Parse(json, form);
        if (Has(StudentMember))
            return StrictJson.Read<RecogniserExperiment>(json, Json);
        return Has(AlignerMember) ? StrictJson.Read<AlignerExperiment>(json, Json) : StrictJson.Read<EnhancerExperiment>(json, Json);

        bool Has(string member) =>
            document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(member, out _);
    }

    /// <summary>Checks that all fields have allowed values.</summary>
    /// <param name="name">Name for errors.</param>
    /// <exception cref="FaceDataException">A field is wrong. The message names the wrong fields, at most 10, and their rules.</exception>
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
    /// <summary>Number of faces in a step.</summary>
    /// <value>32 by default; at least 2. The paper has 64.</value>
    [Range(2, 4096)]
    public int Batch { get; init; } = 32;

    /// <summary>Number of steps of the optimiser.</summary>
    [Range(1, 100_000_000)]
    public int Steps { get; init; } = 4500;

    /// <summary>Peak learning rate of Adam.</summary>
    /// <value>2e-4 by default (the paper's).</value>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Adam's decay of the first moment (beta 1).</summary>
    /// <value>0.5 by default (the paper's).</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Beta1 { get; init; } = 0.5;

    /// <summary>Share of each weight that a step takes away, for each unit of the learning rate (AdamW); 0 for none.</summary>
    [Range(0.0, 1.0)]
    public double WeightDecay { get; init; }

    /// <summary>Number of steps over which the learning rate rises from 0.</summary>
    [Range(0, 100_000_000)]
    public int Warmup { get; init; } = 100;

    /// <summary>Whether the learning rate falls to 0 along half a cosine. If not, it stays at its peak.</summary>
    public bool CosineDecay { get; init; } = true;

    /// <summary>
    /// Decay of the moving average of the weights. The average is validated and exported. 0 for no average.
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
    /// <summary>Number of steps between validations; 0 for no validation.</summary>
    [Range(0, 100_000_000)]
    public int Every { get; init; } = 500;

    /// <summary>Sizes of the square probes in pixels. For an aligner, heights of the faces.</summary>
    [Length(1, 64), Range(1, 128)]
    public IReadOnlyList<int> Sizes { get; init; } = [8, 12, 16, 24, 32];

    /// <summary>Number of people who are kept out of the training for validation. Each needs two images.</summary>
    [Range(0, 1_000_000)]
    public int People { get; init; } = 200;

    /// <summary>Number of faces in the picture of a validation.</summary>
    [Range(1, 256)]
    public int Pictures { get; init; } = 8;
}

/// <summary>A run that learns from aligned faces and a frozen recogniser.</summary>
public abstract record AlignedFaceExperiment : Experiment
{
    /// <summary>
    /// The frozen recogniser, "name@version". The identity loss of an enhancer goes through it. A student learns its embeddings.
    /// </summary>
    [Length(1, 256)]
    public string Recogniser { get; init; } = "dlib-resnet29@1";

    /// <summary>How a face becomes a low-resolution one.</summary>
    public DegradationOptions Degradation { get; init; } = new();

    /// <summary>The share of the person in the targets; see <see cref="Losses.IdentityLossOptions.PersonShare"/>.</summary>
    internal abstract double PersonShare { get; }
}

/// <summary>A run that trains an enhancer: a U-Net, through a frozen recogniser.</summary>
public sealed record EnhancerExperiment : AlignedFaceExperiment
{
    /// <summary>The U-Net.</summary>
    public UNetOptions Network { get; init; } = new();

    /// <summary>Value of <see cref="From"/> for the enhancer that is in use at the start of the training.</summary>
    public const string FromCurrent = "current";

    /// <summary>
    /// The enhancer to start from, "name@version" or "current". Its network is the same as here, or narrower. Null starts with random
    /// weights.
    /// </summary>
    [Length(1, 256)]
    public string? From { get; init; }

    /// <summary>The losses.</summary>
    public LossOptions Losses { get; init; } = new();

    /// <summary>Random changes of a super-resolved face before the recogniser sees it.</summary>
    public ViewOptions View { get; init; } = new();

    internal override double PersonShare => Losses.PersonShare;

    /// <inheritdoc/>
    public override INetwork CreateNetwork() => new UNet(Network);

    private protected override IEnumerable<string> Problems()
    {
        if (Losses is { Pixel: 0, Identity: 0, Contrast: 0, Perceptual: 0 })
            yield return "losses.pixel, losses.identity, losses.contrast and losses.perceptual are all 0: one has to be above 0";
    }
}

/// <summary>
/// A run that trains a FaceNet by distillation (Hinton et al. 2015). The student sees a low-resolution face. It learns the embedding that
/// the frozen recogniser makes of the same face at full size.
/// </summary>
public sealed record RecogniserExperiment : AlignedFaceExperiment
{
    /// <summary>The network that learns. Its embeddings have as many dimensions as those of the frozen recogniser.</summary>
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
            yield return "losses.identity and losses.contrast are both 0: one has to be above 0";
    }
}

/// <summary>
/// A run that trains an aligner. It sees loose squares of the whole photos of the sets; the crops of the sets mean nothing here. The
/// detector and the landmark network in use tell where the faces lie.
/// </summary>
public sealed record AlignerExperiment : Experiment
{
    /// <summary>The landmark network that labels the photos at full size, "name@version".</summary>
    [Length(1, 256)]
    public string Landmarks { get; init; } = "face-landmark-68@1";

    /// <summary>How the squares are drawn.</summary>
    public required AlignerOptions Aligner { get; init; }

    /// <summary>The losses.</summary>
    public AlignerLossOptions Losses { get; init; } = new();

    /// <inheritdoc/>
    public override INetwork CreateNetwork() => new AlignerNet();

    private protected override IEnumerable<string> Problems()
    {
        if (Data.Augmentation is not null)
            yield return "data.augmentation is for aligned faces: leave it out, and set how faces vary in 'aligner'";
        if (Aligner.SmallestFace > Aligner.LargestFace)
            yield return "aligner.smallestFace is above aligner.largestFace: it has to be at most as large";
    }
}
