using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using IpuNet.Contract;
using IpuNet.Faces.Policies;

namespace IpuNet.Faces.Pipeline;

/// <summary>The comparison of two faces.</summary>
/// <param name="Score">Cosine similarity of the embeddings, -1 to 1.</param>
/// <param name="Threshold">The score that shows the same person, -1 to 1.</param>
/// <param name="Far">The FAR that the threshold was calibrated for, 0 to 1.</param>
/// <param name="Band">The resolution band of the smaller face, such as "12-19", in pixels.</param>
public sealed record Verification(float Score, float Threshold, double Far, string Band)
{
    /// <summary>Version of the JSON form.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema { get; } = 1;

    /// <summary>Whether the faces are shown to be of the same person. False does not show that the persons differ.</summary>
    public bool SamePerson => Score >= Threshold;

    /// <summary>Compares two faces from a pipeline with a recogniser. The band of the smaller face gives the threshold.</summary>
    /// <param name="first">A face with its embedding.</param>
    /// <param name="second">The other face with its embedding.</param>
    /// <param name="policy">The policy with the thresholds.</param>
    /// <exception cref="FaceDataException">
    /// The policy has no threshold for enhanced faces of this band, or for faces that were not enhanced.
    /// </exception>
    public static Verification Of(FaceResult first, FaceResult second, RecognitionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(policy);
        FaceResult smaller = first.SourceHeight <= second.SourceHeight ? first : second;
        float score = TensorPrimitives.Dot<float>(first.Embedding, second.Embedding);
        return new Verification(
            score, policy.For(smaller.SourceHeight).ThresholdFor(smaller.Enhanced is not null), policy.Far, smaller.Band.Name);
    }
}
