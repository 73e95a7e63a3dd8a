"""In which order services are drawn: as their hosts are sorted, and those that share a host stand together."""

from __future__ import annotations

from collections.abc import Iterable

from lblint.report.diagram.graph import Backend


def beside(backends: Iterable[Backend]) -> list[Backend]:
    """The services in the order of their hosts, the default backend last; each has at least one host."""
    found = list(backends)
    parent: dict[str, str] = {}

    def root(host: str) -> str:
        """The host that stands for all that are connected with this one by services."""
        while parent.setdefault(host, host) != host:
            parent[host] = parent[parent[host]]
            host = parent[host]
        return host

    for backend in found:
        for address in backend.addresses:
            parent[root(address.host)] = root(backend.addresses[0].host)
    first: dict[str, tuple[bool, str]] = {}
    for host in list(parent):
        own = (host == "*", host)
        first[root(host)] = min(first.get(root(host), own), own)
    return sorted(found, key=lambda backend: (first[root(backend.addresses[0].host)], _rank(backend)))


def _rank(backend: Backend) -> tuple[list[tuple[str, tuple[str, ...]]], str, str]:
    """The order of services that share hosts."""
    return sorted((address.host, address.paths) for address in backend.addresses), backend.service, backend.stack
