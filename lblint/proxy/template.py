"""Routes to the nginx.conf that Interlock's template would make of them, values put in raw as it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.interlock.routes import Route
from lblint.proxy import http_servers, static_blocks
from lblint.proxy.directive import Directive, Line, lines
from lblint.proxy.server_names import bucket_for
from lblint.proxy.settings import DEFAULT, Settings
from lblint.proxy.sites import Site, sites
from lblint.proxy.stream_servers import stream


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
        yield http_servers.upstream(site, settings)
        if not site.proxy_port:
            yield http_servers.server(site, settings)
        if site.loopback_port:
            yield http_servers.tls_server(site)


def render(routes: Sequence[Route], settings: Settings = DEFAULT) -> list[Line]:
    """The trial nginx.conf, each line knowing the label that it came from."""
    return list(lines(meant(routes, settings)))
