using System.Numerics.Tensors;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Testing.Golden;
using IpuNet.Training.Export;
using IpuNet.Training.Import;

namespace IpuNet.Training.Tests.Import;

/// <summary>The imported recogniser, as an ONNX model, against the descriptors that face-api.js computes from the same crops.</summary>
public class FaceApiDescriptorTests
{
    private const string Output = "descriptor";

    // Not quite 1: face-api resizes without half-pixel centres, and divides colours by 255 where dlib, and so this project, divides by 256.
    [Fact]
    public async Task Export_OfTheRecogniser_GivesFaceApisDescriptors()
    {
        string package = await FaceApiGolden.RequirePackageAsync();
        WeightSet weights = FaceApiWeights.Read(Path.Combine(package, "model", "face_recognition_model-weights_manifest.json"));
        using var session = new OnnxSession(
            OnnxExporter.Export(new DlibResNet29(), weights, [Output]), "the recogniser", InferenceSettings.Default);

        foreach (GoldenPhoto golden in FaceApiGolden.Read().Photos)
        {
            RgbImage photo = golden.Open(package);
            session.Run(golden.Faces, (face, target) => Crop(photo, face.Crop).CopyTo(target), (buffers, first, count) =>
            {
                for (int i = 0; i < count; i++)
                    TensorPrimitives.CosineSimilarity(
                        buffers.Floats(Output, i), golden.Faces[first + i].Descriptor).ShouldBeGreaterThan(0.999f);
            });
        }
    }

    private static byte[] Crop(RgbImage photo, int[] crop) => Resampler
        .Resize(photo.Crop(crop[0], crop[1], crop[2], crop[3]), DlibResNet29.InputSize, DlibResNet29.InputSize, ResampleFilter.Bilinear)
        .Pixels;
}
