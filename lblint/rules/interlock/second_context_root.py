"""One host name has two context roots, and the proxy serves only one of them.

Interlock takes one path for each host and service cluster: the template uses the context root of the first service that
claims the host, and sends the requests of both services' paths there. Paths cannot be used to lay several applications
under one name; give each a host name of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.route import Route
from lblint.interlock.shared import shared_hosts
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=("ingress.routes",), others=True)
def check(ingress: Ingress) -> Iterator[Hit]:
    said = set()
    for shared in shared_hosts(ingress):
        key = (shared.route.service.place, shared.earlier.service.place)
        if key in said or _root(shared.route) == _root(shared.earlier):
            continue
        said.add(key)
        option = "context_root" if _root(shared.route)[0] != _root(shared.earlier)[0] else "context_root_rewrite"
        yield Hit(
            shared.place(option),
            f'host "{shared.host.name}" is claimed by {shared.earlier_name} {_shown(shared.earlier)} and here '
            f"{_shown(shared.route)}: a host has one context root, so one of them is never served",
            "a host name of its own for each path",
            severity=Severity.WARNING if shared.alternative else None,
        )


def _root(route: Route) -> tuple[str, bool]:
    """The path, `/` for none; and whether it is taken off."""
    path = route.context_root.text if route.context_root else "/"
    return path, route.context_root_rewrite and path != "/"


def _shown(route: Route) -> str:
    path, rewrite = _root(route)
    return f'at "{path}"' + (" with rewrite" if rewrite else "")
