using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Training.Data;
using IpuNet.Training.Runs;

namespace IpuNet.Retraining.Preparation;

/// <summary>The faces of a retraining job.</summary>
/// <param name="Split">The faces by their use.</param>
/// <param name="Fixed">Faces of the fixed set for the gate; empty if there is none.</param>
/// <param name="Data">Figures about the set for the answer.</param>
internal sealed record RetrainingSet(IdentitySplit Split, IReadOnlyList<TrainingFace> Fixed, RetrainingData Data)
{
    public static async Task<RetrainingSet> PrepareAsync(
        StorageAccount account, ModelStore store, RetrainingSettings settings, DateTimeOffset until, IProgress<WorkReport> reports,
        CancellationToken cancellation)
    {
        var source = new TrainingImages(account, new TrainingImageLimits(), TimeProvider.System);
        TrainingImageSet images = await reports.DoPartAsync("images fetched", 0, progress => source.SyncAsync(
            Path.Combine(settings.Folder, "images"), until,
            new DirectProgress<TrainingSync>(sync => progress(sync.Done, sync.Total)), cancellation));
        if (images.StripsRemoved > 0)
            reports.Note(
                $"Removed {Counted.Of(images.StripsRemoved, "picture")} from the pages of earlier retraining jobs, of people without "
                + "images.");
        FacePreparation.DeleteOthers(FacesIn(settings), images.Images.Select(image => image.Sha256));
        // People of the fixed set are not trained on, even if another folder has images of them.
        HashSet<string> fixedPeople = [.. images.Images.Where(image => image.IsFixed).Select(image => image.Identity)];
        using var models = PipelineModels.Open(store, settings.Inference, recognise: false);
        var faces = await AlignAsync(images.Images.Where(image => !fixedPeople.Contains(image.Identity)), "faces aligned");
        var fixedFaces = await AlignAsync(images.Images.Where(image => image.IsFixed), "fixed faces aligned");
        var refused = images.Refused.Concat(faces.Refused).Concat(fixedFaces.Refused)
            .GroupBy(part => part.Key, part => part.Value).ToDictionary(same => same.Key, same => same.Sum());
        var data = new RetrainingData(
            images.Images.Count, faces.Identities + fixedFaces.Identities, faces.Faces.Count + fixedFaces.Faces.Count,
            faces.Duplicates + fixedFaces.Duplicates, refused);
        reports.Say(
            $"{data.Images:N0} images give {data.Faces:N0} faces of {data.Identities:N0} people. Left out: "
            + $"{Counted.Of(data.Duplicates, "duplicate")}, {Counted.Of(refused.Values.Sum(), "unfit image")}.");
        return new RetrainingSet(IdentitySplit.Of(faces.Faces), fixedFaces.Faces, data);

        Task<PreparedFaces> AlignAsync(IEnumerable<TrainingImage> some, string what)
        {
            SourceImage[] sources = [.. some.Select(image => new SourceImage(image.Identity, image.Path, image.Sha256))];
            var preparation = new FacePreparation(models, FacesIn(settings));
            return reports.DoPartAsync(what, sources.Length, progress => preparation.RunAsync(
                sources, new DirectProgress<int>(done => progress(done)), cancellation));
        }
    }

    private static string FacesIn(RetrainingSettings settings) => Path.Combine(settings.Folder, "faces");
}

/// <summary>The faces that are fit for a training, and figures about the others.</summary>
/// <param name="Faces">Aligned faces with their identities, in the order of the images.</param>
/// <param name="Duplicates">Number of near duplicates of another image of the same person.</param>
/// <param name="Refused">
/// Number of refused images by category: "ambiguous" (uploaded for two people), "no-face", "several-faces", "too-small", "unreadable".
/// </param>
public sealed record PreparedFaces(IReadOnlyList<TrainingFace> Faces, int Duplicates, IReadOnlyDictionary<string, int> Refused)
{
    /// <summary>Number of people.</summary>
    public int Identities => Faces.Select(face => face.Identity).Distinct(StringComparer.Ordinal).Count();
}

/// <summary>
/// Divides people into those to train on, those to calibrate thresholds on, and those for the gate. The division depends on the name of the
/// identity alone. So a person who is kept from one training is kept from all later ones, even if the set grows.
/// </summary>
/// <param name="Training">Faces to train on, of seven tenths of the people.</param>
/// <param name="Calibration">Faces to calibrate on, of one tenth.</param>
/// <param name="HeldOut">Faces for the gate, of two tenths.</param>
public sealed record IdentitySplit(
    IReadOnlyList<TrainingFace> Training, IReadOnlyList<TrainingFace> Calibration, IReadOnlyList<TrainingFace> HeldOut)
{
    private const uint Parts = 10, CalibrationParts = 1, HeldOutParts = 2;

    /// <summary>Divides faces by their identities.</summary>
    /// <param name="faces">Faces with identities.</param>
    public static IdentitySplit Of(IReadOnlyList<TrainingFace> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        ILookup<int, TrainingFace> parts = faces.ToLookup(face => PartOf(face.Identity!));
        return new IdentitySplit([.. parts[0]], [.. parts[1]], [.. parts[2]]);
    }

    private static int PartOf(string identity)
    {
        uint part = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(identity))) % Parts;
        return part < CalibrationParts ? 1 : part < CalibrationParts + HeldOutParts ? 2 : 0;
    }
}

/// <summary>The minimum size of a set. With fewer people, a network learns these people and not faces.</summary>
/// <param name="Faces">Number of training faces.</param>
/// <param name="Identities">Number of people to train on.</param>
/// <param name="Judges">Number of people with two images or more to calibrate thresholds on; the gate needs as many.</param>
public sealed record RetrainingMinimum(int Faces = 1000, int Identities = 100, int Judges = 10)
{
    /// <summary>The reason why a set is too small.</summary>
    /// <returns>Null if it is large enough.</returns>
    public string? FaultOf(IdentitySplit split)
    {
        ArgumentNullException.ThrowIfNull(split);
        (int Has, int Needs, string What)[] parts =
        [
            (split.Training.Count, Faces, "training faces"),
            (People(split.Training, atLeast: 1), Identities, "people to train on"),
            (People(split.Calibration, atLeast: 2), Judges, "people with two images to calibrate thresholds on"),
            (People(split.HeldOut, atLeast: 2), Judges, "people with two images for the gate"),
        ];
        string[] lacks =
            [.. parts.Where(part => part.Has < part.Needs).Select(part => Text($"{part.Has:N0} of {part.Needs:N0} {part.What}"))];
        return lacks is []
            ? null
            : $"The set is too small. It has {string.Join(", ", lacks)}. Of ten people, seven are trained on, one is for thresholds and "
                + "two are for the gate. Add more people.";
    }

    private static int People(IReadOnlyList<TrainingFace> faces, int atLeast) =>
        faces.GroupBy(face => face.Identity).Count(person => person.Count() >= atLeast);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A training image as uploaded.</summary>
/// <param name="Identity">The person in the image.</param>
/// <param name="Path">The file.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal.</param>
public sealed record SourceImage(string Identity, string Path, string Sha256);

/// <summary>Settings of the work on retraining jobs.</summary>
/// <param name="Folder">Folder of images, faces and trainings. It may be deleted at any time.</param>
/// <param name="Minimum">The minimum size of a set.</param>
/// <param name="Far">The FAR of the candidate's thresholds; null for that of the model in use.</param>
/// <param name="Steps">Number of steps; null for the experiment's.</param>
/// <param name="Inference">How models run.</param>
public sealed record RetrainingSettings(string Folder, RetrainingMinimum Minimum, double? Far, int? Steps, InferenceSettings Inference);
