using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Gallery;

namespace IpuNet.Cli.Galleries;

/// <summary><c>ipunet gallery delete</c>: deletes subjects from a gallery.</summary>
internal sealed class GalleryDeleteCommand : CliCommand
{
    private readonly Argument<string[]> _subjects =
        new("SUBJECT") { Description = "Ids of the subjects.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _gallery = GalleryArguments.CreateOption();

    public GalleryDeleteCommand(Terminal terminal)
        : base(terminal, "delete", "Deletes subjects and all their data from a gallery in a folder. This cannot be undone.")
    {
        Arguments.Add(_subjects);
        Options.Add(_gallery);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet gallery delete ada bob --gallery gallery/", "Deletes 'ada' and 'bob'.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetRequiredValue(_gallery);
        FolderGallery gallery = GalleryArguments.Open(folder);
        using var closing = GalleryArguments.TellClosing(folder, Terminal);
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
                : $"{subject}: no such subject in {folder}. `ipunet gallery list --gallery {CommandWord.Of(folder)}` lists its subjects.";
        }
        catch (FaceDataException fault)
        {
            // The id is not valid. The other subjects are deleted all the same.
            return fault.Message;
        }
    }
}
