using IpuNet.Contract;

namespace IpuNet.Service.Intake;

/// <summary>What becomes of a blob of <see cref="StorageNames.Uploads"/>: see <see cref="UploadIntake.FateOf"/>.</summary>
internal abstract record UploadFate;

/// <summary>Nothing: it is no upload to be recognised, or its archive's intake sends it.</summary>
internal sealed record NoFate : UploadFate;

/// <summary>Poison: no result can have its name.</summary>
/// <param name="Fault">What is wrong with the name, and the way out.</param>
internal sealed record PoisonFate(string Fault) : UploadFate;

/// <summary>A refusal, without a look at its content.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Fault">Why it is refused.</param>
internal sealed record RefusedFate(UploadName Name, UploadFault Fault) : UploadFate;

/// <summary>A message at once: it is named as an image.</summary>
/// <param name="Message">The message for this upload alone.</param>
internal sealed record MessageFate(FaceBatchMessage Message) : UploadFate;

/// <summary>Its content decides: it is an archive, or is not named as an image.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Request">Its options.</param>
internal sealed record ContentFate(UploadName Name, UploadRequest Request) : UploadFate;

/// <summary>Its length and metadata decide, and are not known.</summary>
/// <param name="Name">Its name.</param>
internal sealed record OpenFate(UploadName Name) : UploadFate;
