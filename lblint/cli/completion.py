"""`lblint completion bash|zsh|fish`: the script that makes a shell ask lblint on every Tab.

The asking is click's (click.shell_completion); the scripts are lblint's own, as click's know no list of paths: a folder
is completed without a space behind it, and what is special to the shell in a name is quoted.
"""

from __future__ import annotations

from click.shell_completion import BashComplete, CompletionItem, FishComplete, ZshComplete, add_completion_class

from lblint.cli import output

BASH = r"""_lblint_completion() {
    local IFS=$'\n' answer type value
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            file) compopt -o default ;;
            path) compopt -o filenames; COMPREPLY+=("${value%/}") ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _LBLINT_COMPLETE=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F _lblint_completion lblint
"""

ZSH = r"""#compdef lblint
_lblint() {
    local -a plain folders files
    local type value
    (( $+commands[lblint] )) || return 1
    [[ $words[CURRENT] == --*=* ]] && compset -P 1 '*='
    while IFS=, read -r type value; do
        case $type in
            file) _files ;;
            path) if [[ $value == */ ]]; then folders+=("$value"); else files+=("$value"); fi ;;
            plain) plain+=("$value") ;;
        esac
    done < <(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) _LBLINT_COMPLETE=zsh_complete lblint 2>/dev/null)
    compadd -a plain
    compadd -f -a files
    compadd -f -S '' -a folders
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _lblint "$@"
else
    compdef _lblint lblint
fi
"""

FISH = r"""function _lblint_completion
    set -l response (env _LBLINT_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) \
        COMP_CWORD=(commandline -t) lblint 2>/dev/null)
    set -l option (string match -r -- '^--[^=]*=' (commandline -t))
    for completion in $response
        set -l found (string split -m 1 , -- $completion)
        switch $found[1]
            case file
                __fish_complete_path $found[2]
            case '*'
                printf '%s\n' "$option$found[2]"
        end
    end
end
complete --no-files --command lblint --arguments '(_lblint_completion)'
"""


class _Bash(BashComplete):
    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor and the one at it. `--select=x` is three words to bash, of which one says
        nothing."""
        args, incomplete = super().get_completion_args()
        return [word for word in args if word != "="], incomplete


class _Zsh(ZshComplete):
    def format_completion(self, item: CompletionItem[str]) -> str:
        """A line of the answer."""
        return f"{item.type},{item.value}"


class _Fish(FishComplete):
    def format_completion(self, item: CompletionItem[str]) -> str:
        """A line of the answer."""
        return f"{item.type},{item.value}"


SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def answer() -> None:
    """Let lblint answer what these scripts ask."""
    for shell in (_Bash, _Zsh, _Fish):
        add_completion_class(shell)


def completion(shell: str) -> None:
    """Print the script that completes commands, options, rules, labels and stack files in a shell.

    \b
    bash:  eval "$(lblint completion bash)"    in ~/.bashrc
    zsh:   eval "$(lblint completion zsh)"     in ~/.zshrc, after compinit
    fish:  lblint completion fish > ~/.config/fish/completions/lblint.fish
    """
    output.write(SCRIPTS[shell])
