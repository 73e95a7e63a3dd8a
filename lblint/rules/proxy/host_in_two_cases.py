"""One host name is written in upper case and in lower case.

To Interlock these are two hosts, each with its own upstream; nginx compares names without regard to case, finds a
second upstream of the same name, and does not start. Browsers send host names in lower case.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity
from lblint.proxy import Trial
from lblint.rules import rule


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=("proxy.limit.duplicate-upstream",))
def check(trial: Trial) -> Iterator[Hit]:
    for fault in trial.faults:
        if fault.kind == "proxy.limit.duplicate-upstream":
            name, other = str(fault.facts["name"]), fault.facts.get("other")
            where = f" in {_service(other)}" if isinstance(other, Place) else ""
            from lblint.rules._mend import write

            yield Hit(
                fault.place,
                f'host "{name}" is also written in other letters{where}: nginx takes both for one, and refuses the '
                "second upstream",
                name.lower(),
                fixes=write(fault.place, name.lower(), safe=False) if fault.place.chars and name.isascii() else (),
            )


def _service(place: Place) -> str:
    return f"{place.file}:{place.path[1]}" if len(place.path) > 1 else place.file
