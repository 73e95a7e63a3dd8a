"""The value of a label holds a line break or another control character.

A block text (`|` or `>`) ends with a line break unless it is written `|-`, and what is pasted may hold others. nginx
divides words at them, so the directive gets too many or too few; names that are compared no longer match. Write the
value on one line, in quotes if need be.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import KEYS
from lblint.rules import rule
from lblint.rules._labels import value_hit
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for label in service.labels:
            spec = KEYS.get(label.key)
            for problem in spec.problems(label.value) if spec else ():
                if problem.kind == "control-character":
                    yield value_hit(label, problem)
