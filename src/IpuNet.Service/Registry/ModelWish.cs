using Azure;
using IpuNet.Faces.Models;

namespace IpuNet.Service.Registry;

/// <summary>A wish to change the models in use; it stands in the history for good.</summary>
/// <param name="By">Who or what has it, such as a job.</param>
/// <param name="Reason">Why; null where that is not said.</param>
/// <param name="IfRevision">The revision on which it was decided, 0 for none: on another, nothing changes. Null for any.</param>
public sealed record ModelWish(string By, string? Reason = null, int? IfRevision = null);

/// <summary>The models in use, as they were seen in storage.</summary>
/// <param name="Models">The models.</param>
/// <param name="Version">Version of what says so.</param>
public sealed record SeenModels(CurrentModels Models, ETag Version);
