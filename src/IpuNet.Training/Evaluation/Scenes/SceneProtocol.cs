using IpuNet.Contract;
using IpuNet.Training.Data;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Evaluation.Scenes;

/// <summary>A photo of a person.</summary>
/// <param name="Path">The file.</param>
/// <param name="Person">The person's number; the numbers of enrolled people are those of the gallery's subjects.</param>
public sealed record ScenePhoto(string Path, int Person);

/// <summary>
/// An identification experiment on whole photos. Of the people in question two photos are enrolled, and three others are probes. Further
/// people fill the gallery with one photo each. The photos of the rest are probes of strangers.
/// </summary>
/// <param name="Name">The set's name in reports.</param>
/// <param name="Enrolled">The enrolled photos. The people in question have the lowest numbers.</param>
/// <param name="Probes">Probes whose person is enrolled; at least one.</param>
/// <param name="Strangers">Probes whose person is not enrolled.</param>
public sealed record SceneProtocol(
    string Name, IReadOnlyList<ScenePhoto> Enrolled, IReadOnlyList<ScenePhoto> Probes, IReadOnlyList<ScenePhoto> Strangers)
{
    /// <summary>The people in question.</summary>
    public const int People = 30;

    private const int EnrolledEach = 2, ProbesEach = 3, MostStrangers = 300;

    /// <summary>The number of enrolled people.</summary>
    public int Subjects => Enrolled.Select(photo => photo.Person).Distinct().Count();

    /// <summary>Makes the experiment. The same faces, gallery and seed give the same one.</summary>
    /// <param name="name">The set's name in reports.</param>
    /// <param name="faces">The photos of a set with identities.</param>
    /// <param name="gallery">The largest number of subjects, at least 1.</param>
    /// <param name="seed">Decides who is in question, who fills the gallery and who is a stranger.</param>
    /// <exception cref="FaceDataException">Nobody has three photos: two to enrol and one probe.</exception>
    public static SceneProtocol Create(string name, IReadOnlyList<TrainingFace> faces, int gallery, int seed)
    {
        ArgumentNullException.ThrowIfNull(faces);
        ArgumentOutOfRangeException.ThrowIfLessThan(gallery, 1);
        string[][] people = IdentificationProtocol.ImagesByPerson(faces);
        new Random(seed).Shuffle(people);
        string[][] sought = [.. people.Where(photos => photos.Length > EnrolledEach)
            .OrderByDescending(photos => photos.Length >= EnrolledEach + ProbesEach).Take(Math.Min(People, gallery))];
        if (sought.Length == 0)
            throw new FaceDataException(
                $"{name}: nobody has {EnrolledEach + 1} photos, so there is no probe to identify. Name a folder with "
                + $"{EnrolledEach + ProbesEach} photos or more of {People} people.");

        // The more photos strangers have, the more probes there are. The others fill the gallery.
        HashSet<string[]> taken = [.. sought];
        string[][] rest = [.. people.Where(photos => !taken.Contains(photos)).OrderBy(photos => photos.Length)];
        int filling = Math.Clamp(gallery - sought.Length, 0, rest.Length - Math.Min(rest.Length / 4, MostStrangers / 2));
        string[][] fillers = rest[..filling], strangers = rest[filling..];
        return new SceneProtocol(
            name,
            [
                .. sought.SelectMany((photos, person) => photos.Take(EnrolledEach).Select(photo => new ScenePhoto(photo, person))),
                .. fillers.Select((photos, i) => new ScenePhoto(photos[0], sought.Length + i)),
            ],
            [
                .. sought.SelectMany((photos, person) =>
                    photos.Skip(EnrolledEach).Take(ProbesEach).Select(photo => new ScenePhoto(photo, person))),
            ],
            [
                .. strangers.SelectMany((photos, i) =>
                    photos.Take(ProbesEach).Select(photo => new ScenePhoto(photo, sought.Length + filling + i))).Take(MostStrangers),
            ]);
    }
}
