using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Reports;

namespace IpuNet.Service.Reports;

/// <summary>Cuts faces out of uploads for the eye: with some of what surrounds them, and small enough for a page of hundreds.</summary>
internal static class ProbePicture
{
    // Of the face's longer side, on every side.
    private const float Margin = 0.2f;

    private const int LargestSide = 192;

    // Below, a JPEG's blocks would be a good part of what is seen.
    private const int SmallestJpegSide = 48;

    private const int JpegQuality = 85;

    public static ReportPicture Of(RgbImage image, FaceBox box, string description)
    {
        RgbImage probe = Fit(Cut(image, box));
        return Encode(probe, description, "Probe") with { IsPixelated = probe.Height < SmallestJpegSide };
    }

    public static ReportPicture Encode(RgbImage picture, string description, string caption) =>
        Math.Min(picture.Width, picture.Height) < SmallestJpegSide
            ? new ReportPicture(ImageEncoder.EncodePng(picture), "image/png", description, caption)
            : new ReportPicture(ImageEncoder.EncodeJpeg(picture, JpegQuality), "image/jpeg", description, caption);

    private static RgbImage Cut(RgbImage image, FaceBox box)
    {
        FaceBox whole = new(0, 0, image.Width, image.Height);
        if (box == whole)
            return image;
        float side = Math.Max(box.Width, box.Height) * (1 + 2 * Margin);
        FaceBox cut = new FaceBox(box.X + (box.Width - side) / 2, box.Y + (box.Height - side) / 2, side, side).ClipTo(image.Width, image.Height);
        int left = (int)cut.X, top = (int)cut.Y, right = (int)MathF.Ceiling(cut.Right), bottom = (int)MathF.Ceiling(cut.Bottom);
        // A box beyond the image is a result's of an earlier upload of this name.
        return right > left && bottom > top ? image.Crop(left, top, right - left, bottom - top) : image;
    }

    private static RgbImage Fit(RgbImage picture)
    {
        int longer = Math.Max(picture.Width, picture.Height);
        return longer <= LargestSide
            ? picture
            : Resampler.Resize(picture, Math.Max(1, picture.Width * LargestSide / longer), Math.Max(1, picture.Height * LargestSide / longer));
    }
}
