"""A number of CPUs cannot be parsed, or not to the billionth.

`cpus` takes a decimal number or a fraction (`"0.5"`, `"1/2"`) that is a whole number of billionths of a CPU. Docker
parses it when networks, secrets and configs are made.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack
from lblint.stack.cpus import parse_cpus
from lblint.stack.grammar import GrammarError


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY, needs=("cpus",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for part in ("limits", "reservations"):
            cpus = setting(service.config, "deploy", "resources", part, "cpus")
            read = parse_cpus(cpus) if cpus else 0
            if isinstance(read, GrammarError):
                place = stack.place("services", service.key, "deploy", "resources", part, "cpus")
                yield Hit(place, f'cpus "{cpus}": {read.told}', 'a decimal number of CPUs, such as "0.5"')
