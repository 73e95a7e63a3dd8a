"""A finding in words, for formats that have one field for all of them."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Finding
from lblint.report.printable import said


def lines(finding: Finding) -> Iterator[str]:
    """What is wrong, what breaks and what to write instead, line by line; every line is printable."""
    yield said(finding.message)
    if finding.consequence:
        yield f"{'breaks' if finding.breaks is not Breaks.NOTHING else 'note'}: {said(finding.consequence)}"
    if finding.help:
        yield from (f"{'write: ' if not at else ''}{said(line)}" for at, line in enumerate(finding.help.split("\n")))


def whole(finding: Finding) -> str:
    """The lines as one text."""
    return "\n".join(lines(finding))


def unchecked(reason: str) -> str:
    """What is said of a file that could not be checked: never nothing, for that would read as clean."""
    return f"could not check: {said(reason)}"
