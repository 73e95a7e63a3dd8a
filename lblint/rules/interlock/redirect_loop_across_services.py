"""Redirects of several services lead in a circle.

Each service may redirect its hosts; if one sends a host to a second, and another service sends that back, no request
ever arrives: the browser gives up with "too many redirects". Only the HTTP port redirects, so a redirect to `https://`
ends the chain.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.redirects import parse_url
from lblint.interlock.route import Redirect, Route
from lblint.interlock.shared import where
from lblint.rules import rule

Step = tuple[Route, Redirect]
_SHOWN = 5
"""So many hosts of a circle are named in a message."""


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=("com.docker.lb.redirects",), others=True)
def check(ingress: Ingress) -> Iterator[Hit]:
    for cluster in {route.cluster for route in ingress.routes}:
        steps = dict(_steps([route for route in ingress.routes if route.cluster == cluster]))
        for circle in _circles(steps):
            if len({steps[name][0].service.place for name in circle}) > 1:
                for at in range(len(circle)):
                    yield _hit(circle, at, steps)


def _hit(circle: list[str], at: int, steps: dict[str, Step]) -> Hit:
    """A hit for one host of a circle."""
    route, redirect = steps[circle[at]]
    around = [circle[(at + step) % len(circle)] for step in range(min(len(circle), _SHOWN))]
    names = " to ".join([*around, *(["…"] if len(around) < len(circle) else []), circle[at]])
    onward = (steps[circle[(at + step) % len(circle)]][0] for step in range(len(circle)))
    other = next(step for step in onward if step is not route)
    says = f"the redirect goes in a circle with that of {where(other, route)}: {names}"
    return Hit(redirect.target.place, says, "redirect to a host that is served")


def _steps(routes: list[Route]) -> Iterator[tuple[str, Step]]:
    """Redirects by the host that they answer for; the first route of a host counts, so it comes last here."""
    for route in reversed(routes):
        hosts = {host.name.lower() for host in route.hosts}
        for redirect in route.redirects:
            source = parse_url(redirect.source.text)
            if source and source.scheme == "http" and source.host in hosts:
                yield source.host, (route, redirect)


def _target(redirect: Redirect) -> str | None:
    """The host on the HTTP port that a redirect leads to."""
    target = parse_url(redirect.target.text)
    return target.host if target and target.scheme == "http" and target.port in (None, 80) else None


def _circles(steps: dict[str, Step]) -> Iterator[list[str]]:
    """The hosts whose redirects lead back to themselves, circle by circle. A host leads to one other at most, so each
    is walked once."""
    walked: set[str] = set()
    for start in steps:
        path: dict[str, None] = {}
        host: str | None = start
        while host is not None and host in steps and host not in walked:
            walked.add(host)
            path[host] = None
            host = _target(steps[host][1])
        if host is not None and host in path:
            hosts = list(path)
            yield hosts[hosts.index(host) :]
