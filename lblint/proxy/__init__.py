"""Routes to the trial nginx.conf that the proxy would run, read back and compared with what was meant.

The trial never raises on input: what is wrong goes into its faults, each at the label that brought it. Their
kinds: faults.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lblint.finding import Fault, Place, RunningService
from lblint.interlock.routes import Ingress, Route
from lblint.proxy import readback, sites, start_refusals, template
from lblint.proxy.directive import Directive, Line
from lblint.proxy.directive import lines as text_of
from lblint.proxy.faults import (
    BrokenWord,
    DuplicateLocation,
    DuplicateName,
    DuplicateUpstream,
    Ignored,
    LongWord,
    Possible,
    SecondDefaultServer,
    UndecidedSize,
)
from lblint.proxy.settings import DEFAULT, Settings, as_it_runs, configured
from lblint.records import NamedTuple

if TYPE_CHECKING:
    from lblint.interlock.config import Extension

__all__ = ["DEFAULT", "Line", "Settings", "Trial", "trial", "trials"]


LARGEST = 500_000
"""Lines of the largest config that is tried: some 25,000 hosts."""

FEWEST_LINES = 125
"""A config of fewer lines is not large: nginx reads no word of more than 4095 bytes."""

SMALL = 200 * 1024
"""Bytes of a running config that is not large."""


Tree = tuple[Directive, ...]


class Trial(NamedTuple):
    """The nginx.conf of one proxy, or of several one after the other, and what is wrong with it. `trees` are what it
    is written from, each under a heading; most checks want no text of it."""

    ingress: Ingress
    trees: tuple[tuple[str, Tree], ...]
    faults: tuple[Fault, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its lines, each with the label that it came from."""
        result: list[Line] = []
        for heading, tree in self.trees:
            result.extend([Line(heading, None)] if heading else ())
            result.extend(text_of(tree))
        return tuple(result)

    @property
    def text(self) -> str:
        """Its text."""
        return "".join(line.text + "\n" for line in self.lines)


def trials(
    ingress: Ingress, settings: Settings | None = None, before: readback.ReadBack | None = None
) -> Iterator[Trial]:
    """One trial for each service cluster among the routes, by name: each has a proxy of its own.

    `settings` hold for all of them; None are those of Interlock's config, or else the defaults. A cluster that the
    config does not have is served by nobody, and one of HAProxy is not tried. What was read back `before` is not read
    again.
    """
    clusters = sorted({route.cluster for route in ingress.routes}) or [""]
    for cluster in clusters:
        extension = ingress.config.extension(cluster) if ingress.config else None
        if ingress.config and (extension is None or extension.haproxy):
            continue
        routes = tuple(route for route in ingress.routes if route.cluster == cluster)
        tree, faults = _trial(routes, settings or _settings(ingress, cluster, extension), ingress, before)
        yield Trial(ingress._replace(routes=routes), (("", tree),), faults)


def _settings(ingress: Ingress, cluster: str, extension: Extension | None) -> Settings:
    """What the proxy of a service cluster is set to, as far as Interlock's config and what runs tell."""
    running = (proxy for proxy in ingress.running if proxy.concerns(cluster))
    return as_it_runs(configured(extension, ingress.version), running, extension)


def trial(ingress: Ingress, settings: Settings | None = None, before: readback.ReadBack | None = None) -> Trial:
    """All trials in one: several service clusters stand one after the other, each under a comment with its name."""
    parts = list(trials(ingress, settings, before))
    if len(parts) == 1:
        return parts[0]
    trees = tuple(
        (f"# service cluster {part.ingress.routes[0].cluster!a}", tree) for part in parts for _, tree in part.trees
    )
    return Trial(ingress, trees, tuple(fault for part in parts for fault in part.faults))


def _trial(
    routes: Sequence[Route], settings: Settings, ingress: Ingress, before: readback.ReadBack | None
) -> tuple[Tree, tuple[Fault, ...]]:
    hosts = sites.sites(routes, settings)
    size = sum(map(sites.lines, hosts))
    if size > LARGEST:
        most = max(hosts, key=sites.lines)
        return (), (UndecidedSize(place=most.place, hosts=len(hosts)),)
    tree = template.tree(hosts, settings)
    faults = list(map(_in_file, readback.faults(tree, size, before)))
    places = {fault.place for fault in faults if isinstance(fault, BrokenWord | LongWord)}
    faults += [fault for fault in map(_in_file, start_refusals.faults(tree, settings)) if fault.place not in places]
    stopped = {fault.place for fault in faults if not isinstance(fault, Ignored | Possible)}
    running = [proxy for proxy in ingress.running if proxy.concerns(routes[0].cluster)] if routes else []
    if size + sum(route.targets for route in routes) >= FEWEST_LINES or any(proxy.size > SMALL for proxy in running):
        from lblint.proxy import capacity

        large = capacity.faults(tree, routes, running, ingress.version)
        faults.extend(fault for fault in large if fault.place not in stopped)
    once: dict[tuple[type[Fault], Place], Fault] = {}
    for fault in faults:
        if fault.place not in stopped or not isinstance(fault, Ignored):
            once.setdefault((type(fault), fault.place), fault)
    return tree, tuple(once.values())


def _in_file(fault: Fault) -> Fault:
    """Of two places that exclude each other, the fault lies at that in a file where the other is a running service's:
    nginx refuses the later one, but it is the file that changes."""
    if isinstance(fault, DuplicateLocation | DuplicateName | DuplicateUpstream | SecondDefaultServer):
        place, other = fault.place, fault.other
        if other and isinstance(place.file, RunningService) and not isinstance(other.file, RunningService):
            return type(fault)(**{**vars(fault), "place": other, "other": place})
    return fault
