"""The parts of nginx.conf that no label touches: the main, http and events blocks and the stock 503 server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lblint.lazy_re import pattern
from lblint.proxy.directive import Arg, Directive, quoted
from lblint.proxy.settings import Option, Settings

if TYPE_CHECKING:
    from lblint.interlock.proxy_options.values import Token

_QUOTED = pattern(r"'([^'\\]*)'|\"([^\"\\]*)\"|([^\s;'\"]+)")


def directive(text: str, *block: Directive) -> Directive:
    """A directive of plain words; with a block if parts are given."""
    name, *args = text.split()
    return Directive(name, tuple(args), block or None)


def raw(text: str) -> Directive:
    """A directive as an administrator wrote it, with its own quotes and semicolon."""
    words = [Arg(m[0], next((g for g in m.groups() if g is not None), "")) for m in _QUOTED.finditer(text)]
    return Directive(words[0], tuple(words[1:]), written=text) if words else Directive("", written=text)


def options(lines: Sequence[str]) -> Iterator[Directive]:
    """An administrator's own lines; blank ones are none."""
    if not lines:
        return
    from lblint.interlock.proxy_options.values import tokens

    for text in lines:
        words = tokens(text)[0]
        if sum(token.kind in ("end", "brace") for token in words) > 1 or any(
            token.kind == "comment" for token in words
        ):
            directives = _statements(iter(words))
        else:
            directives = iter((raw(text),)) if words else iter(())
        place = text.place if isinstance(text, Option) else None
        yield from (line._replace(place=place) for line in directives)


def _statements(words: Iterator[Token]) -> Iterator[Directive]:
    """The directives of an option that holds several of them, or a block."""
    from lblint.interlock.proxy_options.values import plain

    args: list[Arg] = []
    for token in words:
        if token.kind == "end" and args:
            yield Directive(args[0], tuple(args[1:]))
            args = []
        elif token.text == "{" and token.kind == "brace" and args:
            yield Directive(args[0], tuple(args[1:]), tuple(_statements(words)))
            args = []
        elif token.text == "}" and token.kind == "brace":
            return
        elif token.kind in ("word", "quoted"):
            args.append(Arg(token.text, plain(token)))


def main(settings: Settings) -> Iterator[Directive]:
    """What stands before the http block."""
    yield directive(f"user {settings.user}")
    yield directive(f"worker_processes {settings.worker_processes}")
    yield directive(f"error_log {settings.error_log_path} warn")
    yield directive(f"pid {settings.pid_path}")
    yield from options(settings.global_options)
    yield directive("events", directive(f"worker_connections {settings.max_connections}"))


def http(settings: Settings) -> Iterator[Directive]:
    """The settings at the head of the http block."""
    yield directive("include /etc/nginx/mime.types")
    yield directive("default_type application/octet-stream")
    yield directive(f"server_names_hash_bucket_size {settings.server_names_hash_bucket_size}")
    yield from options(settings.http_options)
    yield raw(f"log_format main {settings.main_log_format}")
    yield raw(f"log_format trace {settings.trace_log_format}")
    yield directive(f"access_log {settings.access_log_path} main")
    yield directive("sendfile on")
    yield directive(f"keepalive_timeout {settings.keepalive_timeout}")
    yield directive(f"client_max_body_size {settings.client_max_body_size}")
    yield directive(f"client_body_buffer_size {settings.client_body_buffer_size}")
    yield directive(f"client_header_buffer_size {settings.client_header_buffer_size}")
    yield directive(f"large_client_header_buffers {settings.large_client_header_buffers}")
    yield directive(f"client_body_timeout {settings.client_body_timeout}")
    yield directive(f"underscores_in_headers {'on' if settings.underscores_in_headers else 'off'}")
    if not settings.hide_info_headers:
        yield directive("add_header x-request-id $request_id")
        yield directive("add_header x-proxy-id $hostname")
        yield Directive("add_header", ("x-server-info", quoted(settings.version)))
        yield directive("add_header x-upstream-addr $upstream_addr")
        yield directive("add_header x-upstream-response-time $upstream_response_time")
    yield directive(f"proxy_connect_timeout {settings.connect_timeout}")
    yield directive(f"proxy_send_timeout {settings.send_timeout}")
    yield directive(f"proxy_read_timeout {settings.read_timeout}")
    if settings.http_version:
        yield directive(f"proxy_http_version {settings.http_version}")
    yield directive("proxy_set_header X-Real-IP $remote_addr")
    yield directive("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for")
    yield directive("proxy_set_header Host $http_host")
    yield directive("proxy_set_header x-request-id $request_id")
    yield directive(f"send_timeout {settings.send_timeout}")
    yield directive("proxy_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504")
    yield directive("ssl_prefer_server_ciphers on")
    yield directive(f"ssl_ciphers {settings.ssl_ciphers}")
    yield directive(f"ssl_protocols {settings.ssl_protocols}")
    if settings.ssl_default_dhparam > 0 and settings.ssl_default_dhparam_path:
        yield directive(f"ssl_dhparam {settings.ssl_default_dhparam_path}")
    closed = Directive(Arg("''", ""), ("close",))
    yield directive("map $http_upgrade $connection_upgrade", directive("default upgrade"), closed)


STATUS = directive("location /nginx_status", directive("stub_status on"), directive("access_log off"))
"""Every server block of the template has it, so no label may name this path."""


def stock_server(settings: Settings) -> Directive:
    """The server that answers 503 for hosts that nobody has claimed; a default backend replaces it."""
    return directive(
        "server",
        directive(f"listen {settings.port} default_server"),
        directive("server_name _"),
        directive("root /usr/share/nginx/html"),
        directive("error_page 503 /503.html"),
        directive("location = /503.html", directive("try_files /503.html @error"), directive("internal")),
        directive("location @error", directive("root /usr/share/nginx/html")),
        directive("location /", directive("return 503")),
        STATUS,
    )


STREAM_LOG = Directive(
    "log_format",
    (
        "stream",
        Arg(
            "'$remote_addr - - [$time_local] \"$ssl_preread_server_name -> $name ($protocol)\" '",
            '$remote_addr - - [$time_local] "$ssl_preread_server_name -> $name ($protocol)" ',
        ),
        Arg('\'$status $bytes_sent "" "" "" \'', '$status $bytes_sent "" "" "" '),
    ),
)
