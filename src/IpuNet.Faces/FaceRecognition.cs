using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Faces;

/// <summary>
/// The entry point of this library: enhances, verifies and identifies faces in images. Loading the models takes about a second, so open one
/// instance, keep it, and dispose of it at the end. Many threads may share one.
/// </summary>
/// <example>
/// <code>
/// using var recognition = FaceRecognition.Open();
/// FaceGallery gallery = recognition.OpenGallery("gallery");
/// gallery.Enrol("ada", ["ada-1.jpg", "ada-2.jpg"]);
/// foreach (FaceAnswer face in gallery.Identify("camera.jpg").Faces)
///     Console.WriteLine(face.Decision == "known" ? face.Matches[0].SubjectId : "unknown");
/// </code>
/// </example>
public sealed class FaceRecognition : IDisposable
{
    private readonly ImagePipelineOptions _options;

    private FaceRecognition(PipelineModels models, ImagePipelineOptions options) => (Models, _options) = (models, options);

    /// <summary>The loaded models. This instance disposes of them.</summary>
    public PipelineModels Models { get; }

    /// <summary>Loads the models in use.</summary>
    /// <param name="store">The model store. Null takes the store that <see cref="ModelStore.Locate"/> finds.</param>
    /// <param name="settings">The device and the batch size of the models. Null runs them on the CPU.</param>
    /// <param name="options">How images are processed. Null takes the defaults.</param>
    /// <exception cref="FaceDataException">There are no models, a model cannot be used, or the device is missing.</exception>
    public static FaceRecognition Open(
        ModelStore? store = null, InferenceSettings? settings = null, ImagePipelineOptions? options = null) =>
        new(
            PipelineModels.Open(store ?? ModelStore.Locate(), settings ?? InferenceSettings.Default, recognise: true),
            options ?? new ImagePipelineOptions());

    /// <summary>Opens the gallery in a folder. The first enrolment creates the folder.</summary>
    /// <param name="folder">The gallery's folder.</param>
    /// <param name="retain">What to keep of the enrolled faces beside their embeddings.</param>
    /// <exception cref="FaceDataException">The models have no policy for the recogniser, so there are no thresholds.</exception>
    public FaceGallery OpenGallery(string folder, FaceRetention retain = FaceRetention.Crops) =>
        new(new FolderGallery(folder), Models, _options, retain);

    /// <summary>Finds the faces in an image and super-resolves them.</summary>
    /// <param name="image">The image: a file path, or any <see cref="ImageSource"/>.</param>
    /// <returns>
    /// The aligned faces, 128x128 px each, highest detection score first. A face of 128 px or more in the image is not super-resolved, nor
    /// is any face if no enhancer is in use. Empty if no face was found.
    /// </returns>
    /// <exception cref="FaceDataException">The image cannot be used.</exception>
    public IReadOnlyList<RgbImage> Enhance(ImageSource image) => Wait(() => EnhanceAsync(image));

    /// <inheritdoc cref="Enhance"/>
    /// <param name="image">The image: a file path, or any <see cref="ImageSource"/>.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public async Task<IReadOnlyList<RgbImage>> EnhanceAsync(ImageSource image, CancellationToken cancellation = default)
    {
        var pipeline = new ImagePipeline(Models, _options with { Enhance = EnhanceChoice.On });
        ImageResult result = await pipeline.RunAsync([image], cancellation)
            .SelectMany(batch => batch).SingleAsync(cancellation).ConfigureAwait(false);
        return [.. Usable(result).Faces.Select(face => face.Picture)];
    }

    /// <summary>Compares the faces of two images. The band of the smaller face gives the threshold.</summary>
    /// <param name="first">An image with exactly one face: a file path, or any <see cref="ImageSource"/>.</param>
    /// <param name="second">The other image, also with exactly one face.</param>
    /// <returns>The score, the threshold, and whether the score reaches it.</returns>
    /// <exception cref="FaceDataException">
    /// An image cannot be used, or it does not show exactly one face. The message names each such image.
    /// </exception>
    public Verification Verify(ImageSource first, ImageSource second) => Wait(() => VerifyAsync(first, second));

    /// <inheritdoc cref="Verify"/>
    /// <param name="first">An image with exactly one face: a file path, or any <see cref="ImageSource"/>.</param>
    /// <param name="second">The other image, also with exactly one face.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public async Task<Verification> VerifyAsync(ImageSource first, ImageSource second, CancellationToken cancellation = default)
    {
        ImageResult[] images = await new ImagePipeline(Models, _options).RunAsync([first, second], cancellation)
            .SelectMany(batch => batch).ToArrayAsync(cancellation).ConfigureAwait(false);
        string[] faults = [.. images.Select(FaultOf).OfType<string>()];
        return faults.Length == 0
            ? Verification.Of(images[0].Faces[0], images[1].Faces[0], Models.RequirePolicy())
            : throw new FaceDataException(string.Join("; ", faults));
    }

    /// <inheritdoc/>
    public void Dispose() => Models.Dispose();

    // Runs on the thread pool: in a caller's synchronisation context it could deadlock.
    internal static T Wait<T>(Func<Task<T>> run) => Task.Run(run).GetAwaiter().GetResult();

    private static ImageResult Usable(ImageResult image) =>
        image.Status is ImageStatus.Rejected or ImageStatus.Failed ? throw new FaceDataException($"{image.Name}: {image.Reason}") : image;

    // Why an image cannot be verified; null if it shows one face.
    private static string? FaultOf(ImageResult image) => image switch
    {
        { Reason: { } reason } => $"{image.Name}: {reason}",
        { Faces: [_] } => null,
        _ => $"{image.Name}: shows {image.Faces.Count} faces, and verification needs exactly one; crop the image to one face",
    };
}
