"""Rules on the secrets that the labels ssl_cert and ssl_key name."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.label_words import check_secret
from lblint.lazy_re import pattern
from lblint.rules import _fixes, rule
from lblint.rules._labels import labels, on, value_hits
from lblint.rules._tls import Fit, Secrets, names
from lblint.rules._wording import FEW
from lblint.spelling import nearest
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_tls_secret(stack: Stack) -> Iterator[Hit]:
    """The label ssl_cert or ssl_key is not a valid name of a secret.

    Both labels name Swarm secrets, which Interlock mounts into the proxy under `/run/secrets`. A name of a secret has
    no slashes, quotes or spaces. nginx does not start if the file does not exist. Write the name that `docker secret
    ls` shows; for a secret of the stack it begins with the name of the stack.
    """
    empty = {
        label.place.path
        for service, label in labels(stack, "ssl_cert", "ssl_key")
        if not label.value.strip() and (on(service, "ssl_cert") or on(service, "ssl_key"))
    }  # label-needs-another reports these
    yield from (hit for hit in value_hits(stack, "ssl_cert", "ssl_key") if hit.place.path not in empty)


_NO_SECRET = "without the secret the proxy may not be updated, and the route may not be served"


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE, consequence=_NO_SECRET, others=True)
def tls_secret_not_declared(stack: Stack) -> Iterator[Hit]:
    """The label ssl_cert or ssl_key names a secret that the stack does not declare.

    That is right for a secret that is created outside of the stack and outlives it. It must exist before the deploy,
    because Interlock cannot mount a secret that does not exist. A name that is close to that of a declared secret is
    reported as a slip.
    """
    secrets = Secrets(stack)
    for service, label in labels(stack, "ssl_cert", "ssl_key"):
        value = label.value.strip(" ")
        if label.unset or secrets.fit(value)[0] is not Fit.NONE or any(check_secret(value)):
            continue
        meant = nearest(value, islice(names(stack), FEW))
        if meant:
            says = f'{label.key}: "{value}" is not a secret of this stack'
            yield Hit(label.place, says, f"write {meant}", fixes=_fixes.written(label, meant, safe=False))
        elif on(service, "ssl_cert") and on(service, "ssl_key"):  # else label-needs-another reports it
            says = f'{label.key}: the secret "{value}" is not declared in this file, so it must already exist'
            yield Hit(label.place, says, "", Severity.INFO, Breaks.NOTHING)


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE, consequence=_NO_SECRET, others=True)
def tls_secret_without_prefix(stack: Stack) -> Iterator[Hit]:
    """The label ssl_cert or ssl_key has the key of a secret in the file instead of its name in Swarm.

    Docker names a secret of a stack `<stack>_<key>`. Only external secrets and those with `name:` keep their own name.
    Interlock looks the label's value up in Swarm, and cannot mount a secret that does not exist. Write the name that
    `docker secret ls` shows after a deploy.
    """
    secrets = Secrets(stack)
    for _, label in labels(stack, "ssl_cert", "ssl_key"):
        how, secret = secrets.fit(label.value.strip(" "))
        if secret is None or how not in (Fit.KEY, Fit.PREFIX):
            continue
        name = secret.name or f"<stack>_{secret.key}"
        says = f"is the key of the secret in this file; its name in Swarm is {name}"
        if how is Fit.PREFIX:
            says = f"has the prefix of another stack; in the stack {stack.name} the secret is {name}"
        fixes = _fixes.written(label, name, stack.inferred_from is None) if secret.name else ()
        yield Hit(label.place, f'{label.key}: "{label.value}" {says}', f"write {name}", fixes=fixes)


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def tls_host_is_address(ingress: Ingress) -> Iterator[Hit]:
    """A host with TLS is an IP address.

    The proxy chooses the certificate, or the service for passthrough, by the name that the client sends in the TLS
    handshake (SNI). Clients do not send IP addresses there (RFC 6066), so the proxy closes HTTPS connections to the
    address. Give the service a host name.
    """
    for route in ingress.routes:
        if route.ssl_passthrough or (route.ssl_cert and route.ssl_key):
            for host in route.hosts:
                if _ADDRESS.fullmatch(host.name):
                    says = f"{host.name} is an IP address, and HTTPS does not work because clients send no IP in SNI"
                    yield Hit(host.place, says, "write a host name")


_ADDRESS = pattern(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
