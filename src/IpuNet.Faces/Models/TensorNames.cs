namespace IpuNet.Faces.Models;

/// <summary>The names of the models' inputs and outputs. Export and inference share them.</summary>
public static class TensorNames
{
    /// <summary>The input of every model: uint8 [N, height, width, 3], RGB.</summary>
    public const string Images = "images";

    /// <summary>An enhancer's output: uint8 [N, 128, 128, 3], RGB.</summary>
    public const string Pictures = "pictures";

    /// <summary>A recogniser's output: float32 [N, D], vectors of length 1.</summary>
    public const string Embeddings = "embeddings";

    /// <summary>A landmark network's output: float32 [N, 136], x and y of each landmark in 0-1 of the input.</summary>
    public const string Points = "points";

    /// <summary>An aligner's output: float32 [N, 6], the numbers that <see cref="Alignment.FaceAlignment.Read"/> reads.</summary>
    public const string Alignment = "alignment";

    /// <summary>A detector's output for one of its maps: float32 [N, C, cells, cells].</summary>
    /// <param name="index">The index of the map, finest first.</param>
    public static string Map(int index) => $"map{index}";
}
