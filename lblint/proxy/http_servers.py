"""A host in the http part of nginx.conf: its upstream, its server and its TLS server."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Place
from lblint.interlock import routes
from lblint.interlock.routes import Route
from lblint.lazy_re import pattern
from lblint.proxy.directive import Arg, Directive, Word, user
from lblint.proxy.settings import Settings
from lblint.proxy.sites import Backend, Site
from lblint.proxy.static_blocks import STATUS, directive

SHOWN = 100
"""So many upstream servers of one service are written out at most; the last line stands for all the others."""

SHOWN_FOR_ALL_HOSTS = 1000
"""So many over all hosts that the service has."""


_UPGRADE = tuple(
    map(
        directive,
        (
            "proxy_http_version 1.1",
            "proxy_set_header Upgrade $http_upgrade",
            "proxy_set_header Connection $connection_upgrade",
        ),
    )
)
"""What makes a websocket of a request."""


def host(site: Site, before: str = "", after: str = "") -> Arg:
    """A word that holds the host's name."""
    return user(site.host, site.place, before, after)


def servers(backend: Backend) -> Iterator[Directive]:
    """One `server` line for each target, with made-up addresses; port 80 where the label is missing or empty."""
    route, number = backend
    shown = min(route.targets, SHOWN, max(2, SHOWN_FOR_ALL_HOSTS // max(1, len(route.hosts))))
    for target in range(1, shown + 1):
        address = f"10.{number >> 8 & 255}.{number & 255}.{(target - 1) % 250 + 1}:"
        label = route.label("port")
        port: Word = user(route.port.text, route.port.place, address) if route.port else f"{address}80"
        if route.port is None and label is not None and label.value.strip(" "):  # no number: nginx refuses it
            port = user(label.value.strip(" "), label.place, address)
        words = [port]
        if route.max_fails:
            words.append(user(route.max_fails.text, route.max_fails.place, "max_fails="))
        if route.fail_timeout:
            words.append(user(route.fail_timeout.text, route.fail_timeout.place, "fail_timeout="))
        place = route.port.place if route.port else route.place
        yield Directive("server", tuple(words), None, place, 1 if target < shown else route.targets - shown + 1)


def upstream(site: Site, settings: Settings) -> Directive:
    """The upstream with the targets of every service that names the host."""
    first = site.first
    block: list[Directive] = []
    if first.ip_hash:
        block.append(directive("ip_hash"))
    else:
        name = host(site, "up-", "_backend")
        block.append(Directive("zone", (name, f"{settings.upstream_zone_size}k"), None, site.place))
    cookie = first.sticky_session_cookie
    if cookie and cookie.text:
        word = user(cookie.text, cookie.place, "$cookie_")
        block.append(Directive("hash", (word, "consistent"), None, cookie.place))
    for backend in site.backends:
        block.extend(servers(backend))
    return Directive("upstream", (host(site, "up-"),), tuple(block), site.place)


def server(site: Site, settings: Settings) -> Directive:
    """The server on the HTTP port."""
    first = site.first
    listen = ("default_server",) if first.default_backend else ()
    block = [
        Directive("listen", (str(settings.port), *listen), None, site.place),
        Directive("server_name", ("_" if first.default_backend else host(site),), None, site.place),
    ]
    redirects = site.redirects
    for redirect in redirects:
        target = user(redirect.target.text, redirect.target.place, after="$request_uri")
        block.append(Directive("return", ("302", target), None, redirect.target.place))
    if not redirects:
        block.extend(locations(site, "''"))
    return Directive("server", (), tuple(block), site.place)


def tls_server(site: Site) -> Directive:
    """The server behind the SNI switch: the same locations, and never a redirect."""
    first = site.first
    assert first.ssl_cert is not None
    listen = f"127.0.0.1:{site.loopback_port}"
    cert = first.ssl_cert
    block = [
        Directive("listen", (listen, "ssl", "proxy_protocol"), None, site.place),
        Directive("server_name", (host(site),), None, site.place),
        directive("ssl on"),
        Directive("ssl_certificate", (user(cert.text, cert.place, "/run/secrets/"),), None, cert.place),
    ]
    key = first.ssl_key
    if key and key.text:
        block.append(Directive("ssl_certificate_key", (user(key.text, key.place, "/run/secrets/"),), None, key.place))
    block.append(directive("set_real_ip_from 127.0.0.1/32"))
    block.append(directive("real_ip_header proxy_protocol"))
    block.extend(locations(site, host(site)))
    return Directive("server", (), tuple(block), cert.place)


def _location(root: routes.Word) -> Word:
    """The path of a location: nginx reads a modifier with a space behind it as it reads one without."""
    modifier = pattern(r"(=|\^~) +(?=/)").match(root.text)
    if modifier is None:
        return user(root.text, root.place)
    return user(root.text[modifier.end() :], root.place, modifier[1])


def locations(site: Site, origin: Word) -> Iterator[Directive]:
    """The locations of a server: the context root, or `/` and the websocket endpoints; and nginx's own status page."""
    first = site.first
    pass_on = Directive("proxy_pass", (host(site, "http://up-"),), None, site.place)
    root = first.context_root
    if root:
        block = (*rewrites(first, root.text, root.place), pass_on)
        yield Directive("location", (_location(root),), block, root.place)
    else:
        endpoints = first.websocket_endpoints
        if not any(endpoint.text == "/" for endpoint in endpoints):
            yield Directive("location", ("/",), (pass_on,), site.place)
        blank = Arg("''", "") if origin == "''" else origin
        upgrade = (
            pass_on,
            *_UPGRADE,
            Directive("proxy_set_header", ("Origin", blank), None, site.place),
        )
        for endpoint in endpoints:
            yield Directive("location", (user(endpoint.text, endpoint.place),), upgrade, endpoint.place)
    yield STATUS


def rewrites(route: Route, path: str, place: Place) -> Iterator[Directive]:
    """The two rewrites of a context root: a slash at the end of a directory, and the prefix cut off."""
    if route.context_root_rewrite:
        yield directive("rewrite ^([^.]*[^/])$ $1/ permanent")
        yield Directive("rewrite", (user(path, place, "^", "/(.*)"), "/$1", "break"), None, place)
