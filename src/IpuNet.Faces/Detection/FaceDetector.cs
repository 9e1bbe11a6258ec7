using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>Finds faces and their landmarks in photos. Many threads may use one detector.</summary>
public sealed class FaceDetector : IDisposable
{
    private const int LargestCpuBatch = 4;

    private readonly OnnxSession _detector;
    private readonly OnnxSession _landmarkNet;
    private readonly BoxFinder _boxes;
    private readonly LandmarkFinder _landmarks;

    private FaceDetector(OnnxSession detector, OnnxSession landmarkNet, FaceDetectorSettings settings)
    {
        _detector = detector;
        _landmarkNet = landmarkNet;
        _boxes = new BoxFinder(detector, settings);
        _landmarks = new LandmarkFinder(landmarkNet);
        Id = $"{detector.Name}+{landmarkNet.Name}";
    }

    /// <summary>The ids of detector and landmark net, such as "ssd-mobilenet-v1@1+face-landmark-68@1": both decide how a face is aligned.</summary>
    public string Id { get; }

    /// <summary>Loads the detector and the landmark net in use.</summary>
    /// <param name="store">Where the models are.</param>
    /// <param name="inference">How they are run.</param>
    /// <param name="settings">What counts as a face; <see cref="FaceDetectorSettings.Default"/> where null.</param>
    /// <exception cref="FaceDataException">One is not in use or cannot be used, or the device is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public static FaceDetector Open(ModelStore store, InferenceSettings inference, FaceDetectorSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Open(store.FindCurrent(ModelKind.Detector), store.FindCurrent(ModelKind.Landmarks), inference, settings);
    }

    /// <summary>Loads a detector and a landmark net.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="landmarks">The landmark net.</param>
    /// <param name="inference">How they are run.</param>
    /// <param name="settings">What counts as a face; <see cref="FaceDetectorSettings.Default"/> where null.</param>
    /// <exception cref="FaceDataException">One cannot be used, or the device is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public static FaceDetector Open(InstalledModel detector, InstalledModel landmarks, InferenceSettings inference, FaceDetectorSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(landmarks);
        ArgumentNullException.ThrowIfNull(inference);
        settings ??= FaceDetectorSettings.Default;
        settings.Validate();
        // The detector's first feature maps take 25 MB for each window, and on a processor larger batches gain nothing.
        if (inference.Device == InferenceSettings.Cpu)
            inference = inference with { BatchSize = Math.Min(inference.BatchSize, LargestCpuBatch) };

        OnnxSession boxes = Open(detector, ModelKind.Detector, inference, SsdMobileNetV1.InputSize, TensorNames.Map(0));
        try
        {
            return new FaceDetector(boxes, Open(landmarks, ModelKind.Landmarks, inference, FaceLandmark68.InputSize, TensorNames.Points), settings);
        }
        catch
        {
            boxes.Dispose();
            throw;
        }
    }

    /// <summary>Finds the faces in a photo.</summary>
    /// <param name="photo">A photo of any size.</param>
    /// <returns>The faces, best score first; none where the photo shows none.</returns>
    public IReadOnlyList<DetectedFace> Detect(RgbImage photo) => Detect([photo])[0];

    /// <summary>Finds the faces in photos, which may differ in size; windows and faces of all photos share batches.</summary>
    /// <param name="photos">The photos.</param>
    /// <returns>For each photo its faces, best score first.</returns>
    public IReadOnlyList<IReadOnlyList<DetectedFace>> Detect(IReadOnlyList<RgbImage> photos)
    {
        ArgumentNullException.ThrowIfNull(photos);
        IReadOnlyList<ScoredBox>[] boxes = _boxes.Find(photos);
        var faces = boxes.SelectMany((found, i) => found.Select(face => (Photo: photos[i], face.Box))).ToList();
        var landmarks = new Queue<FaceLandmarks>(_landmarks.Find(faces));
        return [.. boxes.Select(found => found.Select(face => new DetectedFace(face.Box, face.Score, landmarks.Dequeue())).ToList())];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _detector.Dispose();
        _landmarkNet.Dispose();
    }

    private static OnnxSession Open(InstalledModel model, ModelKind kind, InferenceSettings inference, int size, string output) =>
        OnnxSession.Open(model.Require(kind), inference).Require(size, size, output);
}
