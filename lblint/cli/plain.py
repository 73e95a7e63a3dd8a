"""`lblint check FILE...` as a hook or a job runs it, without click: its import takes longer than the check.

Only the everyday options are known here, and only when nothing is wrong with them. Everything else (help, other options
and commands, mistakes) is left to click, which has the words for it. A test holds that the two read arguments alike.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from lblint.cli import COMPLETE
from lblint.cli.reports import TERMINAL, Report, pair
from lblint.records import NamedTuple

OPTIONS = {
    "-c": "compose_files", "--compose-file": "compose_files",
    "-n": "stack_name", "--stack-name": "stack_name",
    "--client": "client", "--format": "reports", "-o": "reports", "--output": "reports", "--fail-on": "fail_on",
    "--select": "select", "--ignore": "ignore", "--color": "color",
    "--suppress": "suppress", "--config": "config", "--baseline": "baseline",
}  # fmt: skip
"""The options known here that have a value, by the parameter that they set."""
FLAGS = {"--no-config": "no_config", "-q": "quiet", "--quiet": "quiet"}
"""Those without one."""
MULTIPLE = {"compose_files", "select", "ignore"}
CHOICES = {
    "--format": ("text", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson"),
    "--fail-on": ("error", "warning", "info"),
    "--color": ("auto", "always", "never"),
    "--suppress": ("all", "own", "none"),
}


class Plain(NamedTuple):
    """The arguments of a check, under the names that the command's parameters have."""

    files: tuple[str, ...] = ()
    compose_files: tuple[str, ...] = ()
    stack_name: str | None = None
    client: str = ""
    reports: tuple[Report, ...] = TERMINAL
    config: str = ""
    no_config: bool = False
    fail_on: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    color: str = "auto"
    suppress: str = "all"
    baseline: str = ""
    quiet: bool = False


def parse(argv: Sequence[str]) -> Plain | None:
    """The arguments after `lblint`, if they are a plain check; None leaves them to click."""
    if not argv or argv[0] != "check" or COMPLETE in os.environ or sys.platform == "win32":
        return None
    if "--nginx" in argv:  # its value may be left out, which the command sees to before click reads anything
        return None
    files: list[str] = []
    given: dict[str, list[str]] = {}
    flags: dict[str, bool] = {}
    reports: list[tuple[str, str]] = []
    words = iter(argv[1:])
    for word in words:
        if word == "--":
            files.extend(words)
        elif word == "-" or not word.startswith("-"):
            files.append(word)
        elif word in FLAGS:
            flags[FLAGS[word]] = True
        else:
            name, joined, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
            parameter = OPTIONS.get(name)
            taken = value if joined else next(words, None)
            if parameter is None or taken is None:
                return None
            if name in CHOICES and taken not in CHOICES[name]:
                return None
            if parameter == "reports":
                reports.append((name, taken))
                continue
            given.setdefault(parameter, []).append(taken)
    values = {name: tuple(taken) if name in MULTIPLE else taken[-1] for name, taken in given.items()}
    try:
        asked = pair(reports) if reports else TERMINAL
    except ValueError:
        return None
    return Plain(files=tuple(files), reports=asked, **values, **flags)  # type: ignore[arg-type]
