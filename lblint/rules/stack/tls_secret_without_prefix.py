"""The label ssl_cert or ssl_key holds the key of a secret in the file, not the name that Swarm gives it.

Docker calls a secret of a stack `<stack>_<key>`; only external secrets and those with a `name:` go by their own name.
Interlock asks Swarm for the name in the label, and cannot give a proxy a secret that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import labels
from lblint.rules._tls import Fit, fit
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    needs=("com.docker.lb.ssl_cert", "com.docker.lb.ssl_key"),
)
def check(stack: Stack) -> Iterator[Hit]:
    for _, label in labels(stack, "ssl_cert", "ssl_key"):
        how, secret = fit(stack, label.value.strip(" "))
        if secret is None or how not in (Fit.KEY, Fit.PREFIX):
            continue
        name = secret.name or f"<stack>_{secret.key}"
        says = "is the key of the secret in this file"
        if how is Fit.PREFIX:
            says = f'has the prefix of another stack than "{stack.name}"'
        from lblint.rules._mend import written

        fixes = written(label, name, stack.inferred_from is None) if secret.name else ()
        message = f'{label.key}: "{label.value}" {says}; Swarm calls it {name}'
        yield Hit(label.place, message, f"{label.key}: {name}", fixes=fixes)
