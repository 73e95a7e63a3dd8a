"""A service is on a network that the stack does not declare.

Docker first creates a network of that name, `<stack>_<name>`, and only then finds that it is not declared: it stops
with all networks, secrets and configs made and no service. Only `default` needs no declaration.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY, needs=("networks",))
def check(stack: Stack) -> Iterator[Hit]:
    declared = {key for key, network in stack.networks.items() if network.declared}
    for service in stack.services:
        for attachment in service.networks:
            if attachment.network not in declared and attachment.network != "default":
                from lblint.rules._mend import corrected

                yield Hit(
                    attachment.place,
                    f'undefined network "{attachment.network}": docker creates it all the same, and then stops',
                    f"networks: {{{attachment.network}: {{}}}} on the top level, {{external: true}} if it exists",
                    fixes=corrected(attachment.place, attachment.network, declared, safe=False),
                )
