"""A value of Interlock's core or of an extension that cannot be what it says.

Durations are written with a unit (`3s`), images as docker names them, ports are 1 to 65535. What the core cannot read
stops it; what it hands on is refused by the manager when the service is made.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule
from lblint.rules._interlock import own_problems, problem_hit, sure


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    consequence="the core, or the manager behind it, does not take the value: the config has no effect until it is put "
    "right",
)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for setting, place, problem in own_problems(config):
        if sure(problem):
            yield problem_hit(setting, place, problem)
