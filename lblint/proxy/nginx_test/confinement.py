"""The trial config made fit for the user's own nginx: it opens nothing outside of one folder.

`nginx -t` does what a config says: it makes and opens logs and pid files, loads modules and keys, follows includes and
binds sockets. So only directives known to open nothing are kept, those of the template that do are moved into the
folder, and any other keeps the config from being tried. A line that a label brought must be one directive, as nginx
itself would read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lblint.proxy.directive import Line
from lblint.proxy.nginx_lexer import read
from lblint.records import NamedTuple

PEM = "trial.pem"
"""Stands for every certificate and key."""
SOCKETS = "s"
"""Folder of the sockets: unix sockets instead of ports, so that no right is needed and nobody else can connect."""

_NAMES = """
    events worker_processes worker_connections worker_rlimit_nofile worker_shutdown_timeout multi_accept http server
    location upstream map stream log_format default_type types_hash_max_size types_hash_bucket_size
    server_names_hash_bucket_size server_names_hash_max_size map_hash_bucket_size map_hash_max_size
    variables_hash_bucket_size variables_hash_max_size proxy_headers_hash_bucket_size proxy_headers_hash_max_size
    sendfile tcp_nopush tcp_nodelay keepalive_timeout keepalive_requests reset_timedout_connection send_timeout
    client_max_body_size client_body_buffer_size client_header_buffer_size large_client_header_buffers
    client_body_timeout client_header_timeout underscores_in_headers ignore_invalid_headers server_tokens add_header
    proxy_connect_timeout proxy_send_timeout proxy_read_timeout proxy_timeout proxy_http_version proxy_set_header
    proxy_hide_header proxy_pass_header proxy_next_upstream proxy_next_upstream_timeout proxy_next_upstream_tries
    proxy_buffering proxy_buffers proxy_buffer_size proxy_busy_buffers_size proxy_request_buffering proxy_redirect
    proxy_ignore_client_abort proxy_intercept_errors proxy_max_temp_file_size proxy_socket_keepalive proxy_pass
    proxy_protocol proxy_protocol_timeout ssl_preread preread_timeout preread_buffer_size ssl_prefer_server_ciphers
    ssl_ciphers ssl_protocols ssl_session_cache ssl_session_timeout ssl_session_tickets ssl_ecdh_curve
    ssl_buffer_size server_name error_page try_files internal return rewrite stub_status set_real_ip_from
    real_ip_header real_ip_recursive ip_hash zone hash keepalive gzip gzip_types gzip_min_length gzip_comp_level
    gzip_proxied gzip_vary gzip_disable gzip_http_version gzip_buffers limit_conn limit_conn_zone limit_conn_status
    limit_req limit_req_zone limit_req_status limit_rate allow deny
"""
_HARMLESS = frozenset(_NAMES.split())
_INCLUDES = {"/etc/nginx/mime.types": "types { text/html html; }", "/etc/nginx/conf.d/*.conf": ""}


class Build(NamedTuple):
    """What is known of a build of nginx (`nginx -V`).

    `module` is the file of the stream module, "" where it is built in; `temporary` are the kinds of folder that it
    makes at start; `tells_status`: it has the module for `stub_status`, which no label is about.
    """

    version: tuple[int, ...]
    module: str
    temporary: tuple[str, ...]
    tells_status: bool = True

    @property
    def told(self) -> str:
        """The version as it is written."""
        return ".".join(map(str, self.version))


class Confined(NamedTuple):
    """The lines to try, each with its label, or the reason why they cannot be."""

    lines: tuple[Line, ...]
    reason: str = ""


class _OutsideError(Exception):
    """A directive that is not known to open nothing."""


def confined(lines: Sequence[Line], build: Build) -> Confined:
    """The lines of a trial with every path moved to where nginx runs (its prefix), and no line more."""
    opened: list[str] = []
    made = [Line(_head(build), None)]
    for line in lines:
        words = read(line.text)
        if words is None or (line.origin and (len(words) != 1 or "\n" in line.text)):
            return Confined((), "a line of the config is not one directive, so it is not put before nginx")
        try:
            made.append(Line(_line(line.text, words, opened, build), line.origin))
        except _OutsideError as error:
            return Confined((), f"the config holds `{error}`, which might open a file: it is not put before nginx")
    return Confined(tuple(made))


def _head(build: Build) -> str:
    load = f"load_module {_quoted(build.module)}; " if build.module else ""
    return f"{load}pid nginx.pid; lock_file nginx.lock; error_log stderr crit;"


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _line(text: str, directives: Sequence[tuple[str, ...]], opened: list[str], build: Build) -> str:
    """One line; `opened` are the blocks around it and is kept up to date."""
    for directive in directives:
        name = directive[0]
        if name == "}":
            if not opened:
                raise _OutsideError("}")
            opened.pop()
            continue
        moved = _MOVED.get(name) if len(directives) == 1 else None
        if opened and opened[-1] == "map":
            if name == "include" or directive[-1] != ";":
                raise _OutsideError(name)
        elif moved:
            text = moved(directive, build)
        elif name not in _HARMLESS:
            raise _OutsideError(name)
        if directive[-1] == "{":
            opened.append(name)
    return text


def _access_log(words: Sequence[str], _: Build) -> str:
    return "access_log off;" if words[1] == "off" else " ".join(("access_log", "access.log", *words[2:-1])) + ";"


def _include(words: Sequence[str], _: Build) -> str:
    if len(words) != 3 or words[1] not in _INCLUDES:
        raise _OutsideError("include " + words[1])
    return _INCLUDES[words[1]]


def _listen(words: Sequence[str], _: Build) -> str:
    name = words[1].replace(":", "-")
    if not all(c.isascii() and (c.isalnum() or c in ".-") for c in name) or name.startswith("."):
        raise _OutsideError("listen " + words[1])
    return " ".join(("listen", f"unix:{SOCKETS}/{name}", *words[2:-1])) + ";"


def _http(_: Sequence[str], build: Build) -> str:
    return "http { " + " ".join(_temporary(build))


def _temporary(build: Build) -> Iterator[str]:
    return (f"{kind}_temp_path tmp/{kind};" for kind in build.temporary)


def _nothing(_: Sequence[str], __: Build) -> str:
    return ""


_MOVED: dict[str, Callable[[Sequence[str], Build], str]] = {
    "user": _nothing,
    "pid": _nothing,
    "error_log": _nothing,
    "ssl_dhparam": _nothing,
    "access_log": _access_log,
    "include": _include,
    "listen": _listen,
    "http": _http,
    "root": lambda words, build: "root html;",
    "ssl": lambda words, build: "ssl on;" if build.version < (1, 25, 1) else "",  # `listen … ssl` says the same
    "stub_status": lambda words, build: "stub_status on;" if build.tells_status else "",
    "ssl_certificate": lambda words, build: f"ssl_certificate {PEM};",
    "ssl_certificate_key": lambda words, build: f"ssl_certificate_key {PEM};",
}


_KEY = """\
MHcCAQEEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABoAoGCCqGSM49AwEHoUQDQgAE
axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7L
tkBoN79R9Q==
"""
_CERTIFICATE = """\
MIIBvTCCAWOgAwIBAgIUL4iCsMCKKBDWrhBax42/YVpqtSEwCgYIKoZIzj0EAwIw
MzExMC8GA1UEAwwoZm9yIHRyaWFscyBvbmx5OiBpdHMga2V5IGlzIHRoZSBudW1i
ZXIgMTAgFw0yNjExMjEwNDU1NTdaGA8yMTI2MTAyODA0NTU1N1owMzExMC8GA1UE
AwwoZm9yIHRyaWFscyBvbmx5OiBpdHMga2V5IGlzIHRoZSBudW1iZXIgMTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPSh
OUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfWjUzBRMB0GA1Ud
DgQWBBS0Z6OZnrXvpnHeADLwipyeXv2g4TAfBgNVHSMEGDAWgBS0Z6OZnrXvpnHe
ADLwipyeXv2g4TAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDm
Ov5Ne0lSuuBEuGvghMnbf+9JKcDO8MxoBXetjiBK/gIgVstcfIse4jNVOfhMYTNY
w1L+8Hjgi2GsCx0Ehh+tVPA=
"""


def pem() -> str:
    """The self-signed certificate (P-256, until 2126) and its key in one file, which serves as either."""
    parts = (("CERTIFICATE", _CERTIFICATE), ("EC PRIVATE KEY", _KEY))
    return "".join(f"-----BEGIN {name}-----\n{text}-----END {name}-----\n" for name, text in parts)
