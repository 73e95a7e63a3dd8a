"""nginx starts with the value of a label, but does not do what it says.

The value is valid for nginx and means something else there: a server name that another server has already, a cookie
name that ends at the first character which no variable can have, a path that no request begins with.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.proxy import Trial
from lblint.rules import rule

_SAYS = {
    "proxy.lost.cookie": 'nginx reads only a part of the cookie name "{value}": all clients go to one server',
    "proxy.lost.name": 'nginx ignores the server name "{name}", which another server has already',
    "proxy.lost.location": 'no request has a path that begins with "{path}"',
}
_HELP = {
    "proxy.lost.cookie": "letters, digits and underscores",
    "proxy.lost.name": "another host name",
    "proxy.lost.location": "a path that begins with /",
}


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=_SAYS)
def check(trial: Trial) -> Iterator[Hit]:
    for fault in trial.faults:
        # the stock server's name `_` and wildcards of TLS hosts are said of every host of that form, by its own rule
        if fault.kind in _SAYS and fault.facts.get("name") != "_":
            yield Hit(fault.place, _SAYS[fault.kind].format_map(dict(fault.facts)), _HELP[fault.kind])
