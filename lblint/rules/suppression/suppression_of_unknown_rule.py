"""A comment names a rule that does not exist.

It silences nothing, and may have been meant for another one. `lblint rules` lists them all; the name of the rule stands
in brackets behind each finding. There is no name for all rules together: what a file is not checked for should be said.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._words import near, shown
from lblint.source.suppression import Suppressions

_GUESSES = 50
"""So many names of a run are compared with all there are."""


@rule(on=Suppressions, severity=Severity.WARNING)
def check(asked: Suppressions) -> Iterator[Hit]:
    known = {name.replace("-", "_"): name for name in asked.known}
    guesses = iter(range(_GUESSES))
    for one in asked.comments:
        for name in one.rules:
            if name not in asked.known:
                meant = near(name, known) if next(guesses, None) is not None else None
                said = f"there is no rule {shown(name)}" + (f": did you mean {known[meant]}?" if meant else "")
                yield Hit(one.place, said, known[meant] if meant else "the name in brackets behind the finding")
