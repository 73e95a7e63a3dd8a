"""A placement constraint cannot be parsed.

A constraint is `<key> == <value>` or `<key> != <value>`, with two characters each; a single `=` is the usual mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import certainty, entries
from lblint.stack import Stack
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.stack.grammar import GrammarError


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("constraints",))
def check(stack: Stack) -> Iterator[Hit]:
    certain = certainty(stack)
    for service in stack.services:
        for index, text in entries(service.config, "deploy", "placement", "constraints"):
            read = parse_constraint(text)
            if isinstance(read, GrammarError):
                place = stack.place("services", service.key, "deploy", "placement", "constraints", index)
                from lblint.rules._mend import write

                help = _help(text)
                fixes = write(place, help) if "<name>" not in help and "$" not in text else ()
                yield Hit(place, f'constraint "{text}": {read.told}', help, certain(place), fixes=fixes)


def _help(text: str) -> str:
    """The constraint with two signs, where one is all that is wrong."""
    meant = re.sub("(?<![=!])=(?!=)", "==", text, count=1)
    return meant if isinstance(parse_constraint(meant), Constraint) else "node.labels.<name> == <value>"
