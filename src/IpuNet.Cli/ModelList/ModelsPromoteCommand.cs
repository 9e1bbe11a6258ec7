using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Service.Registry;

namespace IpuNet.Cli.ModelList;

/// <summary><c>ipunet models promote</c>: puts models in use.</summary>
internal sealed class ModelsPromoteCommand : RegistryCommand
{
    private readonly Argument<string[]> _ids = new("ID") { Description = "Models in storage, as name@version, of each kind one.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _reason = ReasonOption();

    public ModelsPromoteCommand(Terminal terminal)
        : base(terminal, "promote", "Has the service use models that are in the storage account, each in place of the one of its kind.")
    {
        Arguments.Add(_ids);
        Options.Add(_reason);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet models promote ipunet@4 --reason \"better below 20 px\"", "Workers switch without a restart, and lose no upload."),
        ("ipunet models promote facenet@1 ipunet@5", "A recogniser, with the enhancer whose thresholds are for it; then `ipunet gallery reembed`."),
    ];

    protected override async Task<int> RunAsync(ModelRegistry registry, ParseResult parsed, CancellationToken cancellation)
    {
        Say(await registry.PromoteAsync(parsed.GetRequiredValue(_ids), new ModelWish(User, parsed.GetValue(_reason)), cancellation));
        return ExitCode.Done;
    }
}
