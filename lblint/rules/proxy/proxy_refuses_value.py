"""nginx does not start with the value of a label.

The value is one word in nginx.conf, but not one that nginx takes in that place: too long for its buffer, a variable
that does not exist, a server name with a `*` in the middle, a second location of one path. The proxy serves everybody's
routes from one config, and it is refused whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Fault, Hit, Severity
from lblint.proxy import Trial
from lblint.rules import rule

_SAYS = {
    "proxy.limit.word": '"{value:.40}…" is longer than the {limit} bytes that nginx reads as one word',
    "proxy.limit.variable": '"{value}" holds a $, which nginx reads as a variable',
    "proxy.limit.name": '"{name}" is no server name to nginx',
    "proxy.limit.map-word": '"{name}" is a word of its own in the map of TLS hosts, not a host',
    "proxy.limit.upstream-name": 'nginx reads a port or a path in "{name}", and does not find its upstream',
    "proxy.limit.duplicate-location": 'the path "{path}" is taken in this server: nginx refuses the second location',
    "proxy.limit.port": '"{value}" is no port number',
    "proxy.limit.max-fails": '"{value}" is no count of failures',
    "proxy.limit.fail-timeout": '"{value}" is no time that nginx takes for fail_timeout',
    "proxy.limit.secret": '"{value}" is no name of a secret, so there is no file of that name in the proxy',
    "proxy.limit.no-key": 'the certificate "{value}" has no key beside it',
    "proxy.limit.listen": "the proxy would listen on {sockets} sockets, one for each TLS host, and nginx takes {limit}",
    "proxy.limit.regex": '"{pattern}" does not compile as a regular expression: {error}',
}


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=_SAYS)
def check(trial: Trial) -> Iterator[Hit]:
    for fault in trial.faults:
        if fault.kind in _SAYS:
            yield Hit(fault.place, _message(fault) + ": nginx does not start")


def _message(fault: Fault) -> str:
    return _SAYS[fault.kind].format_map(dict(fault.facts))
