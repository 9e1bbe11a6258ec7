using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Reports;

namespace IpuNet.Service.Reports;

/// <summary>
/// The report of a batch. It shows each face with its pictures and most similar subjects, and each image without a face with the reason.
/// </summary>
internal static class BatchReport
{
    /// <summary>The maximum number of faces in a report, and of images without a face.</summary>
    public const int MaxFaces = 500;

    private const int Matches = 3;

    /// <summary>
    /// The results that the report shows: results with faces up to <see cref="MaxFaces"/> faces, and as many other results.
    /// </summary>
    public static IReadOnlyList<BatchEntry> Shown(BatchListing listing)
    {
        int faces = 0;
        return
        [
            .. listing.Entries.Where(entry => entry.Result.Faces > 0)
                .TakeWhile(entry => (faces += entry.Result.Faces) - entry.Result.Faces < MaxFaces),
            .. listing.Entries.Where(entry => entry.Result.Faces == 0 && !(entry.IsArchive && entry.Result.Status == ImageStatus.Ok))
                .Take(MaxFaces),
            .. listing.Entries.Where(entry => entry.IsArchive && entry.Result.Status == ImageStatus.Ok).Take(MaxFaces),
        ];
    }

    public static HtmlPage Build(BatchListing listing, IReadOnlyList<ReportedImage> images)
    {
        BatchSummary summary = listing.Summary();
        var page = new HtmlPage($"Batch {listing.Batch}", Lead(summary));
        (ReportedImage Image, ReportedFace Face)[] faces =
            [.. images.SelectMany(image => image.Faces.Select(face => (image, face))).Take(MaxFaces)];
        page.Facts(Facts(summary, faces));
        AddFaces(page, "Known", [.. faces.Where(face => IsKnown(face.Face))]);
        AddFaces(page, "Unknown", [.. faces.Where(face => !IsKnown(face.Face))]);
        if (faces.Length < summary.Faces.Total)
        {
            string shown = Text($"The page shows the first {faces.Length:N0} of {summary.Faces.Total:N0} faces, sorted by image.");
            page.Paragraph($"{shown} The results contain all.");
        }

        AddOthers(page, summary, images);
        return page;
    }

    private static string Lead(BatchSummary summary)
    {
        ImageCounts images = summary.Images;
        string[] others =
        [
            .. new[] { (images.NoFace, "without a face"), (images.Rejected, "rejected"), (images.Failed, "failed") }
                .Where(other => other.Item1 > 0).Select(other => Text($"{other.Item1:N0} {other.Item2}")),
        ];
        string refused = summary.RefusedEntries == 0
            ? ""
            : Text($" Of archives, {Count(summary.RefusedEntries, "entry was", "entries were")} refused.");
        string lead = $"{Count(summary.Faces.Total, "face", "faces")} in {Count(images.Total, "image", "images")}: "
            + Text($"{summary.Faces.Known:N0} known, {summary.Faces.Unknown:N0} unknown.");
        return (others is [] ? lead : $"{lead} Of the images, {string.Join(", ", others)}.") + refused;
    }

    private static (string, string)[] Facts(BatchSummary summary, (ReportedImage Image, ReportedFace Face)[] faces)
    {
        List<(string, string)> facts = [];
        if (summary.Archives.Count > 0)
            facts.Add(("Archives", Text($"{summary.Archives.Count:N0}")));
        if (faces is [var first, ..])
        {
            string rate = Text($"One in {1 / first.Face.Answer.Far:N0} comparisons with another person reaches it too.");
            facts.Add(("Known means", $"The score (cosine similarity) reaches the threshold for the face's size. {rate}"));
        }
        if (faces.Any(face => face.Face.Enhanced is not null))
            facts.Add(("Super-resolved", "A guess at the likeliest face for these few pixels. It is no evidence of how a person looks."));
        return [.. facts];
    }

    private static void AddFaces(HtmlPage page, string heading, (ReportedImage Image, ReportedFace Face)[] faces)
    {
        if (faces.Length > 0)
            page.Section(Text($"{heading} ({faces.Length:N0})")).Cards(faces.Select(face => Card(face.Image, face.Face)));
    }

    private static ReportCard Card(ReportedImage image, ReportedFace face)
    {
        FaceAnswer answer = face.Answer;
        bool known = IsKnown(face);
        string marks = string.Concat(answer.Marks().Select(mark => $", {mark}"));
        string size = Text($"{answer.SourceHeight} px high{marks}, band {answer.Band}, threshold {answer.Threshold:0.000}");
        return new ReportCard(known ? answer.Matches[0].SubjectId : "Unknown")
        {
            Badge = known ? "known" : answer.Matches is [] ? "empty gallery" : "below threshold",
            IsGood = known,
            Pictures = [.. new[] { face.Probe, face.Enhanced }.OfType<ReportPicture>()],
            Meters = [.. answer.Matches.Take(Matches).Select(match => Meter(match, answer.Threshold))],
            Note = $"{image.Entry.File}: {size}{(face.Probe is null ? "; the upload no longer exists" : "")}",
        };
    }

    // The threshold is in the middle of the scale; a score of 1 is at the right end.
    private static ReportMeter Meter(GalleryMatch match, float threshold)
    {
        double left = 2 * threshold - 1;
        return new ReportMeter(match.SubjectId, Text($"{match.Score:0.000}"), (match.Score - left) / Math.Max(1e-6, 1 - left), 0.5);
    }

    private static void AddOthers(HtmlPage page, BatchSummary summary, IReadOnlyList<ReportedImage> images)
    {
        ReportedImage[] others =
            [.. images.Where(image => image.Faces.Count == 0 && !(image.Entry.IsArchive && image.Entry.Result.Status == ImageStatus.Ok))];
        if (others.Length > 0)
        {
            var rows = others.Select(image => new ReportNote(
                $"{image.Entry.File}", ResultMetadata.NameOf(image.Entry.Result.Status), image.Result.Reason ?? "no reason is given"));
            page.Section(Text($"Without a face ({others.Length:N0})")).Notes(rows);
            int all = summary.Images.NoFace + summary.Images.Rejected + summary.Images.Failed
                + summary.Archives.Count(archive => archive.Status != ImageStatus.Ok);
            if (others.Length < all)
                page.Paragraph(Text($"The page shows the first {others.Length:N0} of {all:N0} images. The results contain all."));
        }

        ReportNote[] refused =
        [
            .. images.SelectMany(image => image.Result.Refused.Select(
                entry => new ReportNote($"{image.Entry.File}: {entry.Name}", "refused", entry.Reason))).Take(MaxFaces),
        ];
        if (refused.Length > 0)
            page.Section("Refused in archives").Notes(refused);
    }

    private static bool IsKnown(ReportedFace face) => face.Answer.Decision == FaceDecision.Known && face.Answer.Matches.Count > 0;

    private static string Count(int count, string one, string many) => Text($"{count:N0} {(count == 1 ? one : many)}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
