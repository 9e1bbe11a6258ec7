namespace IpuNet.Faces.Networks;

/// <summary>The networks that need no options, by the name of their architecture.</summary>
public static class NetworkCatalogue
{
    /// <summary>Makes a network.</summary>
    /// <param name="architecture">As a model's manifest gives it.</param>
    /// <exception cref="FaceDataException">There is no such network.</exception>
    public static INetwork Create(string architecture)
    {
        INetwork[] networks = [new DlibResNet29(), new SsdMobileNetV1(), new FaceLandmark68()];
        return networks.FirstOrDefault(n => n.Architecture == architecture)
            ?? throw new FaceDataException($"There is no network of the architecture '{architecture}', only {string.Join(", ", networks.Select(n => n.Architecture))}. Choose a model of one of these.");
    }
}
