using IpuNet.Faces.Models;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.ModelList;

/// <summary>Models in a table, wherever they are.</summary>
internal sealed class ModelTable(string title)
{
    private const int ShownDigits = 12;

    public ReportTable Table { get; } = new(
        title, new("Model"), new("In use"), new("Kind"), new("From"), new("Licence"), new("MB", Numeric: true), new("SHA-256"));

    /// <summary>Adds a model.</summary>
    /// <param name="manifest">What is known of it.</param>
    /// <param name="current">The models in use; null for none.</param>
    /// <param name="size">Its size, or what is to be said instead.</param>
    /// <param name="isVerified">Whether its file was compared with the manifest.</param>
    public void Add(ModelManifest manifest, CurrentModels? current, string size, bool isVerified) => Table.Add(
        manifest.Id,
        current?.Of(manifest.Kind) == manifest.Id ? "yes" : "",
        manifest.Kind.ToString().ToLowerInvariant(),
        manifest.Origin?.Package ?? (manifest.TrainedOn is { } sets ? $"trained on {string.Join(", ", sets)}" : ""),
        manifest.Licence ?? "",
        size,
        manifest.Sha256[..Math.Min(ShownDigits, manifest.Sha256.Length)] + (isVerified ? " verified" : ""));

    /// <summary>Adds a model that cannot be used.</summary>
    public void AddFault(string id) => Table.Add(id, "", "", "", "", "", "fault");
}
