namespace IpuNet.Faces.Models;

/// <summary>Models that work together.</summary>
/// <param name="Detector">The face detector.</param>
/// <param name="Landmarks">The landmark net.</param>
/// <param name="Enhancer">The enhancer; null for none.</param>
/// <param name="Recogniser">The recogniser; null where none is needed.</param>
public sealed record ModelSet(InstalledModel Detector, InstalledModel Landmarks, InstalledModel? Enhancer, InstalledModel? Recogniser)
{
    /// <summary>The models in use in a folder.</summary>
    /// <param name="store">The folder.</param>
    /// <param name="recognise">Whether a recogniser is needed.</param>
    /// <exception cref="FaceDataException">One that is needed is not in use, or cannot be used.</exception>
    public static ModelSet Current(ModelStore store, bool recognise)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new(
            store.FindCurrent(ModelKind.Detector),
            store.FindCurrent(ModelKind.Landmarks),
            store.Current.Enhancer is null ? null : store.FindCurrent(ModelKind.Enhancer),
            recognise ? store.FindCurrent(ModelKind.Recogniser) : null);
    }

    /// <summary>The same with another model of a kind.</summary>
    /// <param name="kind">The kind that is asked for.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="FaceDataException">It is of another kind.</exception>
    public ModelSet With(ModelKind kind, InstalledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _ = model.Require(kind);
        return kind switch
        {
            ModelKind.Detector => this with { Detector = model },
            ModelKind.Landmarks => this with { Landmarks = model },
            ModelKind.Enhancer => this with { Enhancer = model },
            _ => this with { Recogniser = model },
        };
    }
}
