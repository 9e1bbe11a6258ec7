using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Gallery;

namespace IpuNet.Cli.Galleries;

/// <summary><c>ipunet gallery delete</c>: removes subjects with all that is known of them.</summary>
internal sealed class GalleryDeleteCommand : CliCommand
{
    private readonly Argument<string[]> _subjects = new("SUBJECT") { Description = "Ids of the subjects.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _gallery = GalleryFolder.CreateOption();

    public GalleryDeleteCommand(Terminal terminal)
        : base(terminal, "delete", "Deletes subjects from a gallery with every embedding of theirs, at once and for good.")
    {
        Arguments.Add(_subjects);
        Options.Add(_gallery);
    }

    public override IReadOnlyList<(string, string)> Examples => [("ipunet gallery delete ada bob --gallery gallery/", "Nobody is recognised as 'ada' or 'bob' any more.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetRequiredValue(_gallery);
        var gallery = new FolderGallery(folder);
        int code = ExitCode.Done;
        foreach (string subject in parsed.GetRequiredValue(_subjects).Distinct())
        {
            cancellation.ThrowIfCancellationRequested();
            if (Refusal(gallery, folder, subject) is { } refusal)
            {
                Terminal.Fail(refusal);
                code = ExitCode.SomeFailed;
            }
            else
            {
                Terminal.WriteLine($"{subject}: deleted.");
            }
        }

        return Task.FromResult(code);
    }

    private static string? Refusal(FolderGallery gallery, string folder, string subject)
    {
        try
        {
            return gallery.Delete(subject)
                ? null
                : $"{subject}: no such subject is enrolled in {folder}. `ipunet gallery list --gallery {folder}` names those who are.";
        }
        catch (FaceDataException fault)
        {
            // An id that cannot be one: the others are deleted all the same.
            return fault.Message;
        }
    }
}
