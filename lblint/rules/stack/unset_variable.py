"""A variable has no value, and no default: docker puts nothing in its place.

Docker says no word of it: a host becomes empty, `web:$TAG` becomes `web:`. Each variable is reported once for a file,
at its first use. Where the file is checked without the deployer's environment, set the variables there too, or give
them defaults.

`lblint check` only warns. `lblint deploy` runs in the very environment that docker will take: there a variable without
value in a label `com.docker.lb.*` is an error, and nothing is deployed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.interlock import PREFIX
from lblint.rules import rule
from lblint.stack import Stack

_REFUSED = ("cast", "schema.format", "decode.refused")
_KINDS = ("interpolation.unset", "interpolation.empty")


@rule(
    on=Stack,
    severity=Severity.ERROR,
    consequence="docker deploys with an empty text in its place, with no word",
    needs=(*_KINDS, "stack.deploying"),
)
def check(stack: Stack) -> Iterator[Hit]:
    # What is refused for the empty text has an error that names the variable, and the version is not interpolated.
    other = {(fault.place.file, fault.place.path) for fault in stack.faults if fault.kind in _REFUSED}
    other |= {(file, ("version",)) for file in stack.files}
    if stack.deploying:
        for label in (label for service in stack.services for label in service.labels):
            if label.unset and label.key.startswith(PREFIX):
                other.add((label.place.file, label.place.path))
                names = " and ".join(dict.fromkeys(label.unset))
                said = f"{label.key}: {names} has no value here, where it is deployed: this becomes an empty text"
                yield Hit(label.place, said, f"set {names}, or write ${{{label.unset[0]}:-a default}}")
    faults = [f for f in stack.faults if f.kind in _KINDS and (f.place.file, f.place.path) not in other]
    uses = Counter((fault.place.file, fault.facts["variable"]) for fault in faults)
    for fault in faults:
        name = str(fault.facts["variable"])
        count = uses.pop((fault.place.file, name), 0)
        if not count:
            continue
        empty = fault.kind == "interpolation.empty"
        more = f" ({count - 1} more {'use' if count == 2 else 'uses'} in this file)" if count > 1 else ""
        said = f"{name} is {'empty' if empty else 'not set'} and has no default: this becomes an empty text{more}"
        advice = (
            f"${{{name}:-a default}}, or ${{{name}:?not set}} to stop docker; or set {name} where the file is checked"
        )
        yield Hit(fault.place, said, advice, Severity.INFO if empty else Severity.WARNING)
