"""`lblint completion bash|zsh|fish`: the script that makes a shell ask lblint on every Tab.

The asking is click's (click.shell_completion); the scripts are lblint's own, as click's know no list of paths: a folder
is completed without a space behind it, and what is special to the shell in a name is quoted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import click
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


PATH = "path"
"""The type of a completion that is a file or, with a slash at its end, a folder (the scripts in completion.py)."""
ANY_FILE: list[CompletionItem[str]] = [CompletionItem("", type="file")]
"""Leaves it to the shell."""
_MOST = 200
"""So many files of a folder are looked into."""


def rule_ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The rules and topics, for an option that takes several with commas: the last one is completed."""
    from lblint.rules import load, topics

    before, comma, last = incomplete.rpartition(",")
    chosen = set(before.split(","))
    known = {*load(), *topics()}
    return [CompletionItem(before + comma + name) for name in _beginning(last, known) if name not in chosen]


def rule_or_topic(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """One rule or topic."""
    from lblint.report.topic_page import topic_ids
    from lblint.rules import load

    return [CompletionItem(name) for name in _beginning(incomplete, [*load(), *topic_ids()])]


def label_keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The labels of Interlock; with their prefix for who has begun to write it."""
    from lblint.interlock.label_table import LABELS, PREFIX

    prefix = PREFIX if incomplete and PREFIX.startswith(incomplete[: len(PREFIX)]) else ""
    return [CompletionItem(prefix + name) for name in _beginning(incomplete.removeprefix(prefix), LABELS)]


def stack_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The stack files of a folder, and those below it; any file where there is none of both."""
    from lblint.cli.files import is_stack

    return _entries(incomplete, is_stack)


def configs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Configs of Interlock."""
    return _entries(incomplete, lambda path: path.lower().endswith(".toml"))


def files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Any file."""
    return ANY_FILE


def _entries(incomplete: str, wanted: Callable[[str], bool]) -> list[CompletionItem[str]]:
    """The files of a folder that are wanted, and its folders. Names that no shell passes on whole are left out."""
    folder, start = os.path.split(incomplete)
    if incomplete.startswith("~"):
        return ANY_FILE
    try:
        with os.scandir(folder or ".") as entries:
            matches = [entry for entry in entries if entry.name.startswith(start) and entry.name.isprintable()]
    except OSError:
        return ANY_FILE
    matches = [entry for entry in matches if not entry.name.startswith(".") or start.startswith(".")]
    before = incomplete[: len(incomplete) - len(start)]
    folders = [before + entry.name + "/" for entry in matches if _is_folder(entry)]
    named = [entry for entry in matches if not _is_folder(entry)][:_MOST]
    files = [before + entry.name for entry in named if wanted(os.path.join(folder, entry.name))]
    return [CompletionItem(name, type=PATH) for name in sorted(files) + sorted(folders)] or ANY_FILE


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    """The names that begin so, sorted; without a beginning all of them."""
    return sorted(name for name in names if name.startswith(incomplete))
