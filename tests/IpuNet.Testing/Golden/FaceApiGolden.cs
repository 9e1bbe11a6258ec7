using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;

namespace IpuNet.Testing.Golden;

/// <summary>The results of face-api.js for the photos of its npm package. They are in face-api.json, which make-golden.mjs wrote.</summary>
public sealed record FaceApiGolden(string FaceApi, float MinConfidence, IReadOnlyList<GoldenPhoto> Photos)
{
    private static readonly JsonSerializerOptions CamelCase = new(JsonSerializerDefaults.Web);

    public static FaceApiGolden Read() =>
        JsonSerializer.Deserialize<FaceApiGolden>(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", "face-api.json")), CamelCase)!;

    /// <summary>The folder of the npm package. Skips the test if npm cannot fetch it.</summary>
    public static Task<string> RequirePackageAsync() => FetchedFaceApi.Package.PathAsync();
}

public sealed record GoldenPhoto([property: JsonPropertyName("photo")] GoldenPixels Pixels, IReadOnlyList<GoldenFace> Faces)
{
    public RgbImage Open(string packageFolder) => ImageDecoder.DecodeFile(Path.Combine(packageFolder, "demo", Pixels.Name));
}

public sealed record GoldenPixels(string Name, int Width, int Height, string PixelsSha256);

/// <param name="Score">Score of the detector, 0 to 1.</param>
/// <param name="Box">X, y, width, height in pixels of the photo.</param>
/// <param name="Landmarks">X and y of the 68 landmarks, in pixels of the photo.</param>
/// <param name="Crop">X, y, width, height of the crop that face-api embedded. Unlike an aligned face, it is upright and not padded.</param>
/// <param name="Descriptor">128 values, not normalised.</param>
public sealed record GoldenFace(float Score, float[] Box, float[] Landmarks, int[] Crop, float[] Descriptor)
{
    [JsonIgnore]
    public FaceBox FaceBox => new(Box[0], Box[1], Box[2], Box[3]);

    [JsonIgnore]
    public IEnumerable<Vector2> Points => Landmarks.Chunk(2).Select(p => new Vector2(p[0], p[1]));
}
