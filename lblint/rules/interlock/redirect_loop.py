"""Redirects of a service lead back to where they started.

Only the HTTP port redirects: `http://a,https://a` is the way to force HTTPS, and ends there. `http://a,http://a`, or a
way over other hosts of the service back to the first, never ends; the browser gives up with "too many redirects".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.redirects import parse_url
from lblint.interlock.route import Redirect
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=("com.docker.lb.redirects",))
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        steps = dict(_step(redirect) for redirect in reversed(route.redirects))
        for redirect in route.redirects:
            source, target = _step(redirect)
            if source and (way := _circle(source, steps)):
                from lblint.rules._mend import write

                place, alone = redirect.target.place, f"http://{target}" == redirect.target.text and source == target
                yield Hit(
                    place,
                    f"the redirect leads back to its source: {' to '.join(way)}",
                    f"https://{target}, or a host that does not redirect",
                    fixes=write(place, f"https://{target}", safe=False) if alone and place.chars else (),
                )


def _step(redirect: Redirect) -> tuple[str, str]:
    """The hosts of source and target on the HTTP port, "" for what is elsewhere."""
    urls = parse_url(redirect.source.text), parse_url(redirect.target.text)
    source, target = (url.host if url and url.scheme == "http" and url.port in (None, 80) else "" for url in urls)
    return source, target


def _circle(start: str, steps: Mapping[str, str]) -> list[str]:
    """The hosts from one back to itself; none if the redirects do not lead there."""
    way = [start]
    while (host := steps.get(way[-1])) and len(way) <= len(steps):
        way.append(host)
        if host == start:
            return way
    return []
