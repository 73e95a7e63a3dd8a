"""The stream part of nginx.conf: the switch that reads the SNI, and passthrough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.proxy.directive import Directive, Word
from lblint.proxy.http_servers import host, servers
from lblint.proxy.settings import Settings
from lblint.proxy.sites import Site
from lblint.proxy.static_blocks import STREAM_LOG, directive, options


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
