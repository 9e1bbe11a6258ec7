using IpuNet.Contract;

namespace IpuNet.Faces.Networks;

/// <summary>A network. Its forward pass is written once, and any backend runs it.</summary>
public interface INetwork
{
    /// <summary>The architecture's name in model manifests, such as "dlib-resnet29".</summary>
    string Architecture { get; }

    /// <summary>The shape of the input: [3, height, width], RGB, 0-255. The network normalises the pixels itself.</summary>
    FeatureShape Input { get; }

    /// <summary>Runs the network.</summary>
    /// <param name="ops">The backend.</param>
    /// <param name="x">[N, 3, height, width], RGB, 0-255.</param>
    /// <returns>The outputs, in the order that the network documents.</returns>
    /// <typeparam name="T">The backend's type for feature maps.</typeparam>
    IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x);
}

/// <summary>Creates networks by the names of their architectures.</summary>
public static class NetworkCatalogue
{
    /// <summary>Creates a network.</summary>
    /// <param name="architecture">The architecture's name in model manifests, such as "dlib-resnet29".</param>
    /// <exception cref="FaceDataException">The architecture is unknown.</exception>
    public static INetwork Create(string architecture)
    {
        INetwork[] networks = [new DlibResNet29(), new Rfb320(), new FaceLandmark68(), new AlignerNet(), .. FaceNets()];
        return networks.FirstOrDefault(n => n.Architecture == architecture)
            ?? throw new FaceDataException(
                $"The architecture '{architecture}' is unknown. Choose a model with one of these architectures: "
                + $"{string.Join(", ", networks.Select(n => n.Architecture))}.");
    }

    private static IEnumerable<INetwork> FaceNets() =>
        from dimensions in (int[])[128, 512]
        from standardisation in Enum.GetValues<PixelStandardisation>()
        from narrowing in (int[])[1, 2, 4, 8, 16]
        select new InceptionResNetV1(new() { Dimensions = dimensions, Standardisation = standardisation, Narrowing = narrowing });
}
