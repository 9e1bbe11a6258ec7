namespace IpuNet.Faces.Imaging;

/// <summary>Measures how close an image is to a reference: PSNR and SSIM.</summary>
public static class ImageQuality
{
    /// <summary>Side of SSIM's window in pixels. Smaller images have no SSIM.</summary>
    public const int SsimWindow = 11;

    // Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity", 2004, section III.C.
    private const double SsimSigma = 1.5;
    private const double C1 = 0.01 * Peak * (0.01 * Peak);
    private const double C2 = 0.03 * Peak * (0.03 * Peak);
    private const double Peak = 255;

    private static readonly double[] Window = GaussianWindow();

    /// <summary>Peak signal-to-noise ratio over all pixels and channels, in dB. A higher value is closer.</summary>
    /// <returns>10 log10(255^2 / mean squared error). Equal images give positive infinity.</returns>
    /// <exception cref="ArgumentException">The images differ in size.</exception>
    public static double Psnr(RgbImage a, RgbImage b)
    {
        CheckSizes(a, b);
        long squares = 0;
        for (int i = 0; i < a.Pixels.Length; i++)
        {
            int difference = a.Pixels[i] - b.Pixels[i];
            squares += difference * difference;
        }

        return 10 * Math.Log10(Peak * Peak * a.Pixels.Length / squares);
    }

    /// <summary>
    /// Structural similarity of the luma (BT.601), after Wang et al. 2004: a Gaussian window of 11 x 11 px with sigma 1.5, and the mean
    /// over all windows that lie inside the image.
    /// </summary>
    /// <returns>-1 to 1. Equal images give 1.</returns>
    /// <exception cref="ArgumentException">The images differ in size, or are smaller than the window.</exception>
    public static double Ssim(RgbImage a, RgbImage b)
    {
        CheckSizes(a, b);
        if (a.Width < SsimWindow || a.Height < SsimWindow)
            throw new ArgumentException(
                $"SSIM needs images of {SsimWindow} x {SsimWindow} px or more, not {a.Width} x {a.Height} px.", nameof(a));

        double[] x = Luma(a), y = Luma(b);
        double[] meanX = Blur(x, a.Width), meanY = Blur(y, a.Width);
        double[] squareX = Blur(Product(x, x), a.Width), squareY = Blur(Product(y, y), a.Width), product = Blur(Product(x, y), a.Width);
        double sum = 0;
        for (int i = 0; i < meanX.Length; i++)
        {
            double means = meanX[i] * meanY[i], meanSquares = meanX[i] * meanX[i] + meanY[i] * meanY[i];
            double covariance = product[i] - means, variances = squareX[i] + squareY[i] - meanSquares;
            sum += (2 * means + C1) * (2 * covariance + C2) / ((meanSquares + C1) * (variances + C2));
        }

        return sum / meanX.Length;
    }

    private static void CheckSizes(RgbImage a, RgbImage b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if ((a.Width, a.Height) != (b.Width, b.Height))
            throw new ArgumentException(
                $"Images of {a.Width} x {a.Height} px and {b.Width} x {b.Height} px cannot be compared. Resize one first.", nameof(b));
    }

    /// <summary>The BT.601 luma of an image, [height, width], 0-255.</summary>
    internal static double[] Luma(RgbImage image)
    {
        var luma = new double[image.Width * image.Height];
        for (int i = 0; i < luma.Length; i++)
            luma[i] = Luma(image.Pixels.AsSpan(i * RgbImage.Channels, RgbImage.Channels));

        return luma;
    }

    /// <summary>The BT.601 luma of a pixel, 0-255.</summary>
    /// <param name="pixel">Red, green and blue, 0-255.</param>
    public static double Luma(ReadOnlySpan<byte> pixel) => 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];

    private static double[] Product(double[] x, double[] y)
    {
        var product = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
            product[i] = x[i] * y[i];
        return product;
    }

    // Whole windows only: [height, width] becomes [height - 10, width - 10].
    private static double[] Blur(double[] plane, int width)
    {
        int height = plane.Length / width, insideWidth = width - SsimWindow + 1, insideHeight = height - SsimWindow + 1;
        var rows = new double[insideWidth * height];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = Weigh(plane, i / insideWidth * width + i % insideWidth, step: 1);
        var blurred = new double[insideWidth * insideHeight];
        for (int i = 0; i < blurred.Length; i++)
            blurred[i] = Weigh(rows, i, step: insideWidth);
        return blurred;
    }

    private static double Weigh(double[] values, int start, int step)
    {
        double sum = 0;
        for (int k = 0; k < Window.Length; k++)
            sum += values[start + k * step] * Window[k];
        return sum;
    }

    private static double[] GaussianWindow()
    {
        double[] weights = [.. Enumerable.Range(-(SsimWindow / 2), SsimWindow).Select(d => Math.Exp(-d * d / (2 * SsimSigma * SsimSigma)))];
        double sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}
