"""What a shell may complete the word at the cursor with. Asked on every Tab: nothing is imported that is not named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

PATH = "path"
"""The type of a completion that is a file or, with a slash at its end, a folder (the scripts in completion.py)."""
ANY_FILE: list[CompletionItem[str]] = [CompletionItem("", type="file")]
"""Leaves it to the shell."""
_MOST = 200
"""So many files of a folder are looked into."""


def rule_ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The rules, for an option that takes several with commas: the last one is completed."""
    from lblint.rules import load

    before, comma, last = incomplete.rpartition(",")
    given = set(before.split(","))
    return [CompletionItem(before + comma + name) for name in _beginning(last, load()) if name not in given]


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
            found = [entry for entry in entries if entry.name.startswith(start) and entry.name.isprintable()]
    except OSError:
        return ANY_FILE
    found = [entry for entry in found if not entry.name.startswith(".") or start.startswith(".")]
    before = incomplete[: len(incomplete) - len(start)]
    folders = [before + entry.name + "/" for entry in found if _is_folder(entry)]
    named = [entry for entry in found if not _is_folder(entry)][:_MOST]
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
