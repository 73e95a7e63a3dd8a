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


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def check(ingress: Ingress) -> Iterator[Hit]:
    for cluster in {route.cluster for route in ingress.routes}:
        steps = dict(_steps([route for route in ingress.routes if route.cluster == cluster]))
        for host, (route, redirect) in steps.items():
            chain = _circle(host, steps)
            if len({step[0].service.place for step in chain}) > 1:
                other = next(step[0] for step in chain if step[0] is not route)
                names = " to ".join([host, *(_target(step[1]) or "" for step in chain)])
                yield Hit(
                    redirect.target.place,
                    f"the redirect goes in a circle with that of {where(other, route)}: {names}",
                    "redirect to a host that is served",
                )


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


def _circle(start: str, steps: dict[str, Step]) -> list[Step]:
    """The redirects from a host back to itself; nothing if they do not lead there."""
    chain: list[Step] = []
    host: str | None = start
    while host is not None and host in steps and len(chain) <= len(steps):
        chain.append(steps[host])
        host = _target(steps[host][1])
        if host == start:
            return chain
    return []
