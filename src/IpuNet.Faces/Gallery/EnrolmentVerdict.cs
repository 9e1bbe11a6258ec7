using System.Diagnostics.CodeAnalysis;

namespace IpuNet.Faces.Gallery;

/// <summary>The gate's answer for one image.</summary>
/// <param name="Refusal">Why the image is refused, fit for the user; null where it is accepted.</param>
/// <param name="Quality">What was measured; null where there was not one face to measure.</param>
public sealed record EnrolmentVerdict(string? Refusal, EnrolmentQuality? Quality)
{
    /// <summary>Category of an image that cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>Why the image is refused, in one word for metrics, such as "blurred"; null where it is accepted.</summary>
    public string? Category { get; init; }

    /// <summary>Whether the face may be enrolled.</summary>
    [MemberNotNullWhen(true, nameof(Quality))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Accepted => Refusal is null;
}
