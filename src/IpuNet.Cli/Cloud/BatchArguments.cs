using System.CommandLine;
using IpuNet.Cli.Inputs;
using IpuNet.CommandLine;
using IpuNet.Contract;

namespace IpuNet.Cli.Cloud;

/// <summary>The options that name a batch, its gallery, and how to find faces.</summary>
internal sealed class BatchArguments
{
    private readonly Option<string> _batch =
        new("--batch", "-b") { Description = $"Name of the batch. {BatchId.Rule}", HelpName = "BATCH", Required = true };
    private readonly Option<string> _gallery = GalleryOption();
    private readonly Option<FaceDetectionMode> _faces = FindOptions.FacesOption();

    public BatchArguments(Command command)
    {
        command.Options.Add(_batch);
        command.Options.Add(_gallery);
        command.Options.Add(_faces);
    }

    public static Option<string> GalleryOption()
    {
        var option = new Option<string>("--gallery", "-g")
        {
            Description = $"Name of the gallery. {GalleryName.Rule}",
            DefaultValueFactory = _ => UploadRequest.DefaultGallery,
            HelpName = "NAME",
        };
        option.Validators.Add(result =>
        {
            if (GalleryName.FaultOf(result.GetValueOrDefault<string>()) is { } fault)
                result.AddError($"The gallery's name {fault}. {GalleryName.Rule}");
        });
        return option;
    }

    /// <exception cref="UsageException">The name is not valid.</exception>
    public static string Require(string batch) =>
        BatchId.FaultOf(batch) is { } fault ? throw new UsageException($"The batch's name {fault}. {BatchId.Rule}") : batch;

    /// <exception cref="UsageException">The name is not valid.</exception>
    public string Batch(ParseResult parsed) => Require(parsed.GetRequiredValue(_batch));

    public UploadRequest Request(ParseResult parsed) => new(parsed.GetValue(_gallery)!, parsed.GetValue(_faces));
}
