"""A setting of the proxy that nginx refuses, or takes for something else.

Interlock puts the values of `Config` into nginx.conf as they are. A unit that nginx does not know (`32mb`, `75sec`), a
comma where it wants spaces (`TLSv1.2,TLSv1.3`) or a version that it does not speak stops it at its next start, for
everybody. Since Interlock 3.0 (UCP 3.2.3) a wrong `HTTPVersion` no longer reaches nginx.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.interlock.version import INTERLOCK_3, reached
from lblint.rules import rule
from lblint.rules._interlock import problem_hit, proxy_problems, sure


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.PROXY)
def check(config: InterlockConfig) -> Iterator[Hit]:
    before_3 = reached(config.version, INTERLOCK_3) is False
    for setting, place, problem in proxy_problems(config):
        if sure(problem) or (before_3 and problem.kind == "http-version"):
            yield problem_hit(setting, place, problem)
