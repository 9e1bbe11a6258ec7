using System.Globalization;
using System.Text.Json;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Recognition;
using IpuNet.LocalCloud.Npm;

namespace IpuNet.Benchmarks.Stages;

/// <summary>
/// Compares embedding by the product with face-api.js in Node (TensorFlow.js, WebAssembly with SIMD and threads).
/// </summary>
internal static class FaceApiBenchmark
{
    private const int Faces = 16;
    private const string Script = "face-api-bench.mjs";
    private static readonly string[] Packages = [FaceApiPackage.Name, "@tensorflow/tfjs@4.22.0", "@tensorflow/tfjs-backend-wasm@4.22.0"];

    /// <returns>The result as a sentence.</returns>
    /// <exception cref="FaceDataException">Node or npm is missing, or failed.</exception>
    public static async Task<string> CompareAsync(FaceEmbedder embedder, int repeats, Terminal terminal, CancellationToken cancellation)
    {
        string folder = UserFolder.Of("face-api-bench");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "@tensorflow", "tfjs-backend-wasm")))
        {
            terminal.Note($"Fetching face-api.js and TensorFlow.js into {folder} ...");
            await NpmPackages.InstallAsync(folder, Packages, cancellation);
        }

        string script = Path.Combine(folder, Script);
        await using (Stream source = typeof(FaceApiBenchmark).Assembly.GetManifestResourceStream(Script)!)
        await using (FileStream copy = File.Create(script))
            await source.CopyToAsync(copy, cancellation);

        RgbImage[] batch = StageBenchmark.Batch(Faces);
        var stage = new Stage("embed", Faces, "faces", () => embedder.Embed(batch));
        using var onnx = new OnnxTime();
        Measure();
        string output = await ProcessRun.RequireAsync(
            "node", [script, $"{Faces}", $"{repeats}", $"{Environment.ProcessorCount}"], folder, NpmPackages.NodeRemedy, cancellation);
        // The product is measured before and after, so that other load on the machine does not decide.
        Measure();
        using JsonDocument other = JsonDocument.Parse(output.Trim().Split('\n')[^1]);
        double perSecond = Faces / other.RootElement.GetProperty("seconds").GetDouble();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Embedding, {Faces} faces at once: {embedder.Id} {stage.PerSecond:#,0.#} faces/s; face-api.js {Of("faceApi")} with the same "
            + $"weights (tfjs {Of("tfjs")}, {Of("backend")}, {Of("threads")} threads) {perSecond:#,0.#} faces/s. "
            + $"{embedder.Id} is {stage.PerSecond / perSecond:0.0} times as fast.");

        JsonElement Of(string property) => other.RootElement.GetProperty(property);

        void Measure()
        {
            for (int i = 0; i < repeats; i++)
                stage.Measure(onnx);
        }
    }
}
