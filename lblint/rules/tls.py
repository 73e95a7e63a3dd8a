"""Rules on the secrets that the labels ssl_cert and ssl_key name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.scalars import check_secret
from lblint.interlock.spelling import nearest
from lblint.lazy_re import pattern
from lblint.rules import _fixes, rule
from lblint.rules._labels import labels, value_hits
from lblint.rules._tls import Fit, fit, names
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_tls_secret(stack: Stack) -> Iterator[Hit]:
    """The label ssl_cert or ssl_key holds something that is no name of a secret.

    Both name Swarm secrets, which Interlock mounts into the proxy under /run/secrets; a path, a quote or a space cannot
    be the name of one, and nginx stops at a file that is not there. Write the name under which `docker secret ls` shows
    it, with the prefix of the stack if the stack makes it.
    """
    yield from value_hits(stack, "ssl_cert", "ssl_key")


_FEW = 300
"""So many secrets are compared with each that is not declared."""


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.PROXY)
def tls_secret_not_declared(stack: Stack) -> Iterator[Hit]:
    """The label ssl_cert or ssl_key names a secret that the stack does not declare.

    That is right for a secret that is made outside of the stack and stays when the stack goes. It must be there before
    the deploy: Interlock cannot give a proxy a secret that is not there. A name that is close to a declared one is
    taken for a slip.
    """
    for _, label in labels(stack, "ssl_cert", "ssl_key"):
        value = label.value.strip(" ")
        if label.unset or fit(stack, value)[0] is not Fit.NONE or any(check_secret(value)):
            continue
        meant = nearest(value, islice(names(stack), _FEW))
        if meant:
            says = f'{label.key}: "{value}" is no secret of this stack'
            yield Hit(label.place, says, f"{label.key}: {meant}", fixes=_fixes.written(label, meant, safe=False))
        else:
            yield Hit(
                label.place,
                f'{label.key}: the secret "{value}" is not declared here, so it must be in Swarm already',
                "",
                Severity.INFO,
                Breaks.NOTHING,
            )


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.PROXY)
def tls_secret_without_prefix(stack: Stack) -> Iterator[Hit]:
    """The label ssl_cert or ssl_key holds the key of a secret in the file, not the name that Swarm gives it.

    Docker calls a secret of a stack `<stack>_<key>`; only external secrets and those with a `name:` go by their own
    name. Interlock asks Swarm for the name in the label, and cannot give a proxy a secret that is not there.
    """
    for _, label in labels(stack, "ssl_cert", "ssl_key"):
        how, secret = fit(stack, label.value.strip(" "))
        if secret is None or how not in (Fit.KEY, Fit.PREFIX):
            continue
        name = secret.name or f"<stack>_{secret.key}"
        says = "is the key of the secret in this file"
        if how is Fit.PREFIX:
            says = f'has the prefix of another stack than "{stack.name}"'

        fixes = _fixes.written(label, name, stack.inferred_from is None) if secret.name else ()
        message = f'{label.key}: "{label.value}" {says}; Swarm calls it {name}'
        yield Hit(label.place, message, f"{label.key}: {name}", fixes=fixes)


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def tls_host_is_address(ingress: Ingress) -> Iterator[Hit]:
    """A host with TLS is an IP address.

    The proxy finds the certificate, or the service for passthrough, by the name that the client sends in SNI, and no
    client sends an IP address there (RFC 6066). HTTPS to the address is always closed. Give the service a host name.
    """
    for route in ingress.routes:
        if route.ssl_passthrough or (route.ssl_cert and route.ssl_key):
            for host in route.hosts:
                if _ADDRESS.fullmatch(host.name):
                    said = f"clients send no IP address in SNI, so HTTPS to {host.name} is always closed"
                    yield Hit(host.place, said, "a host name")


_ADDRESS = pattern(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
