"""The ingress that runs, for people and for programs (schema 1: docs/json.md, schemas/status.schema.json)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.finding import Severity
from lblint.interlock.networks import attached, host_mode
from lblint.lint import Result
from lblint.report.escape import printable
from lblint.report.json import as_dict
from lblint.report.routes import paths, tls
from lblint.report.text import findings
from lblint.report.text_table import table
from lblint.swarm.inventory import Attached, Cluster, Inventory, Served
from lblint.swarm.model import Service

ROUTES = ("host", "path", "tls", "service", "tasks", "port", "over", "proxy", "cluster")
PROXIES = ("proxy", "tasks", "update", "config", "clusters", "networks", "orphaned")
MOST = 5
"""So many hosts are named that nobody asks for."""
CLUSTERS = ("cluster", "extension", "proxy", "ports", "mode", "routes")


def render_status(found: Inventory, result: Result, color: bool = False, width: int = 0) -> str:
    """Routes, proxies, service clusters and findings, as text."""
    parts = [
        table(ROUTES, [tuple(row.values()) for row in _sorted_routes(found)]) if found.routes else "no routes\n",
        table(PROXIES, [tuple(_proxy(one).values()) for one in found.proxies]) if found.proxies else "no proxy\n",
        table(CLUSTERS, [tuple(_cluster(one).values()) for one in found.clusters]) if found.clusters else "",
        *(_notes(found)),
        *findings(result, color, width),
        _summary(result) + "\n",
    ]
    return "\n".join(part for part in parts if part)


def _sorted_routes(found: Inventory) -> list[dict[str, str]]:
    rows = [row for served in found.routes for row in _route(served)]
    return sorted(rows, key=lambda row: (row["host"], row["path"], row["service"]))


def _route(served: Served) -> Iterator[dict[str, str]]:
    route = served.route
    networks = [network.shown for network in attached(route)]
    for host in [host.name for host in route.hosts] + ["*"] * route.default_backend:
        for path in paths(route):
            yield {
                "host": host,
                "path": path,
                "tls": tls(route),
                "service": served.service.name,
                "tasks": _tasks(served.service),
                "port": route.port.text if route.port is not None else "?",
                "over": "host" if host_mode(route) else " or ".join(networks) or "?",
                "proxy": served.proxy.service.name if served.proxy else "?",
                "cluster": route.cluster or "-",
            }


def _proxy(one: Attached) -> dict[str, str]:
    service = one.proxy.service
    return {
        "proxy": service.name,
        "tasks": _tasks(service),
        "update": service.update or "-",
        "config": one.proxy.config or "-",
        "clusters": ", ".join(name or "(default)" for name in one.clusters) or "?",
        "networks": ", ".join(one.networks) or "-",
        "orphaned": ", ".join(one.orphaned) or "-",
    }


def _cluster(one: Cluster) -> dict[str, str]:
    return {
        "cluster": one.name or "(default)",
        "extension": one.extension or ("?" if one.known else "none: nothing serves it"),
        "proxy": one.proxy or "?",
        "ports": ", ".join(map(str, one.ports)) or "?",
        "mode": one.mode or "?",
        "routes": str(one.routes),
    }


def _tasks(service: Service) -> str:
    """Tasks that run, of those that are to run."""
    running = "?" if service.running is None else str(service.running)
    desired = service.desired if service.desired is not None else service.replicas
    return f"{running}/{'?' if desired is None else desired}"


def _notes(found: Inventory) -> Iterator[str]:
    for one in found.proxies:
        if one.proxy.service.update.startswith(("rollback", "paused")):
            said = one.proxy.service.update_message
            yield printable(
                f"{one.proxy.service.name} did not take its last config: {one.proxy.service.update}"
                + (f" ({said})" if said else "")
            ) + "\n"  # fmt: skip
        if one.unasked:
            more = f" and {len(one.unasked) - MOST} more" if len(one.unasked) > MOST else ""
            said = f"{', '.join(one.unasked[:MOST])}{more}, for which no service that can be seen asks"
            yield printable(f"{one.proxy.service.name} serves {said}") + "\n"
        if one.orphaned:
            names = ", ".join(one.orphaned)
            yield (
                printable(f"{one.proxy.service.name} is attached to {names}, where no service is that it serves") + "\n"
            )


def _summary(result: Result) -> str:
    severities = [finding.severity for finding in result.findings]
    names = (("error", Severity.ERROR), ("warning", Severity.WARNING), ("info", Severity.INFO))
    counts = ((severities.count(severity), name) for name, severity in names)
    return ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for n, name in counts if n) or "no findings"


def render_status_json(found: Inventory, result: Result, refused: Mapping[str, str]) -> str:
    """One object; `refused` has a sentence for each list that was not told. Pure ASCII."""
    import json

    routes = [row for served in found.routes for row in _route_json(served)]
    document = {
        "schema": 1,
        "routes": sorted(routes, key=lambda row: (row["host"], row["path"], row["service"])),
        "proxies": [_proxy_json(one) for one in found.proxies],
        "clusters": [_cluster_json(one) for one in found.clusters],
        "findings": [as_dict(finding) for finding in result.findings],
        "unchecked": [{"list": name, "reason": sentence} for name, sentence in sorted(refused.items())],
    }
    return json.dumps(document, indent=2) + "\n"


def _route_json(served: Served) -> Iterator[dict[str, Any]]:
    """A row for each host and path of a service."""
    route = served.route
    ends = tls(route)
    for host in [host.name for host in route.hosts] + ["*"] * route.default_backend:
        for path in paths(route):
            yield {
                "host": host,
                "path": path,
                "tls": None if ends == "-" else ends,
                "service": served.service.name,
                "stack": served.service.stack or None,
                "tasks": _tasks_json(served.service),
                "port": route.port.text if route.port is not None else None,
                "networks": [network.shown for network in attached(route)],
                "host_mode": host_mode(route),
                "proxy": served.proxy.service.name if served.proxy else None,
                "cluster": route.cluster,
            }


def _proxy_json(one: Attached) -> dict[str, Any]:
    service = one.proxy.service
    return {
        "proxy": service.name,
        "tasks": _tasks_json(service),
        "config": one.proxy.config or None,
        "update": service.update or None,
        "update_message": service.update_message,
        "clusters": list(one.clusters),
        "networks": list(one.networks),
        "orphaned": list(one.orphaned),
        "unasked": list(one.unasked),
    }


def _cluster_json(one: Cluster) -> dict[str, Any]:
    return {
        "cluster": one.name,
        "known": one.known,
        "extension": one.extension or None,
        "proxy": one.proxy or None,
        "ports": list(one.ports),
        "mode": one.mode or None,
        "routes": one.routes,
    }


def _tasks_json(service: Service) -> dict[str, int | None]:
    return {
        "running": service.running,
        "wanted": service.desired if service.desired is not None else service.replicas,
    }
