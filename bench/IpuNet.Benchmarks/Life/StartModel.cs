using System.Security.Cryptography;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Faces.Recognition;
using IpuNet.Training.Data;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Protocols;
using IpuNet.Training.Export;

namespace IpuNet.Benchmarks.Life;

/// <summary>An enhancer that is worse than what minutes of training make of it: a U-Net with random weights, with thresholds that were measured.</summary>
internal static class StartModel
{
    private const int Width = 16, Seed = 1, Version = 1;
    private const string Name = "life";

    // Of a network so small, kernels of this deviation change a face visibly, and do not drown it.
    private const float Deviation = 0.06f;

    // Few people are to be enough to measure it.
    private const double Far = 0.01;

    /// <param name="recogniser">The recogniser in use.</param>
    /// <param name="people">People to measure its thresholds on.</param>
    /// <param name="cancellation">Gives up.</param>
    public static InstalledModel Make(InstalledModel recogniser, IReadOnlyList<TrainingFace> people, CancellationToken cancellation)
    {
        // The network of the experiment 'retrain' but for its width, which that takes from the model that it goes on from.
        var network = new UNet(new UNetOptions { Width = Width, Upsampling = Upsampling.Bilinear, Residual = true, Dropout = 0 });
        byte[] onnx = OnnxExporter.ExportEnhancer(network, WeightDeclarations.Randomise(network, Seed, Deviation), WeightStorage.Half);
        var manifest = new ModelManifest
        {
            Name = Name,
            Version = Version,
            Kind = ModelKind.Enhancer,
            Architecture = network.Architecture,
            Input = new ModelInput(UNet.Size, UNet.Size),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(onnx)),
            TrainedOn = [],
            Note = "Random weights: a beginning for `ipunet bench life`, and good for nothing else.",
        };
        using FaceEmbedder embedder = FaceEmbedder.Open(recogniser, new InferenceSettings());
        using FaceEnhancer enhancer = FaceEnhancer.Open(new InstalledModel(manifest, Name, onnx), new InferenceSettings());
        var pipeline = new FacePipeline(embedder.Id, embedder.Embed, enhancer.Id, enhancer.Enhance);
        CalibrationReport measured = new PolicyCalibration(pipeline, EvaluationAlignment.Fixed(null)).Run(
            IdentificationProtocol.Create("start", people), new() { Far = Far }, progress: null, cancellation);
        return new InstalledModel(manifest.With(Enhancing(measured.Policy)), Name, onnx);
    }

    // Small faces are enhanced whether it helps or not: only of an enhanced face there is a picture, by which the models can be told apart.
    private static RecognitionPolicy Enhancing(RecognitionPolicy measured) => new(measured.Recogniser, measured.Far, measured.Bands.Select(band =>
        new BandPolicy(band.Band, band.Band.MinHeight < SteadyLoad.LargestSide, band.ThresholdFor(band.Band.MinHeight < SteadyLoad.LargestSide))));
}
