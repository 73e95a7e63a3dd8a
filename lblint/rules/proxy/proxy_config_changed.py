"""The value of a label would change the structure of the proxy's nginx.conf.

Interlock puts the values of labels into nginx.conf as they are. A space, semicolon, brace or quote ends the word that
the value was meant to be: either nginx refuses the config, and the proxy of all routes goes down or is rolled back, or
it takes the rest for directives of its own, which is an injection. The trial config is parsed back and must have the
structure that was meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Fault, Hit, Severity
from lblint.proxy import Trial
from lblint.rules import rule


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=("proxy.word", "proxy.syntax", "proxy.tree"))
def check(trial: Trial) -> Iterator[Hit]:
    for fault in trial.faults:
        if fault.kind in ("proxy.word", "proxy.syntax", "proxy.tree"):
            yield Hit(fault.place, _message(fault), "letters, digits, and what the value's form allows")


def _message(fault: Fault) -> str:
    facts = fault.facts
    if fault.kind == "proxy.word":
        odd = f", for the {facts['odd']!r} in it" if facts["odd"] else ", for it is empty"
        return f'"{facts["value"]}" is not one word in the {facts["directive"]} line of nginx.conf{odd}'
    if fault.kind == "proxy.syntax":
        return f"nginx.conf does not parse with this value: {facts['message']}"
    meant, found = facts["meant"] or "nothing", facts["found"] or "nothing"
    return f"nginx.conf reads `{found}` where this value was to give `{meant}`"
