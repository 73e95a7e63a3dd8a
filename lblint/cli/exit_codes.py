"""The exit codes of lblint; 0 means that nothing was found."""

from __future__ import annotations

EXIT_FINDINGS = 1
"""Findings that count, or nothing was done because of what was found."""
EXIT_UNCHECKED = 2
"""Something could not be read, checked or written, or the arguments are wrong."""
EXIT_UNSETTLED = 3
"""A deploy or a removal did not come to its end in time."""
EXIT_INTERRUPTED = 130
"""Ctrl-C."""
