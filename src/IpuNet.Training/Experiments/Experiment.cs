using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;

namespace IpuNet.Training.Experiments;

/// <summary>
/// One training run, whole: data, network, losses, degradation, schedule, validation, seed. A file in models/experiments: one with a
/// <c>student</c> is a <see cref="RecogniserExperiment"/>, any other an <see cref="EnhancerExperiment"/>.
/// </summary>
public abstract record Experiment
{
    private const string StudentMember = "student";


    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Version of the file's form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>What the run is called.</summary>
    public required string Name { get; init; }

    /// <summary>Everything random derives from it: the same seed gives the same run.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The frozen recogniser, "name@version": an enhancer's identity loss goes through it, and a student learns its embeddings.</summary>
    public string Recogniser { get; init; } = "dlib-resnet29@1";

    /// <summary>What to learn from.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>How a face becomes a low-resolution one.</summary>
    public DegradationOptions Degradation { get; init; } = new();

    /// <summary>Steps, batch and learning rate.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>When and on what the run is checked.</summary>
    public ValidationOptions Validation { get; init; } = new();

    /// <summary>Reads an experiment.</summary>
    /// <exception cref="FaceDataException">The file is missing, is not JSON of this form, or asks for what cannot be.</exception>
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
    /// <param name="name">What errors call it.</param>
    /// <exception cref="FaceDataException">The text is not JSON of this form, or asks for what cannot be.</exception>
    public static Experiment Parse(string json, string name)
    {
        try
        {
            Experiment experiment = Deserialize(json) ?? throw new FaceDataException($"{name}: holds no experiment.");
            experiment.Validate(name);
            return experiment;
        }
        catch (JsonException e)
        {
            throw new FaceDataException($"{name}: cannot be read as an experiment: {e.Message} Compare it with models/experiments/paper.json.", e);
        }
    }

    /// <summary>The experiment as its file would say it, with every default written out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, GetType(), Json);

    /// <summary>How far the aims are from a face's own embedding: see <see cref="Losses.IdentityLossOptions.PersonShare"/>.</summary>
    internal abstract double PersonShare { get; }

    /// <summary>The network that is trained.</summary>
    public abstract INetwork CreateNetwork();

    /// <summary>Says what of the members that only this kind of experiment has cannot be; each by the name that the file gives it.</summary>
    private protected abstract IEnumerable<string> Problems();

    private static Experiment? Deserialize(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        bool isRecogniser = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(StudentMember, out _);
        return isRecogniser ? document.Deserialize<RecogniserExperiment>(Json) : document.Deserialize<EnhancerExperiment>(Json);
    }

    private void Validate(string path)
    {
        Require(Schema == 1, $"schema {Schema} is not known; this version reads schema 1");
        Require(Data.Sets.Count > 0, "data.sets names no set of images");
        Require(Data.Augmentation is null or { Probability: >= 0 and <= 1, Scale: >= 0 and < 1, Contrast: >= 0 and < 1 }, "data.augmentation has a probability not in 0-1, or a scale or contrast not in 0 to below 1");
        Require(Schedule.Batch >= 2, $"schedule.batch {Schedule.Batch} is below 2, the least that batch norm can use");
        Require(Schedule.Steps >= 1, $"schedule.steps {Schedule.Steps} is below 1");
        Require(Schedule.LearningRate > 0, $"schedule.learningRate {Schedule.LearningRate} is not above 0");
        Require(Schedule.EmaDecay is >= 0 and < 1, $"schedule.emaDecay {Schedule.EmaDecay} is not in 0 to below 1");
        Require(Degradation.Sizes.Count > 0, "degradation.sizes is empty");
        foreach (string size in Degradation.Sizes)
            Require(FaceSize.TryParse(size, out _), $"degradation.sizes has '{size}', which is not HEIGHTxWIDTH with both in 1-128");
        foreach (string problem in Problems())
            Require(false, problem);

        void Require(bool condition, string problem)
        {
            if (!condition)
                throw new FaceDataException($"{path}: {problem}.");
        }
    }
}

/// <summary>Steps, batch and learning rate of a run.</summary>
public sealed record ScheduleOptions
{
    /// <summary>Faces a step.</summary>
    /// <value>32 by default; the paper's is 64; at least 2.</value>
    public int Batch { get; init; } = 32;

    /// <summary>Optimiser steps.</summary>
    public int Steps { get; init; } = 4500;

    /// <summary>Peak learning rate of Adam.</summary>
    /// <value>2e-4 by default (the paper's).</value>
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Adam's first decay.</summary>
    /// <value>0.5 by default (the paper's).</value>
    public double Beta1 { get; init; } = 0.5;

    /// <summary>Steps over which the learning rate rises from 0.</summary>
    public int Warmup { get; init; } = 100;

    /// <summary>Whether the learning rate falls to 0 along half a cosine; else it stays.</summary>
    public bool CosineDecay { get; init; } = true;

    /// <summary>Decay of the moving average of the weights, which is what is validated and exported; 0 takes the weights as they are.</summary>
    /// <value>0.999 by default; 0 to below 1.</value>
    public double EmaDecay { get; init; } = 0.999;

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 250;

    /// <summary>The learning rate of a step, counted from 0.</summary>
    public double RateAt(int step)
    {
        double warm = Math.Min(1, (step + 1) / (double)Math.Max(1, Warmup));
        double decay = CosineDecay ? 0.5 * (1 + Math.Cos(Math.PI * step / Steps)) : 1;
        return LearningRate * warm * decay;
    }
}

/// <summary>When and on what a run is checked.</summary>
public sealed record ValidationOptions
{
    /// <summary>Steps between validations.</summary>
    public int Every { get; init; } = 500;

    /// <summary>Sizes of the square probes in pixels.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [8, 12, 16, 24, 32];

    /// <summary>How many people with at least two images are kept out of training, and compared at validation.</summary>
    public int People { get; init; } = 200;

    /// <summary>How many faces the picture grid shows.</summary>
    public int Pictures { get; init; } = 8;
}
