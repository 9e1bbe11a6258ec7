using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Faces.Models;

/// <summary>The models of one pipeline.</summary>
/// <param name="Detector">The detector.</param>
/// <param name="Aligner">The aligner.</param>
/// <param name="Enhancer">The enhancer; null for none.</param>
/// <param name="Recogniser">The recogniser; null for none.</param>
public sealed record ModelSet(InstalledModel Detector, InstalledModel Aligner, InstalledModel? Enhancer, InstalledModel? Recogniser)
{
    /// <summary>The models in use of a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="recognise">Whether to include the recogniser.</param>
    /// <exception cref="FaceDataException">A required model is not in use, or cannot be used.</exception>
    public static ModelSet Current(ModelStore store, bool recognise)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new(
            store.FindCurrent(ModelKind.Detector),
            store.FindCurrent(ModelKind.Aligner),
            store.Current.Enhancer is null ? null : store.FindCurrent(ModelKind.Enhancer),
            recognise ? store.FindCurrent(ModelKind.Recogniser) : null);
    }

    /// <summary>Makes a copy with another model of one kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="FaceDataException">The model is of another kind.</exception>
    public ModelSet With(ModelKind kind, InstalledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _ = model.Require(kind);
        return kind switch
        {
            ModelKind.Detector => this with { Detector = model },
            ModelKind.Aligner => this with { Aligner = model },
            ModelKind.Enhancer => this with { Enhancer = model },
            _ => this with { Recogniser = model },
        };
    }
}

/// <summary>The kind of a model.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelKind>))]
public enum ModelKind
{
    /// <summary>Super-resolves aligned faces.</summary>
    [JsonStringEnumMemberName("enhancer")]
    Enhancer,

    /// <summary>Makes embeddings of aligned faces.</summary>
    [JsonStringEnumMemberName("recogniser")]
    Recogniser,

    /// <summary>Finds faces in photos.</summary>
    [JsonStringEnumMemberName("detector")]
    Detector,

    /// <summary>Finds the 68 landmarks of a face. It labels the training data of an aligner, and is never in use.</summary>
    [JsonStringEnumMemberName("landmarks")]
    Landmarks,

    /// <summary>Says how the aligned face lies in a loose square around it.</summary>
    [JsonStringEnumMemberName("aligner")]
    Aligner,
}
