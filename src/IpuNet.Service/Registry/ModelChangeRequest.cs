using Azure;
using IpuNet.Faces.Models;

namespace IpuNet.Service.Registry;

/// <summary>A requested change of the models in use. It stays in the history.</summary>
/// <param name="By">Who or what requested it, such as a job.</param>
/// <param name="Reason">The reason; null if none is given.</param>
/// <param name="IfRevision">
/// The revision that the decision was based on, 0 for none. At another revision, nothing changes. Null for any.
/// </param>
public sealed record ModelChangeRequest(string By, string? Reason = null, int? IfRevision = null);

/// <summary>The models in use, as read from storage.</summary>
/// <param name="Models">The models.</param>
/// <param name="Version">The ETag of <c>current.json</c>.</param>
public sealed record SeenModels(CurrentModels Models, ETag Version);
