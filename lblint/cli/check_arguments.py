"""`lblint check` without click, whose import takes longer than the check of a file.

It reads the arguments by the table of options. What it does not read (help, `--nginx`, mistakes, other commands) is
left to click, which has the words for it. A test holds that the two read arguments alike.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from lblint.cli import COMPLETE
from lblint.cli.options import FILES, NUMBER, OPTIONS, TEXT
from lblint.cli.report_targets import pair


def parse(argv: Sequence[str]) -> dict[str, Any] | None:
    """Return what click would call the function of `check` with, from the arguments after `lblint`; None where they
    are left to click."""
    if not argv or argv[0] != "check" or COMPLETE in os.environ or sys.platform == "win32":  # click expands globs there
        return None
    options = {name: option for option in OPTIONS["check"] for name in option.names}
    if any(name in options and options[name].optional_value for name in argv):  # its value may be the next word
        return None
    files: list[str] = []
    ordered: list[tuple[str, str]] = []
    values: dict[str, Any] = {option.parameter: option.unset for option in OPTIONS["check"] if not option.ordered}
    numbers: dict[str, str] = {}
    words = iter(argv[1:])
    for word in words:
        if word == "--":
            files.extend(words)
        elif word == "-" or not word.startswith("-"):
            files.append(word)
        else:
            name, joined, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
            option = options.get(name)
            if option is None or option.kind not in (TEXT, NUMBER) or option.optional_value or (option.flag and joined):
                return None
            if option.flag:
                values[option.parameter] = True
                continue
            taken = value if joined else next(words, None)
            if taken is None or (option.choices and taken not in option.all_choices()):
                return None
            if option.kind == NUMBER:
                numbers[option.parameter] = taken  # the last one counts, and of the others click reads none either
            elif option.ordered:
                ordered.append((name, taken))
            else:
                values[option.parameter] = (*values[option.parameter], taken) if option.multiple else taken
    for parameter, text in numbers.items():
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            return None
        values[parameter] = int(text)
    try:
        return with_reports({**values, FILES.parameter: tuple(files)}, ordered)
    except ValueError:
        return None


def with_reports(values: Mapping[str, Any], ordered: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the values of a check's options with the `reports` that the ordered ones ask for, given as (name, value).

    Raises `ValueError` for options that do not go together, with a sentence for the user.
    """
    reports = pair(ordered)
    if values["unsafe_fixes"] and not (values["fix"] or values["diff"]):
        raise ValueError("--unsafe-fixes needs --fix or --diff")
    if values["write_baseline"] and (values["fix"] or values["diff"]):
        raise ValueError("--write-baseline cannot be used with --fix or --diff")
    return {**values, "reports": reports}
