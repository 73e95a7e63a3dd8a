"""Rules on the label redirects, for one service and across all services behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import PREFIX, Ingress
from lblint.interlock.host_conflicts import where
from lblint.interlock.redirects import parse_url
from lblint.interlock.routes import Redirect, Route
from lblint.rules import _fixes, rule
from lblint.rules._labels import value_hits
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_redirect(stack: Stack) -> Iterator[Hit]:
    """The label redirects is not a list of source,target pairs of URLs.

    The label takes pairs `source,target`, separated by semicolons, and both are URLs with a scheme. The proxy answers
    with `return 302 <target>$request_uri;`. A target without a scheme is read as a path. A path or slash at the end of
    the target is doubled, because nginx appends the path of the request. A space, a quote or a `$` ends or changes the
    directive. Write pairs such as `http://old.example.org,https://new.example.org`.
    """
    yield from value_hits(stack, "redirects")


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def redirect_from_other_host(ingress: Ingress) -> Iterator[Hit]:
    """A redirect starts at a host that is not in com.docker.lb.hosts of the service.

    The proxy has servers only for the names in `com.docker.lb.hosts`, and the redirects are part of these servers.
    Requests for the source get the page of the default server. Add the host of the source to the list.
    """
    for route in ingress.routes:
        hosts = {host.name.lower() for host in route.hosts}
        label, redirects = route.label("hosts"), route.label("redirects")
        unset = bool(label and label.unset) or bool(redirects and redirects.unset)
        if label and isinstance(label.raw, list | dict):
            continue  # docker refuses it, which wrong-type reports
        for redirect in route.redirects:
            source = parse_url(redirect.source.text)
            if source and source.host not in hosts:
                listed = ",".join([*(host.name for host in route.hosts), source.host])
                yield Hit(
                    redirect.source.place,
                    f'the redirect starts at "{source.host}", which is not in {PREFIX}hosts',
                    advice := f"write {PREFIX}hosts: {listed}",
                    Severity.WARNING if unset else None,
                    fixes=_fixes.written(label, listed, safe=False, title=advice) if label else (),
                )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def redirect_without_tls(ingress: Ingress) -> Iterator[Hit]:
    """A redirect leads to https:// of a host that no service of this run serves over TLS.

    The proxy answers HTTPS only for hosts with a certificate or with TLS passthrough. Without one, requests that follow
    the redirect do not arrive. If a load balancer in front of the proxy ends TLS and sends plain HTTP, the redirect
    repeats forever. The host may be of the service itself or of another one in this run. A service with only one of
    `com.docker.lb.ssl_cert` and `com.docker.lb.ssl_key` is reported by `label-needs-another`.
    """
    served = {
        host.name.lower()
        for route in ingress.routes
        for host in route.hosts
        if route.ssl_passthrough or route.ssl_cert or route.ssl_key
    }
    hosts = {host.name.lower() for route in ingress.routes for host in route.hosts}
    for route in ingress.routes:
        for redirect in route.redirects:
            target = parse_url(redirect.target.text)
            if target and target.scheme == "https" and target.port in (None, 443) and target.host in hosts - served:
                yield Hit(
                    redirect.target.place,
                    f"the redirect leads to https://{target.host}, and no service here has TLS for that host",
                    f"add {PREFIX}ssl_cert and {PREFIX}ssl_key to the service of {target.host}, unless TLS ends in "
                    "front of the proxy",
                )


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def redirect_loop(ingress: Ingress) -> Iterator[Hit]:
    """Redirects of a service form a loop.

    Only the HTTP port redirects, so `http://a,https://a` forces HTTPS and ends there. `http://a,http://a` never ends,
    and neither does a chain over other hosts of the service back to the first one. Browsers stop with "too many
    redirects". Redirect to `https://`, or to a host that does not redirect.
    """
    for route in ingress.routes:
        steps = dict(_step(redirect) for redirect in reversed(route.redirects))
        for redirect in route.redirects:
            source, target = _step(redirect)
            if source and (way := _circle(source, steps)):
                place, alone = redirect.target.place, f"http://{target}" == redirect.target.text and source == target
                yield Hit(
                    place,
                    f"the redirect is a loop that leads back to its source ({' to '.join(way)})",
                    f"write https://{target}" if alone else "redirect to https:// or to a host that does not redirect",
                    fixes=_fixes.write(place, f"https://{target}", safe=False) if alone and place.chars else (),
                )


def _step(redirect: Redirect) -> tuple[str, str]:
    """The hosts of source and target on the HTTP port, "" for what is elsewhere."""
    urls = parse_url(redirect.source.text), parse_url(redirect.target.text)
    source, target = (
        url.host.rstrip(".") if url and url.scheme == "http" and url.port in (None, 80) else "" for url in urls
    )  # nginx removes the dot at the end of a host
    return source, target


def _circle(start: str, steps: Mapping[str, str]) -> list[str]:
    """The hosts from one back to itself; none if the redirects do not lead there."""
    way = [start]
    while (host := steps.get(way[-1])) and len(way) <= len(steps):
        way.append(host)
        if host == start:
            return way
    return []


Step = tuple[Route, Redirect]
_SHOWN = 5
"""So many hosts of a circle are named in a message."""


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, others=True)
def redirect_loop_across_services(ingress: Ingress) -> Iterator[Hit]:
    """Redirects of several services form a loop.

    If a service redirects a host to a second one, and another service redirects that one back, requests never arrive:
    browsers stop with "too many redirects". Only the HTTP port redirects, so a redirect to `https://` ends the chain.
    """
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
    says = f"the redirect forms a loop with that of {where(other, route)} ({names})"
    return Hit(redirect.target.place, says, "redirect to https:// or to a host that does not redirect")


def _steps(routes: list[Route]) -> Iterator[tuple[str, Step]]:
    """Redirects by the host that they answer for; the first route of a host counts, so it comes last here."""
    for route in reversed(routes):
        hosts = {host.name.lower() for host in route.hosts}
        for redirect in route.redirects:
            source = parse_url(redirect.source.text)
            if source and source.scheme == "http" and source.host.rstrip(".") in hosts:
                yield source.host.rstrip("."), (route, redirect)


def _target(redirect: Redirect) -> str | None:
    """The host on the HTTP port that a redirect leads to."""
    target = parse_url(redirect.target.text)
    return target.host.rstrip(".") if target and target.scheme == "http" and target.port in (None, 80) else None


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
