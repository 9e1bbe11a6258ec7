using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Demo;

/// <summary>The results of the demo: one table without super-resolution, one with it, and a page with pictures.</summary>
internal sealed class DemoReport(IReadOnlyList<DemoPerson> people, IReadOnlyList<DemoOutcome> outcomes, PipelineModels models)
{
    private const int Gap = 4, Side = 128;

    // Side of the shown part of a scene, in sides of the face.
    private const float Around = 1.6f;

    public IEnumerable<ReportTable> Summaries() =>
    [
        Summary("Without super-resolution", outcome => outcome.Off),
        Summary($"With super-resolution ({models.Enhancer!.Id})", outcome => outcome.On),
    ];

    public HtmlPage ToPage()
    {
        var page = new HtmlPage(
            "IpuNet: people who are too small to recognise",
            $"{people.Count} people in six photos are enrolled. Then the whole photos are made small, blurred, noisy and compressed, as by "
            + "a distant camera. IpuNet finds the faces in them, straightens them, super-resolves them and names them.");
        page.Facts(("Enhancer", models.Enhancer!.Id), ("Recogniser", models.Source.Recogniser), ("Alignment", models.Source.Alignment));
        foreach (ReportTable table in Summaries())
            page.Table(table);
        page.Paragraph(
            "A face is named correctly if its own subject scores highest. It is known if that score reaches the threshold of its band. A "
            + "face of the enrolled photo is easier than one of another photo: it shows the same moment. All photos were taken on one day, "
            + "in the same light, of people who look alike. So these figures are only an impression. They do not show pictures of another "
            + "day, or how often a stranger is taken for somebody. `ipunet evaluate --scenes` measures that.");
        foreach (var size in outcomes.GroupBy(outcome => outcome.Scene.Height))
        {
            page.Section($"Faces of {size.Key} px, one view of each photo").Pictures(
                size.Where(outcome => outcome.Scene.View == 0 && outcome.On is not null).Select(Picture));
        }

        return page;
    }

    private ReportTable Summary(string title, Func<DemoOutcome, DemoAnswer?> answer)
    {
        var table = new ReportTable(
            title, new("Face px", Numeric: true), new("Enrolled from"), new("Faces", Numeric: true), new("Found", Numeric: true),
            new("Named correctly", Numeric: true), new("Known, correct", Numeric: true), new("Known, wrong", Numeric: true),
            new("Unknown", Numeric: true));
        foreach (var kind in outcomes.GroupBy(
            outcome => (outcome.Scene.Height, outcome.Target.IsFromAnotherPhoto)).OrderBy(kind => kind.Key))
        {
            var found = kind.Where(outcome => outcome.On is not null)
                .Select(outcome => (Own: outcome.Target.Person.Id, answer(outcome)!.Face)).ToArray();
            int right = found.Count(IsRight), known = found.Count(IsKnown), knownRight = found.Count(a => IsKnown(a) && IsRight(a));
            table.Add(
                Text(kind.Key.Height), kind.Key.IsFromAnotherPhoto ? "another photo" : "this photo", Text(kind.Count()),
                Text(found.Length), Text(right), Text(knownRight), Text(known - knownRight), Text(found.Length - known));
        }

        return table;

        static bool IsKnown((string Own, FaceAnswer Face) a) => a.Face.Decision == FaceDecision.Known;
        static bool IsRight((string Own, FaceAnswer Face) a) => a.Face.Matches[0].SubjectId == a.Own;
    }

    private ReportPicture Picture(DemoOutcome outcome)
    {
        DemoFace enrolled = people.First(person => person.Id == outcome.On!.Face.Matches[0].SubjectId).Enrolled[0];
        RgbImage strip = FaceTile.Compose(
            [InScene(outcome), outcome.Off!.Picture, outcome.On!.Picture, enrolled.Face.Aligned], columns: 4, Gap);
        string name = $"{outcome.Target.Person.Id} in {outcome.Scene.Name}";
        return new ReportPicture(
            ImageEncoder.EncodeJpeg(strip),
            "image/jpeg",
            $"{name}: the face in the picture, straightened, super-resolved, and the enrolled face of the match",
            Mark: null,
            $"{name}. In the picture, straightened, SR, best match. Without SR: {Describe(outcome.Off.Face)}. With SR: "
            + $"{Describe(outcome.On.Face)}.");
    }

    private static RgbImage InScene(DemoOutcome outcome)
    {
        DemoTarget target = outcome.Target;
        int side = (int)MathF.Ceiling(Around * target.Side);
        RgbImage scene = ImageDecoder.Decode(outcome.Scene.File, outcome.Scene.Name);
        RgbImage part = scene.Crop((int)(target.Middle.X - side / 2f), (int)(target.Middle.Y - side / 2f), side, side);
        return Resampler.Resize(part, Side, Side, ResampleFilter.Area);
    }

    private static string Describe(FaceAnswer face) => string.Create(
        CultureInfo.InvariantCulture,
        $"{face.Matches[0].SubjectId} {face.Matches[0].Score:0.000}, {face.Decision} (threshold {face.Threshold:0.000})");

    private static string Text(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
