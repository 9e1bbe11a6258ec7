namespace IpuNet.CommandLine;

/// <summary>The name and description of a command that one program lists and another one runs.</summary>
/// <param name="Name">The command's name.</param>
/// <param name="Description">A sentence for the help.</param>
public sealed record CommandTitle(string Name, string Description)
{
    /// <summary><c>ipunet evaluate</c>.</summary>
    public static CommandTitle Evaluate { get; } = new(
        "evaluate",
        "Measures how well small faces are recognised, with and without super-resolution, and calibrates the recognition policy.");

    /// <summary><c>ipunet train</c>.</summary>
    public static CommandTitle Train { get; } = new(
        "train",
        "Trains an enhancer, or a recogniser that learns from another one. An experiment file describes the training. A stopped training "
        + "can be resumed.");

    /// <summary><c>ipunet export</c>.</summary>
    public static CommandTitle Export { get; } = new(
        "export", "Writes the averaged weights of a training as an ONNX model with its manifest: models/{name}/{version}.");

    /// <summary><c>ipunet import</c>.</summary>
    public static CommandTitle Import { get; } = new("import", "Makes models of weights that others published.");

    /// <summary><c>ipunet bench</c>.</summary>
    public static CommandTitle Bench { get; } = new(
        "bench", "Measures the speed of this machine: decoding, detection, alignment, enhancement, embedding, search and encoding.");
}
