using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces;
using IpuNet.Faces.Files;

namespace IpuNet.Training.Import;

/// <summary>One group of a TensorFlow.js weight manifest: tensors that lie one behind the other in the files of the group.</summary>
internal sealed record FaceApiGroup(IReadOnlyList<string> Paths, IReadOnlyList<FaceApiEntry> Weights);

/// <summary>One tensor of a manifest.</summary>
internal sealed record FaceApiEntry(string Name, IReadOnlyList<int> Shape, string Dtype, FaceApiQuantization? Quantization = null);

/// <summary>How a tensor's stored values turn into numbers: q * scale + min.</summary>
internal sealed record FaceApiQuantization(string Dtype, double Scale, double Min);

/// <summary>Reads the manifest's JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(List<FaceApiGroup>))]
internal sealed partial class FaceApiManifest : JsonSerializerContext
{
    /// <exception cref="FaceDataException">The file is missing or no manifest.</exception>
    public static IReadOnlyList<FaceApiGroup> Read(string path)
    {
        try
        {
            return StrictJson.Read(File.ReadAllBytes(path), Default.ListFaceApiGroup)
                ?? throw new FaceDataException($"{path}: is 'null', not a weight manifest.");
        }
        catch (JsonException e)
        {
            throw new FaceDataException($"{path}: is not a TensorFlow.js weight manifest ({e.Message}). It is named like '..._model-weights_manifest.json'.", e);
        }
        catch (IOException e)
        {
            throw new FaceDataException($"{path}: cannot be read ({e.Message}). 'npm pack @vladmandic/face-api' has the weights in its folder 'model'.", e);
        }
    }
}
