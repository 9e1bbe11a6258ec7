using System.ComponentModel.DataAnnotations;

namespace IpuNet.Training.Evaluation.Scenes;

/// <summary>Options of an evaluation on scenes.</summary>
public sealed record SceneOptions
{
    /// <summary>The heights of the faces in the scenes, in pixels: the sides of their aligned squares.</summary>
    /// <value>Default: 8, 12, 16, 24, 32 and 48.</value>
    public IReadOnlyList<int> Heights { get; init; } = [8, 12, 16, 24, 32, 48];

    /// <summary>What the camera does to the scenes.</summary>
    /// <value>Default: all that are known.</value>
    public IReadOnlyList<SceneCondition> Conditions { get; init; } = SceneCondition.All;

    /// <summary>The numbers of enrolled subjects. Each gallery holds the one before it.</summary>
    /// <value>Default: 30, 300 and 1,500. A number that the set does not reach becomes the number that it does.</value>
    public IReadOnlyList<int> Galleries { get; init; } = [30, 300, 1500];

    /// <summary>Frames without faces for each condition.</summary>
    [Range(0, 100_000)]
    public int EmptyFrames { get; init; } = 100;

    /// <summary>The false positive identification rate (FPIR) of the open set.</summary>
    public double Fpir { get; init; } = 0.01;

    /// <summary>Pictures of each kind of mistake in the report.</summary>
    [Range(0, 1000)]
    public int Pictures { get; init; } = 12;

    /// <summary>Everything random derives from it: the same seed gives the same scenes.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>
/// What stands between a face and its scene. The steps happen in the order of the members: the face turns, the light falls, the lens blurs,
/// the sensor adds noise and drops the colour, and the file is compressed.
/// </summary>
/// <param name="Name">The condition's name in reports and options.</param>
public sealed record SceneCondition(string Name)
{
    /// <summary>The largest turn of a face in its plane, in degrees to either side.</summary>
    public float Turn { get; init; }

    /// <summary>The factor of the light, above 0 and at most 1.</summary>
    public float Light { get; init; } = 1f;

    /// <summary>Standard deviation of a Gaussian blur, in pixels of the scene.</summary>
    public float Blur { get; init; }

    /// <summary>Standard deviation of Gaussian noise, on the scale 0-255.</summary>
    public float Noise { get; init; }

    /// <summary>Whether the scene loses its colour.</summary>
    public bool Grey { get; init; }

    /// <summary>The quality of a JPEG file; null for a file without loss.</summary>
    public int? Jpeg { get; init; }

    /// <summary>
    /// For crops: each face is an image of its own, a square of this many box heights around the detector's box. Null for frames.
    /// </summary>
    public float? Crop { get; init; }

    /// <summary>All conditions.</summary>
    public static IReadOnlyList<SceneCondition> All { get; } =
    [
        new("clean"),
        new("jpeg") { Jpeg = 30 },
        new("blur") { Blur = 1f },
        new("noise") { Noise = 10f },
        new("grey") { Grey = true },
        new("low-light") { Light = 0.25f, Noise = 2f },
        new("turned") { Turn = 30f },
        new("all") { Turn = 30f, Light = 0.5f, Blur = 0.7f, Noise = 5f, Grey = true, Jpeg = 50 },
        new("crop-box") { Crop = 1f },
        new("crop+25") { Crop = 1.25f },
        new("crop+60") { Crop = 1.6f },
        new("crop-turned") { Crop = 1.25f, Turn = 20f },
    ];

    /// <summary>The condition with this name; null if there is none.</summary>
    public static SceneCondition? Named(string name) => All.FirstOrDefault(condition => condition.Name == name);
}
