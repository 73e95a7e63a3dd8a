"""What earlier runs found out of the code, and need not find out again.

The `lblint` script keeps it (lblint/cli/bundle.py); for everybody else it is empty, and is found out anew.
"""

from __future__ import annotations

Program = tuple[int, list[int], int, dict[str, int], tuple[str | None, ...]]
"""A compiled regular expression: flags, code, number of groups, groups by name, names by group."""

PATTERNS: dict[tuple[str | bytes, int], Program] = {}
"""Compiled regular expressions, by their text and flags."""
