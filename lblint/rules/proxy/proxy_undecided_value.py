"""Whether nginx starts with the value of a label is not known here.

A regular expression beyond the plain forms may start or stop nginx, depending on its version and on the library that
it was built with: what cannot be decided here is refused, for it is everybody's proxy. A location with a modifier in
front starts nginx, but Interlock does not document what becomes of it. A config of very many routes is not tried at
all.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.proxy import Trial
from lblint.rules import rule

_SAYS = {
    "proxy.undecided.regex": 'whether nginx compiles "{pattern}" is not known here',
    "proxy.undecided.location": 'nginx reads a modifier at the start of "{path}", which Interlock does not document',
}


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=(*_SAYS, "proxy.undecided.size"))
def check(trial: Trial) -> Iterator[Hit]:
    for fault in trial.faults:
        if fault.kind in _SAYS:
            message = _SAYS[fault.kind].format_map(dict(fault.facts))
            severity = Severity.WARNING if fault.kind == "proxy.undecided.location" else None
            yield Hit(fault.place, message, "a plain path: /app", severity=severity)
        elif fault.kind == "proxy.undecided.size":
            yield Hit(
                fault.place,
                f"the proxy's config for {fault.facts['hosts']} hosts is too large to be tried: nothing is known of it",
                "fewer stacks in one run",
            )
