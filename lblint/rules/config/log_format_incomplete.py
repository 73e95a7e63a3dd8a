"""A log format without its own quotes or its own semicolon.

The template writes `log_format main` and the value, and adds nothing. Without the semicolon at its end the next
directive becomes a part of the format: nginx starts, writes that text into each line of its log, and does not have the
directive, which is the access log itself behind `TraceLogFormat`. Without quotes the spaces between the words are lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule
from lblint.rules._interlock import problem_hit, proxy_problems, sure


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the proxy's access log is not what was meant, or is lost",
)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for setting, place, problem in proxy_problems(config):
        if setting.key.name.endswith("LogFormat") and not sure(problem):
            yield problem_hit(setting, place, problem)
