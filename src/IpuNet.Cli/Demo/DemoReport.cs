using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Demo;

/// <summary>The results of the demo: one table without super-resolution, one with it, and a page with pictures.</summary>
internal sealed class DemoReport(IReadOnlyList<DemoPerson> people, IReadOnlyList<DemoOutcome> outcomes, PipelineModels models)
{
    private const int Gap = 4;

    public IEnumerable<ReportTable> Summaries() =>
    [
        Summary("Without super-resolution", outcome => outcome.Off),
        Summary($"With super-resolution ({models.Enhancer!.Id})", outcome => outcome.On),
    ];

    public HtmlPage ToPage()
    {
        var page = new HtmlPage(
            "IpuNet: people who are too small to recognise",
            $"{people.Count} people in six photos are enrolled. The probes are their faces, mirrored, moved a little and made small.");
        page.Facts(("Enhancer", models.Enhancer!.Id), ("Recogniser", models.Source.Recogniser), ("Alignment", models.Source.Alignment));
        foreach (ReportTable table in Summaries())
            page.Table(table);
        page.Paragraph(
            "A probe is named correctly if its own subject scores highest. It is known if that score reaches the threshold of its band. "
            + "These figures are only an impression; ipunet evaluate measures accuracy. The probes are made from the enrolled photos, so "
            + "they are easier than pictures of another day. But the people look alike, some are seen from the side, and one person in two "
            + "photos may count as two. Wrong names are therefore more frequent than the stated rate, which was measured on more different "
            + "people.");
        foreach (var size in outcomes.GroupBy(outcome => outcome.Probe.Size))
            page.Section($"Probes of {size.Key} px, one view of each face")
                .Pictures(size.Where(outcome => outcome.Probe.View == 0).Select(Picture));
        return page;
    }

    private ReportTable Summary(string title, Func<DemoOutcome, DemoAnswer> answer)
    {
        var table = new ReportTable(
            title, new("Probe px", Numeric: true), new("Probes", Numeric: true), new("Named correctly", Numeric: true),
            new("Known, correct", Numeric: true), new("Known, wrong", Numeric: true), new("Unknown", Numeric: true),
            new("Score of own", Numeric: true), new("Best of others", Numeric: true), new("Threshold", Numeric: true));
        foreach (var size in outcomes.GroupBy(outcome => outcome.Probe.Size))
        {
            var answers = size.Select(outcome => (Own: outcome.Probe.Person.Id, answer(outcome).Face)).ToArray();
            int right = answers.Count(a => a.Face.Matches[0].SubjectId == a.Own);
            int known = answers.Count(IsKnown), knownRight = answers.Count(a => IsKnown(a) && a.Face.Matches[0].SubjectId == a.Own);
            table.Add(
                Text(size.Key, "0"), Text(answers.Length, "0"), Text(right, "0"), Text(knownRight, "0"),
                Text(known - knownRight, "0"), Text(answers.Length - known, "0"),
                Text(answers.Average(a => Score(a.Face, match => match.SubjectId == a.Own)), "0.000"),
                Text(answers.Average(a => Score(a.Face, match => match.SubjectId != a.Own)), "0.000"),
                Text(answers[0].Face.Threshold, "0.000"));
        }

        return table;

        static bool IsKnown((string Own, FaceAnswer Face) a) => a.Face.Decision == FaceDecision.Known;
        static float Score(FaceAnswer face, Func<GalleryMatch, bool> which) => face.Matches.FirstOrDefault(which)?.Score ?? 0;
    }

    private ReportPicture Picture(DemoOutcome outcome)
    {
        RgbImage probe = Resampler.Resize(
            outcome.Probe.Picture, outcome.Off.Picture.Width, outcome.Off.Picture.Height, ResampleFilter.Area);
        DemoFace enrolled = people.First(person => person.Id == outcome.On.Face.Matches[0].SubjectId).Faces[0];
        RgbImage strip = FaceTile.Compose([probe, outcome.Off.Picture, outcome.On.Picture, enrolled.Face.Aligned], columns: 4, Gap);
        return new ReportPicture(
            ImageEncoder.EncodeJpeg(strip),
            "image/jpeg",
            $"{outcome.Probe.Name}: the probe, enlarged bicubically, super-resolved, and the enrolled face of the match",
            Mark: null,
            $"{outcome.Probe.Name}. Probe, bicubic, SR, best match. Without SR: {Describe(outcome.Off.Face)}. With SR: "
            + $"{Describe(outcome.On.Face)}.");
    }

    private static string Describe(FaceAnswer face) => string.Create(
        CultureInfo.InvariantCulture,
        $"{face.Matches[0].SubjectId} {face.Matches[0].Score:0.000}, {face.Decision} (threshold {face.Threshold:0.000})");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
