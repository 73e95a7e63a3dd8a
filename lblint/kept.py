"""What earlier runs found out of the code, and need not find out again.

The `lblint` script keeps it (lblint/cli/bundle.py); for everybody else it is empty, and is found out anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable

Program = tuple[int, list[int], int, dict[str, int], tuple[str | None, ...]]
"""A compiled regular expression: flags, code, number of groups, groups by name, names by group."""

Known = tuple[int, int, str, tuple[str, ...]]
"""What is known of a rule: when its file was changed (ns), how many bytes it has, the type it is on, what it needs."""

RULES: dict[str, Known] = {}
"""The rules, by folder and module (`stack/unknown_key`)."""

DATA: dict[str, tuple[int, int, bytes]] = {}
"""What a file of JSON holds, by its path: when it was changed (ns), its bytes, and the data as marshal writes it."""

PATTERNS: dict[tuple[str | bytes, int], Program] = {}
"""Compiled regular expressions, by their text and flags."""


news: list[str] = []
"""The kinds of what this run had to find out: `pattern`, `rule`, `data`."""

load: Callable[[str], bool] | None = None
"""Imports a module that nothing else imports, quicker than Python does; False where it does not have it."""


def slow() -> bool:
    """Whether LBLINT_SLOW is set in the environment: all is then done the long way, with the same findings."""
    return bool(os.environ.get("LBLINT_SLOW"))
