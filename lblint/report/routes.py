"""Routes as rows: which request goes to which service, over which network, and what the proxy joins for it."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Finding, Severity
from lblint.interlock import Ingress
from lblint.interlock.clusters import joined_by_proxy
from lblint.interlock.networks import host_mode
from lblint.interlock.routes import Route
from lblint.lint import Result
from lblint.report.escape import printable
from lblint.report.escape import said as limited
from lblint.report.text import summary
from lblint.report.text_table import table

HEAD = ("host", "path", "tls", "service", "port", "over", "attached", "cluster")


def render_routes(ingress: Ingress, format_: str) -> str:
    """A table of all routes, sorted by host and path; `format_` as in `table`."""
    return table(HEAD, sorted(row for route in ingress.routes for row in rows(ingress, route)), format_)


def render_judged(ingress: Ingress, result: Result, color: bool = False) -> str:
    """The table for people, with what is broken in red, and below it why; `result` is what a check has found."""
    from lblint.report.diagram.model import Notes, numbered

    notes = Notes(numbered(result.findings))
    judged: list[tuple[tuple[str, ...], bool]] = []
    sentences: dict[str, None] = {}
    for route in ingress.routes:
        errors = [note.finding for note in notes.on_route(route) if note.error]
        judged += [(row, bool(errors)) for row in rows(ingress, route)]
        sentences |= dict.fromkeys(_why(route, finding) for finding in errors)
    judged.sort()
    head, *lines = table(HEAD, [row for row, _ in judged]).splitlines()
    shown = [paint(line, broken and color) for line, (_, broken) in zip(lines, judged, strict=True)]
    why = ["", *(paint(line, color) for line in sentences)] if sentences else []
    why += ["", summary(result)] if any(finding.severity is Severity.ERROR for finding in result.findings) else []
    return "".join(f"{line}\n" for line in (head, *shown, *why))


def paint(line: str, red: bool) -> str:
    """A line for a terminal, in red or as it is."""
    return f"\033[31m{line}\033[0m" if red else line


def _why(route: Route, finding: Finding) -> str:
    """What breaks a route, in a line: on a terminal no text of a file does anything."""
    where = f"{finding.file}:{finding.position.line}:{finding.position.column}"
    name = route.service.name or route.service.key
    return printable(f"✕ {name}: {limited(finding.message)} [{finding.rule}] {where}")


def rows(ingress: Ingress, route: Route) -> Iterator[tuple[str, ...]]:
    """One row for each host and path of a service.

    `host` is `*` for the default backend; `over` is the network that requests travel over, or `host` for a port that
    is published on the nodes; `attached` are the networks that the proxy joins for it.
    """
    networks = joined_by_proxy(ingress, route)
    over = "host" if host_mode(route) else " or ".join(networks) or "?"
    port = route.port.text if route.port is not None else "?"
    target = (route.service.name or route.service.key, port, over, ", ".join(networks) or "-", route.cluster or "-")
    for host in [host.name for host in route.hosts] + ["*"] * route.default_backend:
        for path in paths(route):
            yield (host, path, tls(route), *target)


def paths(route: Route) -> Iterator[str]:
    """The paths that the template makes a location of. Passthrough sees no path, a context root hides the endpoints."""
    root = route.context_root.text if route.context_root is not None else ""
    if route.ssl_passthrough:
        yield "/"
    elif root:
        yield root
    else:
        yield from dict.fromkeys(("/", *(endpoint.text for endpoint in route.websocket_endpoints)))


def tls(route: Route) -> str:
    """Who ends TLS: the `service` itself (passthrough), the `proxy` with a certificate, or nobody (`-`)."""
    if route.ssl_passthrough:
        return "service"
    return "proxy" if route.ssl_cert is not None and route.ssl_cert.text else "-"
