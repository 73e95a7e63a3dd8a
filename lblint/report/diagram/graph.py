"""An ingress as it is drawn: hosts -> proxy -> network -> service, with the findings on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lblint.finding import Finding, Severity
from lblint.records import NamedTuple


class Note(NamedTuple):
    """A finding with the number that a picture gives it, from 1."""

    number: int
    finding: Finding

    @property
    def error(self) -> bool:
        """Whether it says that something will break."""
        return self.finding.severity is Severity.ERROR


class Address(NamedTuple):
    """A host (`*` for the default backend) with the paths that lead to one service, and what is redirected from it:
    pairs of URLs."""

    host: str
    paths: tuple[str, ...]
    redirects: tuple[tuple[str, str], ...]

    @property
    def shown(self) -> str:
        """The host with its path, where it has only one and that is not the whole host."""
        return self.host + self.paths[0] if len(self.paths) == 1 and self.paths[0] != "/" else self.host

    @property
    def redirected(self) -> tuple[str, ...]:
        """The redirects in words, in short where they only add TLS."""
        return tuple(
            "http → https" if target == f"https{source.removeprefix('http')}" else f"{source} → {target}"
            for source, target in self.redirects
        )


class Backend(NamedTuple):
    """A service with a route. `number` counts from 1; `where` is `file:line` of its hosts, below the folder of all;
    `stack` is "?" while its name is not known; `tls` is who ends TLS (`proxy`, `service`, `-`) and `secret` the
    certificate; `mode` is `task` or `vip`; `options` are the labels that change how requests are handed on, in words.
    """

    number: int
    service: str
    stack: str
    where: str
    port: str
    replicas: str
    mode: str
    tls: str
    secret: str
    options: tuple[str, ...]
    addresses: tuple[Address, ...]
    notes: tuple[Note, ...]

    @property
    def errors(self) -> tuple[Note, ...]:
        """What breaks it."""
        return tuple(note for note in self.notes if note.error)


class Way(NamedTuple):
    """How the proxy reaches some services: over one of these networks, or by a port that is published on the nodes
    (host mode), whatever networks it is attached to besides."""

    nodes: bool
    networks: tuple[str, ...]
    backends: tuple[Backend, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """What it is, in one or more short lines."""
        if not self.nodes:
            return tuple(f"{'or ' if at else ''}{name}" for at, name in enumerate(self.networks)) or ("no network",)
        return ("ports of the nodes", *(f"(joins {name}, too)" for name in self.networks))

    @property
    def what(self) -> str:
        """What the lines name, where it is not one network."""
        return "host mode" if self.nodes else "one of these:" if len(self.networks) > 1 else ""


class Proxy(NamedTuple):
    """The proxy of a service cluster ("" is the default one). `name` is that of its service, "" where it is not known;
    `facts` are its ports and the like; `notes` are the errors that hit all of it."""

    cluster: str
    name: str
    facts: tuple[str, ...]
    ways: tuple[Way, ...]
    notes: tuple[Note, ...]

    @property
    def shown(self) -> str:
        """What it is called."""
        return self.name or (f"proxy of {self.cluster}" if self.cluster else "proxy")

    @property
    def backends(self) -> Iterator[Backend]:
        """All services behind it."""
        for way in self.ways:
            yield from way.backends

    @property
    def hosts(self) -> set[str]:
        """The hosts that it serves, beside those that it has never heard of."""
        return {address.host.lower() for backend in self.backends for address in backend.addresses} - {"*"}


class Picture(NamedTuple):
    """All proxies of an ingress, and all findings: errors first."""

    proxies: tuple[Proxy, ...]
    notes: tuple[Note, ...]
    stacks: int

    @property
    def backends(self) -> Iterator[Backend]:
        """All services with a route."""
        for proxy in self.proxies:
            yield from proxy.backends

    @property
    def summary(self) -> str:
        """How much there is, and how much of it is broken."""
        backends = list(self.backends)
        hosts = len({(proxy.cluster, host) for proxy in self.proxies for host in proxy.hosts})
        counted = ", ".join((count(hosts, "host"), count(len(backends), "service"), count(self.stacks, "stack")))
        broken = sum(bool(backend.errors) for backend in backends)
        if broken:
            return f"{counted}; {count(broken, 'service')} broken"
        errors = sum(note.error for note in self.notes)
        return f"{counted}; " + (f"{count(errors, 'error')} outside of them" if errors else "no route is broken")


def numbered(findings: Iterable[Finding]) -> tuple[Note, ...]:
    """The findings as notes: errors first, in the order of the files."""
    ordered = sorted(findings, key=lambda finding: -finding.severity)
    return tuple(Note(number, finding) for number, finding in enumerate(ordered, 1))


def count(number: int, noun: str) -> str:
    """`1 host`, `2 hosts`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
