using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Cli.Completion;

/// <summary><c>ipunet completion</c>: prints a completion script for a shell.</summary>
internal sealed class CompletionCommand : CliCommand
{
    private const string Bash = "bash", Zsh = "zsh", PowerShell = "pwsh";

    // The program itself completes: its directive "suggest" takes the cursor's position and the line. The line's first word calls the
    // program, perhaps by a path with a tilde or quotes. It is resolved as the shell would do, and is "ipunet" in the line.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.OrdinalIgnoreCase)
    {
        [Bash] = """
            _ipunet() {
                local IFS=$'\n' typed=${COMP_WORDS[0]}
                local line=ipunet${COMP_LINE:${#typed}} position=$((COMP_POINT - ${#typed} + 6)) program=${typed//[\"\'\\]/}
                [[ $program == '~/'* ]] && program=$HOME/${program:2}
                [[ $program == '$HOME/'* ]] && program=$HOME/${program:6}
                local completions="$("$program" "[suggest:$position]" "$line" 2>/dev/null)"
                COMPREPLY=($(compgen -W "$completions" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o nosort -o default -F _ipunet ipunet 2>/dev/null || complete -o default -F _ipunet ipunet
            """,
        [Zsh] = """
            _ipunet() {
                local program=${(Q)words[1]} line="ipunet ${(j: :)words[2,CURRENT]}"
                [[ $program == '~/'* ]] && program=$HOME/${program[3,-1]}
                [[ $program == '$HOME/'* ]] && program=$HOME/${program[7,-1]}
                local -a completions
                completions=("${(@f)$("$program" "[suggest:${#line}]" "$line" 2>/dev/null)}")
                [[ -n "$completions" ]] && compadd -V ipunet -a completions
                _files
            }
            compdef _ipunet ipunet
            """,
        [PowerShell] = """
            Register-ArgumentCompleter -Native -CommandName ipunet -ScriptBlock {
                param($word, $line, $cursor)
                $end = $line.CommandElements[0].Extent.EndOffset
                $text = 'ipunet' + $line.Extent.Text.Substring($end - $line.Extent.StartOffset)
                & $line.GetCommandName() "[suggest:$($cursor - $end + 6)]" $text | Where-Object { $_ -like "$word*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh or pwsh." };

    public CompletionCommand(Terminal terminal)
        : base(terminal, "completion", "Prints a script for a shell. With it, the shell completes the commands and options of ipunet.")
    {
        Arguments.Add(_shell.OneOf((Bash, Bash), (Zsh, Zsh), (PowerShell, PowerShell)));
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
