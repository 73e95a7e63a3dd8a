"""Several services claim one host name: the proxy spreads its requests over all of them.

With the same labels that is Interlock's canary deployment: the tasks of both services stand in one upstream, each with
an equal share (in vip mode each service). If two applications took the same name by accident, each gets a part of the
other's requests.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.route import Route
from lblint.interlock.shared import shared_hosts
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.INFO, needs=("ingress.routes",), others=True)
def check(ingress: Ingress) -> Iterator[Hit]:
    for shared in shared_hosts(ingress):
        if shared.differing() or _place(shared.route) != _place(shared.earlier):
            continue
        yield Hit(
            shared.host.place,
            f'host "{shared.host.name}" is claimed by {shared.earlier_name} too: requests are spread over both',
            "another host name, unless this is a canary of the same application",
        )


def _place(route: Route) -> tuple[str, bool, str]:
    """Path and port: where these differ, other rules have more to say."""
    root = route.context_root.text if route.context_root else "/"
    return root, route.context_root_rewrite and root != "/", route.port.text if route.port else ""
