"""Routes to the nginx.conf that Interlock's template would make of them, values put in raw as it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.finding import Place
from lblint.interlock.routes import Route
from lblint.interlock.routes import Word as LabelWord
from lblint.lazy_re import pattern
from lblint.proxy import static_blocks
from lblint.proxy.directive import Arg, Directive, Line, Word, lines, user
from lblint.proxy.server_names import bucket_for
from lblint.proxy.settings import DEFAULT, Settings
from lblint.proxy.sites import Backend, Site, sites
from lblint.proxy.static_blocks import STATUS, STREAM_LOG, directive, options


def meant(routes: Sequence[Route], settings: Settings = DEFAULT) -> tuple[Directive, ...]:
    """The tree of directives that the routes are meant to give.

    Source: the extension template that Docker published (docs.docker.com, "Custom templates"), with what later
    versions are documented to add: HTTPVersion, HideInfoHeaders, UpstreamZoneSize and the three lists of options.
    """
    return tree(sites(routes, settings), settings)


def tree(hosts: Sequence[Site], settings: Settings) -> tuple[Directive, ...]:
    """The same for hosts already sorted."""
    if settings.server_names_hash_bucket_size is None:
        bucket = bucket_for([site.host for site in hosts])
        settings = settings._replace(server_names_hash_bucket_size=bucket)
    block = (
        *static_blocks.http(settings),
        *_servers(hosts, settings),
        static_blocks.directive("include /etc/nginx/conf.d/*.conf"),
    )
    return (*static_blocks.main(settings), Directive("http", (), block), stream(hosts, settings))


def _servers(hosts: Sequence[Site], settings: Settings) -> Iterator[Directive]:
    if not any(site.first.default_backend for site in hosts):
        yield static_blocks.stock_server(settings)
    for site in hosts:
        yield upstream(site, settings)
        if not site.proxy_port:
            yield server(site, settings)
        if site.loopback_port:
            yield tls_server(site)


def render(routes: Sequence[Route], settings: Settings = DEFAULT) -> list[Line]:
    """The trial nginx.conf, each line knowing the label that it came from."""
    return list(lines(meant(routes, settings)))


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


def _location(root: LabelWord) -> Word:
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


def stream(sites: Sequence[Site], settings: Settings) -> Directive:
    """The stream block for the hosts that speak TLS."""
    tls = [site for site in sites if site.tls]
    block = [*options(settings.tcp_options), STREAM_LOG]
    block.append(Directive("map", ("$ssl_preread_server_name", "$name"), tuple(switch(tls))))
    block.extend(pt_upstream(site) for site in tls)
    for site in tls:
        if site.proxy_port:
            block.extend(passthrough(site))
    block.append(
        directive(
            "server",
            directive(f"listen {settings.ssl_port}"),
            directive("proxy_pass $name"),
            directive("proxy_protocol on"),
            directive("ssl_preread on"),
            directive(f"access_log {settings.access_log_path} stream"),
        )
    )
    return Directive("stream", (), tuple(block))


def switch(sites: Sequence[Site]) -> Iterator[Directive]:
    """The entries of the map from SNI to where the connection goes."""
    for site in sites:
        target: Word = host(site, "pt-up-") if site.proxy_port else f"127.0.0.1:{site.loopback_port}"
        yield Directive(host(site), (target,), None, site.place)
        if site.first.default_backend:
            yield Directive("default", (target,), None, site.place)


def pt_upstream(site: Site) -> Directive:
    """The upstream that the map names for passthrough; the template writes one for TLS hosts too, which nobody uses."""
    block = tuple(servers(site.backends[0]))
    if site.proxy_port:
        block = (directive(f"server 127.0.0.1:{site.proxy_port}"),)
    return Directive("upstream", (host(site, "pt-up-"),), block, site.place)


def passthrough(site: Site) -> Iterator[Directive]:
    """The server that takes off the PROXY protocol, and the first service's targets behind it."""
    yield Directive("upstream", (host(site, "proxy-up-"),), tuple(servers(site.backends[0])), site.place)
    yield Directive(
        "server",
        (),
        (
            directive(f"listen {site.proxy_port} proxy_protocol"),
            Directive("proxy_pass", (host(site, "proxy-up-"),), None, site.place),
        ),
        site.place,
    )
