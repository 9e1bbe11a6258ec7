namespace IpuNet.Faces.Networks;

/// <summary>A network: its forward pass, written once, run by any backend.</summary>
public interface INetwork
{
    /// <summary>The architecture's name, as models' manifests give it, such as "dlib-resnet29".</summary>
    string Architecture { get; }

    /// <summary>The input: RGB, [3, height, width], values 0-255; the network normalises by itself.</summary>
    FeatureShape Input { get; }

    /// <summary>Runs the network.</summary>
    /// <param name="ops">The backend.</param>
    /// <param name="x">[N, 3, height, width], RGB, 0-255.</param>
    /// <returns>The outputs, in the order the network documents.</returns>
    IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x);
}
