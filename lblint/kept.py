"""What earlier runs found out of the code, and need not find out again.

The `lblint` script keeps it (lblint/cli/bundle.py); for everybody else it is empty, and is found out anew.
"""

from __future__ import annotations

import os

Program = tuple[int, list[int], int, dict[str, int], tuple[str | None, ...]]
"""A compiled regular expression: flags, code, number of groups, groups by name, names by group."""

Known = tuple[int, int, str, tuple[str, ...]]
"""What is known of a rule: when its file was changed (ns), how many bytes it has, the type it is on, what it needs."""

RULES: dict[str, Known] = {}
"""The rules, by folder and module (`stack/unknown_key`)."""

PATTERNS: dict[tuple[str | bytes, int], Program] = {}
"""Compiled regular expressions, by their text and flags."""


def slow() -> bool:
    """Whether LBLINT_SLOW is set in the environment: all is then done the long way, with the same findings."""
    return bool(os.environ.get("LBLINT_SLOW"))
