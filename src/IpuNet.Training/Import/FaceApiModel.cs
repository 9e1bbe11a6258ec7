using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export;

namespace IpuNet.Training.Import;

/// <summary>A model whose weights face-api ships.</summary>
/// <param name="Name">Its name here.</param>
/// <param name="Kind">What it does.</param>
/// <param name="File">The start of the names of its two files in the package's folder "model".</param>
/// <param name="Network">Its network.</param>
/// <param name="Export">Writes it as an ONNX model.</param>
internal sealed record FaceApiModel(string Name, ModelKind Kind, string File, INetwork Network, Func<INetwork, WeightSet, byte[]> Export)
{
    /// <summary>The models that are imported.</summary>
    public static IReadOnlyList<FaceApiModel> All { get; } =
    [
        new("dlib-resnet29", ModelKind.Recogniser, "face_recognition_model", new DlibResNet29(), (n, w) => OnnxExporter.ExportRecogniser(n, w))
        {
            Input = new ModelInput(OnnxExporter.FaceSize, OnnxExporter.FaceSize),
            Dimensions = DlibResNet29.Dimensions,
            Licence = "public domain, MIT",
            TrainedOn = ["face scrub", "VGG Face", "faces collected from the web"],
            Note = "Weights by Davis King (dlib-models, public domain), quantised to 8 bit by face-api (MIT).",
        },
        new(
            "ssd-mobilenet-v1", ModelKind.Detector, "ssd_mobilenetv1_model", new SsdMobileNetV1(),
            (n, w) => OnnxExporter.Export(n, w, [.. Enumerable.Range(0, SsdMobileNetV1.Maps.Count).Select(TensorNames.Map)]))
        {
            Input = new ModelInput(SsdMobileNetV1.InputSize, SsdMobileNetV1.InputSize),
            Licence = "Apache-2.0, MIT",
            TrainedOn = ["WIDER FACE"],
            Note = "Weights by yeephycho (tensorflow-face-detection, Apache-2.0), quantised to 8 bit by face-api (MIT). The training set has terms of its own: CC BY-NC-ND 4.0.",
        },
        new(
            "face-landmark-68", ModelKind.Landmarks, "face_landmark_68_model", new FaceLandmark68(),
            (n, w) => OnnxExporter.Export(n, w, [TensorNames.Points]))
        {
            Input = new ModelInput(FaceLandmark68.InputSize, FaceLandmark68.InputSize),
            Licence = "MIT",
            TrainedOn = ["about 35,000 faces labelled with 68 points"],
            Note = "Weights quantised to 8 bit by face-api.",
        },
    ];

    /// <summary>Size of the pictures that the ONNX model takes.</summary>
    public required ModelInput Input { get; init; }

    /// <summary>A recogniser's length of an embedding.</summary>
    public int? Dimensions { get; init; }

    /// <summary>The weights' licence.</summary>
    public required string Licence { get; init; }

    /// <summary>What the weights were trained on, as their authors say.</summary>
    public required IReadOnlyList<string> TrainedOn { get; init; }

    /// <summary>What users must know.</summary>
    public required string Note { get; init; }
}
