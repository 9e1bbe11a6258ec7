namespace IpuNet.Faces.Networks;

/// <summary>The networks that need no options, by the name of their architecture.</summary>
public static class NetworkCatalogue
{
    /// <summary>Makes a network.</summary>
    /// <param name="architecture">As a model's manifest gives it.</param>
    /// <exception cref="FaceDataException">There is no such network.</exception>
    public static INetwork Create(string architecture)
    {
        INetwork[] networks = [new DlibResNet29(), new SsdMobileNetV1(), new FaceLandmark68(), .. FaceNets()];
        return networks.FirstOrDefault(n => n.Architecture == architecture)
            ?? throw new FaceDataException($"There is no network of the architecture '{architecture}', only {string.Join(", ", networks.Select(n => n.Architecture))}. Choose a model of one of these.");
    }

    private static IEnumerable<INetwork> FaceNets() =>
        from dimensions in (int[])[128, 512]
        from standardisation in Enum.GetValues<PixelStandardisation>()
        from narrowing in (int[])[1, 2, 4, 8, 16]
        select new InceptionResNetV1(new() { Dimensions = dimensions, Standardisation = standardisation, Narrowing = narrowing });
}
