namespace IpuNet.CommandLine.Programs;

/// <summary>A command that one program lists and another one does.</summary>
/// <param name="Name">The word that asks for it.</param>
/// <param name="Description">What it does, in a sentence.</param>
public sealed record CommandTitle(string Name, string Description)
{
    /// <summary><c>ipunet evaluate</c>.</summary>
    public static CommandTitle Evaluate { get; } =
        new("evaluate", "Measures recognition of low-resolution faces, without and with super-resolution, and calibrates the recognition policy.");

    /// <summary><c>ipunet train</c>.</summary>
    public static CommandTitle Train { get; } = new(
        "train",
        "Trains an enhancer, or a recogniser that learns from another, as an experiment says: its data, network, losses, schedule and validation. Stopped, it can go on.");

    /// <summary><c>ipunet export</c>.</summary>
    public static CommandTitle Export { get; } =
        new("export", "Writes the averaged weights of a training run as an ONNX model with its manifest: models/{name}/{version}.");

    /// <summary><c>ipunet import</c>.</summary>
    public static CommandTitle Import { get; } = new("import", "Makes models of weights that others trained.");

    /// <summary><c>ipunet bench</c>.</summary>
    public static CommandTitle Bench { get; } =
        new("bench", "Measures how fast faces are decoded, detected, aligned, enhanced, embedded, matched and encoded on this machine.");
}
