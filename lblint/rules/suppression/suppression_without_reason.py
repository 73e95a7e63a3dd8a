"""A comment asks lblint to be quiet and does not say why.

It silences nothing until it does. Whoever finds it in a year has to know whether the reason still holds; the reason is
also what reports show of a finding that is silenced.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._words import shown
from lblint.source.suppression import Suppressions


@rule(on=Suppressions, severity=Severity.WARNING)
def check(asked: Suppressions) -> Iterator[Hit]:
    for one in asked.comments:
        if not one.problem and not one.reason:
            names = ", ".join(one.rules)
            said = f"{shown(one.written)} gives no reason: it silences nothing"
            yield Hit(one.place, said, f"# lblint: ignore{'-file' * one.whole}[{names}] and here why this is right")
