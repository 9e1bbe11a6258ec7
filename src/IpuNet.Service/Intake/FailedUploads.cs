using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces.Files;
using IpuNet.Service.Messages;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Intake;

/// <summary>Gives up uploads that the Functions host has failed with each time, so that they are in poison with a reason.</summary>
/// <param name="intake">The intake.</param>
public sealed partial class FailedUploads(UploadIntake intake)
{
    private const string Fault = "it failed each time that it was to be taken in; the log of the Functions app has the details. Upload it again";

    /// <summary>Handles a message of <see cref="StorageNames.FailedUploads"/>.</summary>
    /// <param name="message">The message, which the host wrote: JSON.</param>
    /// <param name="cancellation">Gives up; the message is then to be handled again.</param>
    /// <exception cref="JobRefusedException">It names no upload.</exception>
    public Task HandleAsync(string message, CancellationToken cancellation)
    {
        FailedUpload? failed = Parse(message);
        return failed is { ContainerName: StorageNames.Uploads, BlobName: { Length: > 0 } name }
            ? intake.GiveUpAsync(name, Fault, cancellation)
            : throw new JobRefusedException("json", $"The message in {StorageNames.FailedUploads} names no blob of the container {StorageNames.Uploads}. Has the Functions host another form for it now?");
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
