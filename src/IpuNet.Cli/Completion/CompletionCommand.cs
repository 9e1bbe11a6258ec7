using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Cli.Completion;

/// <summary><c>ipunet completion</c>: prints a completion script for a shell.</summary>
internal sealed class CompletionCommand : CliCommand
{
    private const string Bash = "bash", Zsh = "zsh", PowerShell = "pwsh";

    // The program itself completes: its directive "suggest" takes the cursor's position and the line.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.OrdinalIgnoreCase)
    {
        [Bash] = """
            _ipunet() {
                local IFS=$'\n'
                local completions="$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)"
                COMPREPLY=($(compgen -W "$completions" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _ipunet ipunet
            """,
        [Zsh] = """
            _ipunet() {
                local -a completions
                completions=("${(@f)$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
                [[ -n "$completions" ]] && compadd -a completions
                _files
            }
            compdef _ipunet ipunet
            """,
        [PowerShell] = """
            Register-ArgumentCompleter -Native -CommandName ipunet -ScriptBlock {
                param($word, $line, $cursor)
                ipunet "[suggest:$cursor]" "$line" | Where-Object { $_ -like "$word*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh or pwsh." };

    public CompletionCommand(Terminal terminal)
        : base(terminal, "completion", "Prints a script with which a shell completes the commands and options of ipunet.")
    {
        _shell.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, Bash, Zsh, PowerShell);
        Arguments.Add(_shell);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet completion bash >> ~/.bash_completion", "For bash; works in new shells."),
        ("ipunet completion zsh >> ~/.zshrc", "For zsh; put it after `compinit`."),
        ("ipunet completion pwsh >> $PROFILE", "For PowerShell."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Terminal.Output.WriteLine(Scripts[parsed.GetRequiredValue(_shell)]);
        return Task.FromResult(ExitCode.Done);
    }
}
