"""The ingress that runs, for programs: schema 1, as docs/json.md and schemas/status.schema.json describe it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.interlock.networks import attached, host_mode
from lblint.lint import Result
from lblint.report.json import as_dict
from lblint.report.routes import paths, tls
from lblint.swarm.inventory import Attached, Cluster, Inventory, Served
from lblint.swarm.model import Service


def render_status_json(found: Inventory, result: Result, refused: Mapping[str, str]) -> str:
    """One object; `refused` has a sentence for each list that was not told. Pure ASCII."""
    import json

    routes = [row for served in found.routes for row in _route(served)]
    document = {
        "schema": 1,
        "routes": sorted(routes, key=lambda row: (row["host"], row["path"], row["service"])),
        "proxies": [_proxy(one) for one in found.proxies],
        "clusters": [_cluster(one) for one in found.clusters],
        "findings": [as_dict(finding) for finding in result.findings],
        "unchecked": [{"list": name, "reason": sentence} for name, sentence in sorted(refused.items())],
    }
    return json.dumps(document, indent=2) + "\n"


def _route(served: Served) -> Iterator[dict[str, Any]]:
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
                "tasks": _tasks(served.service),
                "port": route.port.text if route.port is not None else None,
                "networks": [network.shown for network in attached(route)],
                "host_mode": host_mode(route),
                "proxy": served.proxy.service.name if served.proxy else None,
                "cluster": route.cluster,
            }


def _proxy(one: Attached) -> dict[str, Any]:
    service = one.proxy.service
    return {
        "proxy": service.name,
        "tasks": _tasks(service),
        "config": one.proxy.config or None,
        "update": service.update or None,
        "update_message": service.update_message,
        "clusters": list(one.clusters),
        "networks": list(one.networks),
        "orphaned": list(one.orphaned),
        "unasked": list(one.unasked),
    }


def _cluster(one: Cluster) -> dict[str, Any]:
    return {
        "cluster": one.name,
        "known": one.known,
        "extension": one.extension or None,
        "proxy": one.proxy or None,
        "ports": list(one.ports),
        "mode": one.mode or None,
        "routes": one.routes,
    }


def _tasks(service: Service) -> dict[str, int | None]:
    return {
        "running": service.running,
        "wanted": service.desired if service.desired is not None else service.replicas,
    }
