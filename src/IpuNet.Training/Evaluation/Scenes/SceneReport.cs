using System.Text.Json.Serialization;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation.Scenes;

/// <summary>Small faces in whole pictures: found, straightened and named by the pipeline that serves.</summary>
public sealed record SceneReport : MeasuredReport
{
    /// <summary>Number of probes whose person is enrolled.</summary>
    public required int Probes { get; init; }

    /// <summary>Number of probes whose person is not enrolled.</summary>
    public required int Strangers { get; init; }

    /// <summary>A row for each condition and height.</summary>
    public required IReadOnlyList<SceneRow> Rows { get; init; }

    /// <summary>Frames without faces, a row for each condition.</summary>
    public required IReadOnlyList<EmptyFramesRow> EmptyFrames { get; init; }

    /// <summary>Pictures of faces that were not found or got a wrong name.</summary>
    [JsonIgnore]
    public IReadOnlyList<ReportPicture> Mistakes { get; init; } = [];
}

/// <summary>The figures of one condition and height.</summary>
public sealed record SceneRow
{
    /// <summary>Name of the condition. See <see cref="SceneCondition"/>.</summary>
    public required string Condition { get; init; }

    /// <summary>Height of the faces in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Number of scenes.</summary>
    public required int Scenes { get; init; }

    /// <summary>Number of faces in them: probes of enrolled people and of strangers.</summary>
    public required int Faces { get; init; }

    /// <summary>The share of these faces that were found.</summary>
    public required Measure Found { get; init; }

    /// <summary>Number of places that were taken for a face. Other faces that the photos show at full size do not count.</summary>
    public required int FalseFinds { get; init; }

    /// <summary>
    /// Median error of the alignment: the mean distance of a face's landmarks from those of the same face at full size, as a share of the
    /// side of the aligned square. Null if no face was found.
    /// </summary>
    public required double? AlignmentError { get; init; }

    /// <summary>The error that nine tenths of the faces stay below.</summary>
    public required double? AlignmentError90 { get; init; }

    /// <summary>The names given, for each gallery and each choice of super-resolution.</summary>
    public required IReadOnlyList<SceneNaming> Naming { get; init; }
}

/// <summary>The names that faces of a condition and height got. A face that was not found gets no name.</summary>
public sealed record SceneNaming
{
    /// <summary>Super-resolution by the model's policy.</summary>
    public const string ByPolicy = "policy";

    /// <summary>No super-resolution.</summary>
    public const string Without = "off";

    internal static string NameOf(EnhanceChoice treatment) => treatment switch
    {
        EnhanceChoice.Auto => ByPolicy,
        EnhanceChoice.Off => Without,
        _ => "on",
    };

    /// <summary>Super-resolution: "on", "off", or "policy" for the bands that the model's policy names.</summary>
    public required string Treatment { get; init; }

    /// <summary>Number of enrolled people.</summary>
    public required int Subjects { get; init; }

    /// <summary>The share of the probes of enrolled people whose person scores highest.</summary>
    public required Measure Rank1 { get; init; }

    /// <summary>The share of these probes that are named, and rightly, by the policy's thresholds.</summary>
    public required Measure Right { get; init; }

    /// <summary>The share of these probes that are named wrongly.</summary>
    public required Measure Wrong { get; init; }

    /// <summary>The share of strangers that are named; null without strangers.</summary>
    public required Measure? StrangersNamed { get; init; }

    /// <summary>
    /// The detection-and-identification rate: the share of probes named rightly at the threshold that names this share of strangers. Null
    /// without strangers.
    /// </summary>
    public required DirAtFpir? DirAtFpir { get; init; }
}

/// <summary>The search of frames without faces.</summary>
/// <param name="Condition">Name of the condition.</param>
/// <param name="Frames">Number of frames.</param>
/// <param name="FalseFinds">Number of places that were taken for a face.</param>
public sealed record EmptyFramesRow(string Condition, int Frames, int FalseFinds);
