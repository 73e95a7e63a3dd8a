"""Interlock's config is no TOML.

The core reads its config as TOML and stops where it cannot. What is wrong stands at the position, or on the line before
it: a text without quotes, a quote or bracket that is not closed, two keys of one name, `:` in place of `=`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule
from lblint.rules._interlock import CORE_STOPS


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for fault in config.faults:
        if fault.kind != "toml.syntax":
            continue
        problem, line = str(fault.facts["problem"]), str(fault.facts["line"])
        if "first" in fault.facts:
            yield Hit(fault.place, f"{problem}: it is on line {fault.facts['first']} already", "one of the two")
        else:
            yield Hit(fault.place, f"no TOML: {problem}", _help(problem, line))


def _help(problem: str, line: str) -> str:
    if problem.startswith(("invalid value", "expected newline")) and "=" in line:
        return "quotes around a text; a number, true, false or a list without"
    if problem.startswith("expected '='"):
        return '<key> = <value>; quotes around a key with other characters than letters, digits, "-" and "_"'
    if "not UTF-8" in problem or "byte order mark" in problem:
        return "the file saved as UTF-8, without a byte order mark"
    return ""
