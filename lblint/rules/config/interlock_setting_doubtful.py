"""A value of Interlock's config that is allowed, but does what nobody means.

No replicas, no worker processes, a timeout of 0 seconds, a port 0, for which a manager picks one: all of that is taken,
and no request arrives. What Interlock makes of a `PublishMode` other than `ingress` and `host`, or since version 3.0 of
a wrong `HTTPVersion`, is not documented.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.interlock.version import INTERLOCK_3, reached
from lblint.rules import rule
from lblint.rules._interlock import own_problems, problem_hit, proxy_problems, sure


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="the proxy is not there, or does not answer, as it was meant to",
)
def check(config: InterlockConfig) -> Iterator[Hit]:
    refused = "http-version" if reached(config.version, INTERLOCK_3) is False else ""
    for setting, place, problem in chain(own_problems(config), proxy_problems(config)):
        if not sure(problem) and problem.kind != refused and not setting.key.name.endswith("LogFormat"):
            yield problem_hit(setting, place, problem)
