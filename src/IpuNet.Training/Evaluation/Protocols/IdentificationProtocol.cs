using IpuNet.Contract;
using IpuNet.Training.Data;

namespace IpuNet.Training.Evaluation.Protocols;

/// <summary>A probe whose subject is enrolled.</summary>
/// <param name="Image">The probe's file.</param>
/// <param name="Subject">The index of its subject in the gallery.</param>
public readonly record struct MatedProbe(string Image, int Subject);

/// <summary>
/// An identification experiment on a set of people. The first image of a person is enrolled, and the other images are probes. A share of
/// the people are not enrolled. All their images are probes without a subject (the open set).
/// </summary>
/// <param name="Name">Name of the set in reports.</param>
/// <param name="Gallery">One image for each enrolled subject.</param>
/// <param name="Mated">Probes whose subject is enrolled; at least one.</param>
/// <param name="NonMated">Probes whose subject is not enrolled.</param>
public sealed record IdentificationProtocol(
    string Name, IReadOnlyList<string> Gallery, IReadOnlyList<MatedProbe> Mated, IReadOnlyList<string> NonMated)
{
    /// <summary>The share of people who are not enrolled, unless the caller says otherwise.</summary>
    public const double DefaultOpenShare = 0.25;

    private const int DefaultSeed = 1;

    /// <summary>Makes the experiment. The same faces and the same seed give the same experiment.</summary>
    /// <param name="name">Name of the set in reports.</param>
    /// <param name="faces">The faces of a set with identities.</param>
    /// <param name="openShare">The share of people who are not enrolled, from 0 to below 1.</param>
    /// <param name="probesPerPerson">
    /// Maximum number of probes of a person; 0 for all. With a maximum, people with hundreds of images do not dominate the figures.
    /// </param>
    /// <param name="seed">Seed of the choice of people who are not enrolled.</param>
    /// <exception cref="FaceDataException">No enrolled person has a second image.</exception>
    public static IdentificationProtocol Create(
        string name, IReadOnlyList<TrainingFace> faces, double openShare = DefaultOpenShare, int probesPerPerson = 0,
        int seed = DefaultSeed)
    {
        ArgumentNullException.ThrowIfNull(faces);
        ArgumentOutOfRangeException.ThrowIfNegative(openShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(openShare, 1);
        string[][] people = ImagesByPerson(faces);
        new Random(seed).Shuffle(people);
        int strangers = (int)Math.Round(openShare * people.Length);
        int most = probesPerPerson > 0 ? probesPerPerson : int.MaxValue;

        string[][] enrolled = people[strangers..];
        var protocol = new IdentificationProtocol(
            name,
            [.. enrolled.Select(images => images[0])],
            [.. enrolled.SelectMany((images, subject) => images.Skip(1).Take(most).Select(image => new MatedProbe(image, subject)))],
            [.. people[..strangers].SelectMany(images => images.Take(most))]);
        return protocol.Mated.Count > 0
            ? protocol
            : throw new FaceDataException(
                $"{name}: no enrolled person has a second image, so there is no probe to identify. "
                + "Name a folder with several images of each person.");
    }

    /// <summary>The images of each person. People and images are in the order of their names.</summary>
    internal static string[][] ImagesByPerson(IReadOnlyList<TrainingFace> faces) =>
    [
        .. faces.Where(face => face.Identity is not null)
            .GroupBy(face => face.Identity!, face => face.Path)
            .OrderBy(person => person.Key, StringComparer.Ordinal)
            .Select(person => person.Order(StringComparer.Ordinal).ToArray()),
    ];
}
