using System.ComponentModel.DataAnnotations;

namespace IpuNet.Training.Degradation;

/// <summary>The text has to be a <see cref="FaceSize"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FaceSizeTextAttribute : ValidationAttribute
{
    /// <summary>The rule, as messages tell it.</summary>
    public const string Rule = "HEIGHTxWIDTH in pixels with both 1 to 128, such as \"16x12\"";

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is string text && FaceSize.TryParse(text, out _);
}
