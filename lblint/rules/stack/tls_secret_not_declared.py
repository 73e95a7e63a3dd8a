"""The label ssl_cert or ssl_key names a secret that the stack does not declare.

That is right for a secret that is made outside of the stack and stays when the stack goes. It must be there before the
deploy: Interlock cannot give a proxy a secret that is not there. A name that is close to a declared one is taken for a
slip.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.names import nearest
from lblint.interlock.words import check_secret
from lblint.rules import rule
from lblint.rules._labels import labels
from lblint.rules._tls import Fit, fit, names
from lblint.stack import Stack

_FEW = 300
"""So many secrets are compared with each that is not declared."""


@rule(
    on=Stack,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    needs=("com.docker.lb.ssl_cert", "com.docker.lb.ssl_key"),
)
def check(stack: Stack) -> Iterator[Hit]:
    for _, label in labels(stack, "ssl_cert", "ssl_key"):
        value = label.value.strip(" ")
        if label.unset or fit(stack, value)[0] is not Fit.NONE or any(check_secret(value)):
            continue
        meant = nearest(value, islice(names(stack), _FEW))
        if meant:
            from lblint.rules._mend import written

            says = f'{label.key}: "{value}" is no secret of this stack'
            yield Hit(label.place, says, f"{label.key}: {meant}", fixes=written(label, meant, safe=False))
        else:
            yield Hit(
                label.place,
                f'{label.key}: the secret "{value}" is not declared here, so it must be in Swarm already',
                "",
                Severity.INFO,
                Breaks.NOTHING,
            )
