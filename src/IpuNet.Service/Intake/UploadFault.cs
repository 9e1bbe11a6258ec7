namespace IpuNet.Service.Intake;

/// <summary>Why an upload, or an entry of an archive, is not taken.</summary>
/// <param name="Category">One word for metrics.</param>
/// <param name="Reason">What is said of it.</param>
internal sealed record UploadFault(string Category, string Reason);
