namespace IpuNet.Faces.Models;

/// <summary>The names of models' inputs and outputs, which export and inference share.</summary>
public static class TensorNames
{
    /// <summary>The input of every model: uint8 [N, height, width, 3], RGB.</summary>
    public const string Images = "images";

    /// <summary>An enhancer's output: uint8 [N, 128, 128, 3], RGB.</summary>
    public const string Pictures = "pictures";

    /// <summary>A recogniser's output: float [N, D], of length 1.</summary>
    public const string Embeddings = "embeddings";

    /// <summary>A landmark net's output: float [N, 136], x and y of each point.</summary>
    public const string Points = "points";

    /// <summary>A detector's output for one of its maps: float [N, C, cells, cells].</summary>
    public static string Map(int index) => $"map{index}";
}
