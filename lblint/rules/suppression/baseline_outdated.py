"""The baseline holds a finding that is not there any more.

What was mended is safe from coming back only once the baseline has forgotten it. `lblint check --write-baseline FILE`,
given the same files, writes it anew; what could not be seen this time (files that were not checked, rules that did not
run) stays in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Place, Severity
from lblint.rules import rule
from lblint.rules._words import shown
from lblint.source.baseline import Outdated


@rule(on=Outdated, severity=Severity.INFO)
def check(outdated: Outdated) -> Iterator[Hit]:
    for entry, count, position in outdated.gone:
        where = ".".join(entry.path) or "the top"
        many = f", {count} times" if count > 1 else ""
        said = f"{entry.file}: {entry.rule} is gone from {shown(entry.text or where)}{many}"
        yield Hit(Place(outdated.name, at=position), said, f"lblint check --write-baseline {outdated.name} ...")
