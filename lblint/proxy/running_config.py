"""An nginx.conf that a proxy runs already -> what it serves. The file is not trusted: no include of it is followed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lblint.interlock.running_proxy import Running, Served
from lblint.lazy_re import pattern
from lblint.proxy.server_names import lower

_TARGET = pattern(r"https?://([^/$]+)")
_OWN_ZONE = pattern(r"up-.*_backend", re.DOTALL)
_SIZE = pattern(r"([0-9]{1,9})([kKmM]?)")
_KEYWORDS = ("default", "hostnames", "include", "volatile")
"""What stands in a map besides its keys (ngx_http_map_module)."""
_STATUS = "/nginx_status"
_DEEPEST = 100

Found = Mapping[str, Any]
"""A directive as crossplane gives it."""


def existing(content: bytes, name: str) -> Running:
    """What the config of this file name serves. Both nginx.conf itself and the JSON of `docker config inspect` are
    read, which holds it in base64. Never raises."""
    from lblint.proxy.crossplane_reader import parse_text

    text = _inspected(content) if content.lstrip()[:1] == b"[" else content
    if text is None:
        return Running(name, unchecked="is not what `docker config inspect` prints of one config")
    if _depth(text) > _DEEPEST:
        return Running(name, unchecked="is not a config of nginx, as its blocks are nested too deep")
    try:
        tree, errors = parse_text(text)
    except (RecursionError, ValueError) as error:
        return Running(name, unchecked=f"is not a config of nginx: {error}")
    if errors:
        return Running(name, unchecked=f"is not a config that nginx accepts: {errors[0]}")
    http, stream = (list(_inside(tree, block)) for block in ("http", "stream"))
    if not any(directive["directive"] == "server" for directive in (*http, *stream)):
        return Running(name, unchecked="is not a config of a proxy, as it has no server")
    return _running(name, tree, http, stream)._replace(size=len(text))


def _inspected(content: bytes) -> bytes | None:
    """The data in the output of `docker config inspect`; None for anything else."""
    import base64
    import json

    try:
        (config,) = json.loads(content)
        return base64.b64decode(config["Spec"]["Data"], validate=True)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _depth(text: bytes) -> int:
    """How deep braces are nested at most, wherever they stand."""
    depth = deepest = 0
    for brace in re.findall(rb"[{}]", text):
        depth = depth + 1 if brace == b"{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _inside(tree: Iterable[Found], name: str) -> Iterator[Found]:
    """The directives in the blocks of a name."""
    for directive in tree:
        if directive["directive"] == name:
            yield from directive.get("block", ())


def _running(name: str, tree: Sequence[Found], http: Sequence[Found], stream: Sequence[Found]) -> Running:
    hosts: dict[str, Served] = {}
    default: Served | None = None
    upstreams = {" ".join(directive["args"]): directive for directive in http if directive["directive"] == "upstream"}
    switches = list(_maps(stream))
    switched = {key["directive"]: key["line"] for key in _inside(switches, "map")}
    tls = {lower(host) for host in switched if host not in _KEYWORDS}
    for server in http:
        if server["directive"] == "server":
            served = _served(server, upstreams, tls)
            for entry in served:
                _add(hosts, entry)
            if served and any("default_server" in listen for listen in _all(server, "listen")) and _passes_on(server):
                default = default or served[0]
    for host, line in switched.items():
        if host not in _KEYWORDS:
            _add(hosts, Served(host, line, tls=True))
    listens = [listen for server in [*http, *stream] if server["directive"] == "server"
               for listen in _all(server, "listen")]  # fmt: skip
    zones = [_kilobytes(args[1]) for upstream in upstreams.values() for args in _all(upstream, "zone")
             if len(args) > 1 and _OWN_ZONE.fullmatch(args[0])]  # fmt: skip
    return Running(
        name,
        hosts,
        default,
        _number(http, "server_names_hash_bucket_size"),
        _number(stream, "map_hash_bucket_size"),
        min((zone for zone in zones if zone), default=None),
        # Only where TLS hosts stand behind a switch, as in Interlock's own template, does each take a socket.
        _number(list(_inside(tree, "events")), "worker_connections") if switches else None,
        len({listen[0] for listen in listens if listen}) if switches else 0,
    )


def _maps(stream: Sequence[Found]) -> Iterator[Found]:
    return (directive for directive in stream if directive["args"][:1] == ["$ssl_preread_server_name"])


def _add(hosts: dict[str, Served], served: Served) -> None:
    """A name may have a server for HTTP, one for TLS and an entry of the switch: each tells something of it."""
    known = hosts.get(lower(served.name))
    if known:
        served = known._replace(
            ports=known.ports | served.ports, paths=known.paths | served.paths, tls=known.tls or served.tls
        )
    hosts[lower(served.name)] = served


def _served(server: Found, upstreams: Mapping[str, Found], tls: set[str]) -> list[Served]:
    """What a server serves, once for each of its names; nothing for one that passes no request on."""
    ports: set[str] = set()
    paths: set[str] = set()
    for location in server.get("block", ()):
        if location["directive"] == "location" and location["args"][-1:] != [_STATUS]:
            for target in _all(location, "proxy_pass"):
                paths.add(" ".join(location["args"]))
                match = _TARGET.match(target[0]) if target else None
                ports.update(_ports(upstreams.get(match[1])) if match else ())
    if not paths and not any(_all(server, "return")):
        return []
    names = [name for args in _all(server, "server_name") for name in args]
    return [Served(name, server["line"], frozenset(ports), frozenset(paths), lower(name) in tls) for name in names]


def _passes_on(server: Found) -> bool:
    """Whether requests go to a service that Interlock knows, and not to a page that somebody's own template has."""
    blocks = [location for location in server.get("block", ()) if location["directive"] == "location"]
    return any(target[:1] and target[0].startswith("http://up-") for at in blocks for target in _all(at, "proxy_pass"))


def _ports(upstream: Found | None) -> Iterator[str]:
    for args in _all(upstream, "server") if upstream else ():
        if args and ":" in args[0]:
            yield args[0].rpartition(":")[2]


def _all(block: Found, name: str) -> Iterator[list[str]]:
    """The words of all directives of a name in a block."""
    return (directive["args"] for directive in block.get("block", ()) if directive["directive"] == name)


def _number(block: Sequence[Found], name: str) -> int | None:
    return next(
        (_whole(directive["args"][0]) for directive in block if directive["directive"] == name and directive["args"]),
        None,
    )


def _whole(text: str) -> int | None:
    size = _SIZE.fullmatch(text)
    return int(size[1]) * {"": 1, "k": 1024, "m": 1024 * 1024}[size[2].lower()] if size else None


def _kilobytes(text: str) -> int:
    return (_whole(text) or 0) // 1024
