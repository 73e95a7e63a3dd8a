"""A placement constraint of an extension or proxy that no manager reads, or that no node fulfils.

A constraint is `<key>==<value>` or `<key>!=<value>`; with a single `=` the manager refuses the service. A key that
Swarm does not know, such as a node label without `node.labels.` in front, leaves the proxy without a node.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule
from lblint.rules._interlock import PROXY_MISSING
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.stack.grammar import GrammarError


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.PROXY, consequence=PROXY_MISSING)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for extension in config.extensions:
        for name in ("Constraints", "ProxyConstraints"):
            for index, text in enumerate(extension.value(name)):
                place = extension.at(name).child(index)
                read = parse_constraint(text)
                if isinstance(read, GrammarError):
                    from lblint.rules._mend import write as written

                    help = _help(text)
                    fixes = written(place, help) if "<name>" not in help else ()
                    yield Hit(place, f'{name}: "{text}": {read.told}', help, fixes=fixes)
                elif not read.known:
                    write = f"node.labels.{read.key}{read.operator}{read.value}"
                    yield Hit(place, f'{name}: "{text}": Swarm knows no {read.key}, so no node fulfils it', write)


def _help(text: str) -> str:
    """The constraint with two signs, where one is all that is wrong."""
    meant = re.sub("(?<![=!])=(?!=)", "==", text, count=1)
    return meant if isinstance(parse_constraint(meant), Constraint) else "node.labels.<name>==<value>"
