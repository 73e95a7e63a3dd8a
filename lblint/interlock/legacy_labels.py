"""Labels of the HTTP routing mesh (UCP up to 2.2) and of Interlock 1, and the new labels that replace them.

Sources: UCP 2.2's page "use domain names to access services"; the open source of Interlock 1 (ext/ext.go,
docs/interlock_data.md). Which new label replaces which old one is a reading of both documentations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lblint.interlock.label_table import PREFIX
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack.model import Label

MESH = "com.docker.ucp.mesh.http"
_MESH_KEY = pattern(r"com\.docker\.ucp\.mesh\.http(?:\.[^.]*)*")
_ONE_KEY = pattern(r"interlock\.([a-z_]+(?:\.name)?)(?:\.[0-9]+)?")
_ONE_LIST = pattern(r"interlock\.(alias_domain|websocket_endpoint)(?:[._-].*)?")

_SAME: Mapping[str, str] = {
    "network": "network", "port": "port", "context_root": "context_root", "ssl_cert": "ssl_cert",
    "ssl_cert_key": "ssl_key",
}  # fmt: skip
_FLAGS = ("context_root_rewrite", "ip_hash")
_GONE: Mapping[str, str] = {
    "ssl": "remove it; the certificate switches TLS on", "ssl_backend": "use ssl_passthrough if the service speaks TLS",
    "ssl_backend_tls_verify": "remove it", "health_check": "use healthcheck of the service",
    "health_check_interval": "use healthcheck of the service", "balance_algorithm": "remove it",
    "backend_option": "remove it", "ext.name": "remove it", "app": "remove it",
}  # fmt: skip
ONE = frozenset({"hostname", "domain", "alias_domain", "websocket_endpoint", "ssl_only", *_SAME, *_FLAGS, *_GONE})
"""The names of Interlock 1's labels after `interlock.`, without an index."""


class Successors(NamedTuple):
    """The new labels that replace the old ones, in order, and imperative notes on what else to do."""

    labels: Mapping[str, str]
    notes: tuple[str, ...]


def is_mesh(key: str) -> bool:
    """Whether a service label belongs to the HTTP routing mesh."""
    return _MESH_KEY.fullmatch(key) is not None


def is_one(key: str) -> bool:
    """Whether a label belongs to Interlock 1."""
    return _one(key) in ONE


def _one(key: str) -> str:
    """The name of a label of Interlock 1, without its index; "" for other labels. Of alias_domain and
    websocket_endpoint there are several, with anything behind the name: Interlock 1 looked for a part of the key."""
    match = _ONE_LIST.fullmatch(key) or _ONE_KEY.fullmatch(key)
    return match[1] if match else ""


def text(label: Label) -> str:
    """The value, or as it is written where a variable in it is not set: what to write instead then holds it too."""
    return label.written if label.unset else label.value


def from_mesh(labels: Iterable[Label]) -> Successors:
    """Return the replacement of the routing mesh labels of one service: `key=value` pairs, separated by commas.

    Where they have several ports, it is for the first one: a service has one port.
    """
    hosts: list[str] = []
    ports: list[str] = []
    of_port: dict[str, list[str]] = {}
    cookies: dict[str, str] = {}
    redirects: list[str] = []
    new: dict[str, str] = {}
    notes: list[str] = []
    for label in labels:
        route = port = cookie = ""
        own: list[str] = []
        for pair in text(label).replace('"', "").split(","):
            key, _, value = (piece.strip() for piece in pair.partition("="))
            if key == "external_route" or key.isdecimal():
                route = value
                port = key if key.isdecimal() else port
                scheme, _, host = value.rpartition("://")
                host = pattern(r":[0-9]*\Z").sub("", host.partition("/")[0])
                if scheme == "sni":
                    new["ssl_passthrough"] = "true"
                if host:
                    own.append(host)
                else:
                    new["default_backend"] = "true"
            elif key == "internal_port":
                port = value
            elif key == "sticky_sessions":
                cookie = value
            elif key == "redirect":
                redirects.append(f"{_http(route)},{_http(value)}")
        of_port.setdefault(port, []).extend(own)
        if cookie:
            cookies.setdefault(port, cookie)
    ports = [port for port in of_port if port]
    hosts = [*of_port.get("", ()), *(of_port[ports[0]] if ports else ())]
    cookie = cookies.get("") or (cookies.get(ports[0], "") if ports else "")
    new |= {"sticky_session_cookie": cookie} if cookie else {}
    for port in ports[1:]:
        notes.append(
            f"one service per port: make a second service for {','.join(of_port[port]) or 'its route'} on port {port}"
        )
    if redirects and "ssl_passthrough" in new:
        redirects = []
        notes.append("redirects do not work with ssl_passthrough: make a second service, or end TLS at the proxy")
    if not ports:
        notes.append("add com.docker.lb.port with the port that the container listens on")
    if "ssl_passthrough" in new:
        notes.append("add com.docker.lb.network with the name of the service's network")
    moved = {"hosts": ",".join(dict.fromkeys(hosts)), "port": ports[0] if ports else ""}
    moved |= {"redirects": ";".join(redirects)} | new
    return Successors({PREFIX + name: value for name, value in moved.items() if value}, tuple(notes))


def _http(url: str) -> str:
    return pattern(r"\Asni://").sub("https://", url)


def from_one(labels: Iterable[Label]) -> Successors:
    """Return the replacement of the Interlock 1 labels of one service.

    Booleans were on by their presence, whatever their value.
    """
    old: dict[str, list[str]] = {}
    for label in labels:
        name = _one(label.key)
        if name:
            old.setdefault(name, []).append(text(label).strip())
    notes: list[str] = []
    hosts: list[str] = []
    if "hostname" in old or "domain" in old:
        hosts.append(f"{old.get('hostname', ['unknown'])[0]}.{old.get('domain', ['local'])[0]}".strip("."))
        for missing in {"hostname", "domain"} - set(old):
            notes.append(f"decide which host is meant; without interlock.{missing} Interlock 1 served {hosts[0]}")
    hosts += old.get("alias_domain", [])
    hosts = list(dict.fromkeys(filter(None, hosts)))
    new = {"hosts": ",".join(hosts)}
    new |= {after: old[before][0] for before, after in _SAME.items() if before in old}
    new |= {flag: "true" for flag in _FLAGS if flag in old}
    endpoints = [pattern(r"\Awss?://[^/]*").sub("", url) for url in old.get("websocket_endpoint", [])]
    if "context_root" in old and endpoints:
        notes.append(
            "websocket endpoints are ignored with a context root: make a second service for " + ", ".join(endpoints)
        )
    else:
        new["websocket_endpoints"] = ",".join(endpoints)
    if "ssl_only" in old:
        new["redirects"] = ";".join(f"http://{host},https://{host}" for host in hosts)
    notes += [f"interlock.{name}: {advice}" for name, advice in _GONE.items() if name in old]
    if "ssl_cert" in old or "ssl_cert_key" in old:
        notes.append("write names of Swarm secrets for certificate and key, not names of files")
    if "port" not in old:
        notes.append("add com.docker.lb.port with the port that the container listens on")
    return Successors({PREFIX + name: value for name, value in new.items() if value}, tuple(notes))
