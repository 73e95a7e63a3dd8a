"""A label stood in the first documentation and does nothing, or harm.

`ssl_only` was never read: write redirects from `http://` to `https://` of the same host. `ssl_backend` and
`ssl_backend_tls_verify` left the documentation in 2019; the published template renders `proxy_pass https://` for the
former, without target and semicolon, which nginx refuses. Use `ssl_passthrough` for a service that speaks TLS itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Severity
from lblint.interlock import LABELS, PREFIX
from lblint.interlock.hosts import parse_hosts
from lblint.interlock.words import is_true
from lblint.rules import rule
from lblint.rules._labels import labels
from lblint.stack import Label, Service, Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def check(stack: Stack) -> Iterator[Hit]:
    for name, spec in LABELS.items():
        for service, label in labels(stack, name) if spec.dead else ():
            harmful = name == "ssl_backend" and is_true(label.value)
            yield Hit(
                label.key_place,
                f"{label.key} {spec.dead}",
                _instead(name, service),
                None if harmful else Severity.WARNING,
                None if harmful else Breaks.ROUTE,
                _fix(name, service, label),
            )


def _instead(name: str, service: Service) -> str:
    hosts = service.label(PREFIX + "hosts")
    if name == "ssl_only" and hosts is not None:
        names = [host.text for host in parse_hosts(hosts.value)]
        return f"{PREFIX}redirects: " + ";".join(f"http://{name},https://{name}" for name in names)
    return f'{PREFIX}ssl_passthrough: "true" for a service that speaks TLS itself, or no label'


def _fix(name: str, service: Service, label: Label) -> tuple[Fix, ...]:
    """Redirects for ssl_only; what is off taken away."""
    from lblint.rules._mend import remove

    hosts = service.label(PREFIX + "hosts")
    if not is_true(label.value):
        return remove(label.place, "it") if "$" not in label.written else ()
    if name != "ssl_only" or hosts is None or "$" in hosts.written or service.label(PREFIX + "redirects") is not None:
        return ()
    pairs = ";".join(f"http://{host.text},https://{host.text}" for host in parse_hosts(hosts.value))
    key = PREFIX + "redirects"
    place = label.place._replace(chars=None)
    edits: tuple[Edit, ...] = (Edit("write", label.key_place, key), Edit("write", place, pairs))
    if label.place.chars is not None:
        edits = (Edit("write", place, f"{key}={pairs}"),)
    return (Fix(f"write {key}: {pairs}", edits, False),)
