using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Service.Intake;

/// <summary>Puts uploads into poison, with a reason, after the Functions host failed to handle them each time.</summary>
/// <param name="intake">The intake.</param>
public sealed partial class FailedUploads(UploadIntake intake)
{
    private const string Fault =
        "every attempt to handle it failed; the log of the Functions app has the details. Upload it again";

    /// <summary>Handles a message of <see cref="StorageNames.FailedUploads"/>.</summary>
    /// <param name="message">The message in JSON, written by the host.</param>
    /// <param name="cancellation">Cancels the operation; the message must be handled again.</param>
    /// <exception cref="JobRefusedException">The message names no upload.</exception>
    public Task HandleAsync(string message, CancellationToken cancellation)
    {
        FailedUpload? failed = Parse(message);
        return failed is { ContainerName: StorageNames.Uploads, BlobName: { Length: > 0 } name }
            ? intake.GiveUpAsync(name, Fault, cancellation)
            : throw new JobRefusedException(
                "json",
                $"The message in {StorageNames.FailedUploads} names no blob of the container {StorageNames.Uploads}. Check whether a new "
                + "version of the Functions host uses another format.");
    }

    private static FailedUpload? Parse(string message)
    {
        try
        {
            return StrictJson.Read(Encoding.UTF8.GetBytes(message), FailedUploadJson.Default.FailedUpload);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal sealed record FailedUpload(string? ContainerName, string? BlobName);

    [JsonSerializable(typeof(FailedUpload))]
    private sealed partial class FailedUploadJson : JsonSerializerContext;
}
