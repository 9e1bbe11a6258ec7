using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Service.Registry;

namespace IpuNet.Cli.ModelList;

/// <summary><c>ipunet models rollback</c>: puts models in use again that were before.</summary>
internal sealed class ModelsRollbackCommand : RegistryCommand
{
    private readonly Option<int?> _revision = new("--to") { Description = "The revision whose models are wanted; 0 for those before the first promotion. Default: the one before.", HelpName = "REVISION" };
    private readonly Option<string?> _reason = ReasonOption();

    public ModelsRollbackCommand(Terminal terminal)
        : base(terminal, "rollback", "Has the service use the models again that it used before the last promotion. Done twice, it goes back by two.")
    {
        _revision.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 0)
                result.AddError("--to is a revision, 0 or above.");
        });
        Options.Add(_revision);
        Options.Add(_reason);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet models rollback --reason \"too many strangers named\"", "Takes effect within half a minute."),
        ("ipunet models rollback --to 3", "Goes back to revision 3 of `ipunet models history`."),
    ];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        Say(await registry.RollbackAsync(new ModelWish(User, parsed.GetValue(_reason)), parsed.GetValue(_revision), cancellation));
        return ExitCode.Done;
    }
}
