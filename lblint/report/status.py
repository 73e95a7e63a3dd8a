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
from lblint.swarm.ingress_status import IngressStatus, Part
from lblint.swarm.inventory import Attached, Cluster, Inventory, Served
from lblint.swarm.model import Service

ROUTES = ("host", "path", "tls", "service", "tasks", "port", "over", "proxy", "cluster")
PROXIES = ("proxy", "tasks", "update", "config", "clusters", "networks", "orphaned")
MOST = 5
"""So many hosts are named that nobody asks for."""
CLUSTERS = ("cluster", "extension", "proxy", "ports", "mode", "routes")


def render_status(status: IngressStatus, result: Result, color: bool = False, width: int = 0) -> str:
    """Routes, proxies, service clusters and findings, as text."""
    inventory = status.inventory
    parts = [
        table(ROUTES, [tuple(row.values()) for row in _sorted_routes(inventory)])
        if inventory.routes
        else "no routes\n",
        table(PROXIES, [tuple(_proxy(proxy).values()) for proxy in inventory.proxies])
        if inventory.proxies
        else "no proxy\n",
        table(CLUSTERS, [tuple(_cluster(cluster).values()) for cluster in inventory.clusters])
        if inventory.clusters
        else "",
        *(_notes(inventory)),
        *findings(result, color, width),
        _summary(result) + "\n",
    ]
    return "\n".join(part for part in parts if part)


def _sorted_routes(inventory: Inventory) -> list[dict[str, str]]:
    rows = [row for served in inventory.routes for row in _route(served)]
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


def _proxy(proxy: Attached) -> dict[str, str]:
    service = proxy.proxy.service
    return {
        "proxy": service.name,
        "tasks": _tasks(service),
        "update": service.update or "-",
        "config": proxy.proxy.config or "-",
        "clusters": ", ".join(name or "(default)" for name in proxy.clusters) or "?",
        "networks": ", ".join(proxy.networks) or "-",
        "orphaned": ", ".join(proxy.orphaned) or "-",
    }


def _cluster(cluster: Cluster) -> dict[str, str]:
    return {
        "cluster": cluster.name or "(default)",
        "extension": cluster.extension or ("?" if cluster.known else "none: nothing serves it"),
        "proxy": cluster.proxy or "?",
        "ports": ", ".join(map(str, cluster.ports)) or "?",
        "mode": cluster.mode or "?",
        "routes": str(cluster.routes),
    }


def _tasks(service: Service) -> str:
    """Tasks that run, of those that are to run."""
    running = "?" if service.running is None else str(service.running)
    desired = service.desired if service.desired is not None else service.replicas
    return f"{running}/{'?' if desired is None else desired}"


def _notes(inventory: Inventory) -> Iterator[str]:
    for proxy in inventory.proxies:
        if proxy.unasked:
            more = f" and {len(proxy.unasked) - MOST} more" if len(proxy.unasked) > MOST else ""
            message = f"{', '.join(proxy.unasked[:MOST])}{more}, for which no service that can be seen asks"
            yield printable(f"{proxy.proxy.service.name} serves {message}") + "\n"
        if proxy.orphaned:
            names = ", ".join(proxy.orphaned)
            yield (
                printable(f"{proxy.proxy.service.name} is attached to {names}, where no service is that it serves")
                + "\n"
            )


def _summary(result: Result) -> str:
    severities = [finding.severity for finding in result.findings]
    names = (("error", Severity.ERROR), ("warning", Severity.WARNING), ("info", Severity.INFO))
    counts = ((severities.count(severity), name) for name, severity in names)
    return ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for n, name in counts if n) or "no findings"


def render_status_json(status: IngressStatus, result: Result, refused: Mapping[str, str]) -> str:
    """One object; `refused` has a sentence for each list that was not told. Pure ASCII."""
    import json

    inventory = status.inventory
    routes = [row for served in inventory.routes for row in _route_json(served)]
    document = {
        "schema": 1,
        "routes": sorted(routes, key=lambda row: (row["host"], row["path"], row["service"])),
        "proxies": [_proxy_json(proxy) for proxy in inventory.proxies],
        "clusters": [_cluster_json(cluster) for cluster in inventory.clusters],
        "interlock": [_part_json(part) for part in status.parts() if part.kind != "proxy"],
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


def _proxy_json(proxy: Attached) -> dict[str, Any]:
    service = proxy.proxy.service
    return {
        "proxy": service.name,
        "tasks": _tasks_json(service),
        "config": proxy.proxy.config or None,
        "update": service.update or None,
        "update_message": service.update_message,
        "clusters": list(proxy.clusters),
        "networks": list(proxy.networks),
        "orphaned": list(proxy.orphaned),
        "unasked": list(proxy.unasked),
    }


def _cluster_json(cluster: Cluster) -> dict[str, Any]:
    return {
        "cluster": cluster.name,
        "known": cluster.known,
        "extension": cluster.extension or None,
        "proxy": cluster.proxy or None,
        "ports": list(cluster.ports),
        "mode": cluster.mode or None,
        "routes": cluster.routes,
    }


def _part_json(part: Part) -> dict[str, Any]:
    """The core or an extension."""
    service = part.service
    return {
        "kind": part.kind,
        "service": part.name,
        "tasks": _tasks_json(service) if service is not None else {"running": 0, "wanted": part.replicas},
        "update": (service.update or None) if service is not None else None,
        "clusters": list(part.clusters),
    }


def _tasks_json(service: Service) -> dict[str, int | None]:
    return {
        "running": service.running,
        "wanted": service.desired if service.desired is not None else service.replicas,
    }
