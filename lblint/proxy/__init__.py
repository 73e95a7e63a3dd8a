"""Routes to the trial nginx.conf that the proxy would run, read back and compared with what was meant.

The trial never raises on input: what is wrong goes into its faults, each at the label that brought it. Kinds and facts:

========================== =========================================================================================
kind                       what nginx or the proxy does; facts
========================== =========================================================================================
proxy.word                 the value does not read as the one word it is meant to be (space, `;`, brace, quote,
                           backslash, control character, empty): injection or a refused config. value, odd, directive
proxy.syntax               crossplane refuses the text, and no single value explains it. message, line
proxy.tree                 the parsed tree is not the one meant, and no single value explains it. meant, found
proxy.limit.word           longer than nginx's buffer: it stops. value, limit
proxy.limit.variable       `$` is read as a variable: it stops. value
proxy.limit.name           `*` alone, twice or inside a label, `..`: it stops. name
proxy.limit.name-length    too long for server_names_hash_bucket_size: it stops. name, length, limit, bucket
proxy.limit.sni-length     too long for map_hash_bucket_size in the SNI map: it stops. name, length, limit, bucket
proxy.limit.map-word       means something else as a key of the SNI map: `default`, `include`, `\\…`. name
proxy.limit.upstream-name  `proxy_pass` reads a port or path in it, so its upstream is not found: it stops. name
proxy.limit.duplicate-upstream  the same host in other letter case: it stops. name, other (a Place)
proxy.limit.duplicate-location  two locations of one path in one server: it stops. path, other (a Place or None)
proxy.limit.default-server two default backends: it stops. other (a Place)
proxy.limit.empty-upstream no target: it stops, unless Interlock leaves the host out (not documented)
proxy.limit.zone           more servers than the upstream's zone holds: it stops. servers, fit, kilobytes, length
proxy.limit.config-size    managers take no config of so many bytes. bytes, limit, services (Place, bytes: most first)
proxy.limit.listen         more listening sockets than worker_connections: it stops. sockets, limit, connections
proxy.limit.port           no port number: it stops. value
proxy.limit.max-fails      no count: it stops. value
proxy.limit.fail-timeout   no time in seconds or larger units: it stops. value
proxy.limit.secret         no name of a secret, so no file under /run/secrets: it stops. value
proxy.limit.no-key         a certificate without key: it stops. value
proxy.limit.regex          a regular expression that does not compile: it stops. pattern, error
proxy.undecided.regex      one of which that is not known here. pattern
proxy.undecided.location   a location with a modifier in front (`=`, `~`, `^~`, `@`). path
proxy.undecided.size       too large a config to be tried: nothing is known of it. hosts, lines (the most tried)
proxy.lost.cookie          nginx starts, but hashes by a shorter cookie name and literal text. value
proxy.lost.name            nginx starts, but ignores this server name as taken. name, other (a Place or None)
proxy.lost.location        nginx starts, but no request has such a path. path
proxy.perhaps.zone         later versions of nginx, or longer addresses, fill the zone. servers, kilobytes, length
proxy.perhaps.connections  nginx starts, but sockets take most of its connections. sockets, limit, connections
proxy.perhaps.config-size  the config has half of the bytes that managers take. bytes, limit, services
proxy.lost.sni-wildcard    nginx starts, but the SNI map takes the wildcard literally. name
========================== =========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.finding import Fault, Place
from lblint.interlock.config import Extension
from lblint.interlock.routes import Ingress, Route
from lblint.proxy import limits, quoting, readback, sites, template
from lblint.proxy.directive import Directive, Line
from lblint.proxy.directive import lines as text_of
from lblint.proxy.settings import DEFAULT, Settings, as_it_runs, configured
from lblint.records import NamedTuple

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
        found: list[Line] = []
        for heading, tree in self.trees:
            found.extend([Line(heading, None)] if heading else ())
            found.extend(text_of(tree))
        return tuple(found)

    @property
    def text(self) -> str:
        """Its text."""
        return "".join(line.text + "\n" for line in self.lines)


def trials(ingress: Ingress, settings: Settings | None = None) -> Iterator[Trial]:
    """One trial for each service cluster among the routes, by name: each has a proxy of its own.

    `settings` hold for all of them; None are those of Interlock's config, or else the defaults. A cluster that the
    config does not have is served by nobody, and one of HAProxy is not tried.
    """
    clusters = sorted({route.cluster for route in ingress.routes}) or [""]
    for cluster in clusters:
        extension = ingress.config.extension(cluster) if ingress.config else None
        if ingress.config and (extension is None or extension.haproxy):
            continue
        routes = tuple(route for route in ingress.routes if route.cluster == cluster)
        tree, faults = _trial(routes, settings or _settings(ingress, cluster, extension), ingress)
        yield Trial(ingress._replace(routes=routes), (("", tree),), faults)


def _settings(ingress: Ingress, cluster: str, extension: Extension | None) -> Settings:
    """What the proxy of a service cluster is set to, as far as Interlock's config and what runs tell."""
    running = (one for one in ingress.running if one.concerns(cluster))
    return as_it_runs(configured(extension, ingress.version), running, extension)


def trial(ingress: Ingress, settings: Settings | None = None) -> Trial:
    """All trials in one: several service clusters stand one after the other, each under a comment with its name."""
    parts = list(trials(ingress, settings))
    if len(parts) == 1:
        return parts[0]
    trees = tuple(
        (f"# service cluster {part.ingress.routes[0].cluster!a}", tree) for part in parts for _, tree in part.trees
    )
    return Trial(ingress, trees, tuple(fault for part in parts for fault in part.faults))


def _trial(routes: Sequence[Route], settings: Settings, ingress: Ingress) -> tuple[Tree, tuple[Fault, ...]]:
    found = sites.sites(routes, settings)
    size = sum(map(sites.lines, found))
    if size > LARGEST:
        most = max(found, key=sites.lines)
        return (), (Fault("proxy.undecided.size", most.place, facts={"hosts": len(found), "lines": LARGEST}),)
    tree = template.tree(found, settings)
    faults = list(readback.faults(tree, size))
    places = {fault.place for fault in faults if fault.kind in quoting.KINDS}
    faults += [fault for fault in limits.faults(tree, settings) if fault.place not in places]
    stopped = {fault.place for fault in faults if not fault.kind.startswith(("proxy.lost.", "proxy.perhaps."))}
    running = [one for one in ingress.running if one.concerns(routes[0].cluster)] if routes else []
    if size + sum(route.targets for route in routes) >= FEWEST_LINES or any(one.size > SMALL for one in running):
        from lblint.proxy import config_size  # most runs have few routes

        large = config_size.faults(tree, routes, running, ingress.version)
        faults.extend(fault for fault in large if fault.place not in stopped)
    once: dict[tuple[str, Place], Fault] = {}
    for fault in faults:
        if fault.place not in stopped or not fault.kind.startswith("proxy.lost."):
            once.setdefault((fault.kind, fault.place), fault)
    return tree, tuple(once.values())
