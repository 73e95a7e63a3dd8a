"""The settings of one proxy: the documented defaults, and what Interlock's config.toml makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lblint.finding import Place
from lblint.interlock.running_proxy import Running
from lblint.interlock.version import HASH_SIZED_BY_ITSELF, Version, reached
from lblint.records import NamedTuple

if TYPE_CHECKING:
    from lblint.interlock.config import Extension

MAIN_LOG_FORMAT = (
    "'$remote_addr - $remote_user [$time_local] \"$request\" ' "
    "'$status $body_bytes_sent \"$http_referer\" ' "
    '\'"$http_user_agent" "$http_x_forwarded_for"\';'
)
TRACE_LOG_FORMAT = (
    "'$remote_addr - $remote_user [$time_local] \"$request\" $status ' "
    '\'$body_bytes_sent "$http_referer" "$http_user_agent" \' '
    "'\"$http_x_forwarded_for\" $request_id $msec $request_time ' "
    "'$upstream_connect_time $upstream_header_time $upstream_response_time';"
)


class Settings(NamedTuple):
    """One `[Extensions.<name>]` and its `Config`, as far as nginx.conf shows it; names follow the keys there.

    Source: Docker's pages "Configure Interlock" and "Use a custom NGINX configuration" (docs.docker.com, 2019), the
    file that UCP 3.2.3 generates, and Mirantis's page for MKE 3.8. Times without a unit are seconds. The log formats
    carry their own quotes and semicolon: the template adds none.
    """

    publish_mode: str = "ingress"
    published_port: int = 80
    published_ssl_port: int = 8443
    port: int = 80
    """`TargetPort`: where nginx listens for HTTP."""
    ssl_port: int = 443
    """`TargetSSLPort`: where nginx listens for TLS and reads the SNI."""
    first_loopback_port: int = 10000
    """The first of the ports that Interlock allots between the SNI switch and the TLS servers; its own are unknown."""
    version: str = ""
    http_version: str = "1.1"
    user: str = "nginx"
    pid_path: str = "/var/run/proxy.pid"
    worker_processes: str = "1"
    max_connections: int = 1024
    connect_timeout: int = 600
    send_timeout: int = 600
    read_timeout: int = 600
    ssl_default_dhparam: int = 1024
    ssl_default_dhparam_path: str = ""
    ssl_ciphers: str = "HIGH:!aNULL:!MD5"
    ssl_protocols: str = "TLSv1.2"
    access_log_path: str = "/dev/stdout"
    error_log_path: str = "/dev/stdout"
    main_log_format: str = MAIN_LOG_FORMAT
    trace_log_format: str = TRACE_LOG_FORMAT
    keepalive_timeout: str = "75s"
    client_max_body_size: str = "1m"
    client_body_buffer_size: str = "8k"
    client_header_buffer_size: str = "1k"
    large_client_header_buffers: str = "4 8k"
    client_body_timeout: str = "60s"
    underscores_in_headers: bool = False
    server_names_hash_bucket_size: int | None = 128
    """None where the product sizes it by itself (MKE 3.4.2 and later)."""
    upstream_zone_size: int = 64
    """In kB."""
    hide_info_headers: bool = False
    global_options: tuple[str, ...] = ()
    http_options: tuple[str, ...] = ()
    tcp_options: tuple[str, ...] = ()


class Option(str):
    """A line that an extension's options hold, and where it stands."""

    place: Place | None = None


DEFAULT = Settings()


OWN = {
    "publish_mode": "PublishMode",
    "published_port": "PublishedPort",
    "published_ssl_port": "PublishedSSLPort",
    "port": "TargetPort",
    "ssl_port": "TargetSSLPort",
}
"""Fields of the settings that the extension itself sets, and their keys."""

CONFIG = {
    "version": "Version",
    "http_version": "HTTPVersion",
    "user": "User",
    "pid_path": "PidPath",
    "worker_processes": "WorkerProcesses",
    "max_connections": "MaxConnections",
    "connect_timeout": "ConnectTimeout",
    "send_timeout": "SendTimeout",
    "read_timeout": "ReadTimeout",
    "ssl_default_dhparam": "SSLDefaultDHParam",
    "ssl_default_dhparam_path": "SSLDefaultDHParamPath",
    "ssl_ciphers": "SSLCiphers",
    "ssl_protocols": "SSLProtocols",
    "access_log_path": "AccessLogPath",
    "error_log_path": "ErrorLogPath",
    "main_log_format": "MainLogFormat",
    "trace_log_format": "TraceLogFormat",
    "keepalive_timeout": "KeepaliveTimeout",
    "client_max_body_size": "ClientMaxBodySize",
    "client_body_buffer_size": "ClientBodyBufferSize",
    "client_header_buffer_size": "ClientHeaderBufferSize",
    "large_client_header_buffers": "LargeClientHeaderBuffers",
    "client_body_timeout": "ClientBodyTimeout",
    "underscores_in_headers": "UnderscoresInHeaders",
    "server_names_hash_bucket_size": "ServerNamesHashBucketSize",
    "upstream_zone_size": "UpstreamZoneSize",
    "hide_info_headers": "HideInfoHeaders",
    "global_options": "GlobalOptions",
    "http_options": "HTTPOptions",
    "tcp_options": "TCPOptions",
}
"""Fields that its `Config` sets."""

PARTS = {"GlobalOptions": "main", "HTTPOptions": "http", "TCPOptions": "stream"}
"""The lists of options, and the parts of nginx.conf that they are put into."""

ONCE = {
    "main": frozenset(("events", "http", "pid", "stream", "user", "worker_processes")),
    "http": frozenset((
        "client_body_buffer_size", "client_body_timeout", "client_header_buffer_size", "client_max_body_size",
        "default_type", "keepalive_timeout", "large_client_header_buffers", "proxy_connect_timeout",
        "proxy_http_version", "proxy_read_timeout", "proxy_send_timeout", "send_timeout", "sendfile",
        "server_names_hash_bucket_size", "ssl_ciphers", "ssl_prefer_server_ciphers", "underscores_in_headers",
    )),
    "stream": frozenset[str](),
}  # fmt: skip
"""What the template writes itself into a part and nginx refuses to read there twice."""


def given(part: str) -> dict[str, str]:
    """What the template writes itself into a part and nginx refuses to read there twice: the key that sets it, "" for
    none."""
    keys = {
        "pid": "PidPath",
        "proxy_connect_timeout": "ConnectTimeout",
        "proxy_read_timeout": "ReadTimeout",
        "proxy_send_timeout": "SendTimeout",
        "proxy_http_version": "HTTPVersion",
    }
    return {name: keys.get(name) or CONFIG.get(name, "") for name in ONCE[part]}


def configured(extension: Extension | None, version: Version | None = None) -> Settings:
    """The settings of a proxy; the defaults without an extension, and for each value that nginx would not read as
    meant: that is told of at the value, and not at every label behind it.

    `version` decides on what the product does by itself.
    """
    fields: dict[str, Any] = {}
    for table, names in ((extension.own, OWN), (extension.config, CONFIG)) if extension else ():
        for field, name in names.items():
            setting = table.get(name.lower())
            if setting is not None and not any(True for _ in setting.problems()):
                value = _read(name, setting.value)
                if name in PARTS:
                    value = tuple(_options(setting.value, PARTS[name], setting.place))
                if value is not None:
                    fields[field] = value
    if reached(version, HASH_SIZED_BY_ITSELF):
        fields["server_names_hash_bucket_size"] = None
    return DEFAULT._replace(**fields)


def as_it_runs(settings: Settings, running: Iterable[Running], extension: Extension | None = None) -> Settings:
    """The settings, with the sizes that running proxies are seen to have and that the extension does not set: those
    are what the next config is made of.

    A table of names smaller than usual is left as it is, for the product may make it larger (MKE from 3.4.2 on does).
    """
    own = frozenset(extension.config) if extension else frozenset[str]()
    for proxy in running:
        bucket, usual = proxy.bucket, settings.server_names_hash_bucket_size
        if bucket and usual and bucket > usual and "servernameshashbucketsize" not in own:
            settings = settings._replace(server_names_hash_bucket_size=bucket)
        if proxy.zone and "upstreamzonesize" not in own:
            settings = settings._replace(upstream_zone_size=proxy.zone)
        if proxy.connections and "maxconnections" not in own:
            settings = settings._replace(max_connections=proxy.connections)
        if proxy.map_bucket and not any("map_hash_bucket_size" in option for option in settings.tcp_options):
            option = f"map_hash_bucket_size {proxy.map_bucket};"
            settings = settings._replace(tcp_options=(*settings.tcp_options, option))
    return settings


def _read(name: str, value: Any) -> Any:
    """A value as the trial holds it; None where it is written in a way that the trial does not follow."""
    if name.endswith("LogFormat"):
        # The file of UCP 3.2.3 names $reqid, which its own template makes and the published one does not.
        text = " ".join(str(value).replace("$reqid", "$request_id").split())
        return text if _followed(text) else None
    if name in PARTS:
        return value
    if name == "WorkerProcesses":
        return str(value)
    return value if not isinstance(value, str) or not set(value) & set("'\"") else None


def _options(lines: Sequence[str], part: str, place: Place) -> Iterator[Option]:
    """The options that the trial can hold: all but those that nginx is known to refuse, of which a rule tells."""
    from lblint.interlock.proxy_options.values import check_option
    from lblint.interlock.proxy_options.verdict import judge_options

    refused = {judged.line for judged in judge_options(part, lines, given(part)) if judged.problem.kind != "unchecked"}
    for index, line in enumerate(lines):
        text = line.strip()
        text = text if text.endswith("}") else text.rstrip(";") + ";"
        if text != ";" and index not in refused and next(check_option(text), None) is None:
            option = Option(text)
            option.place = place.child(index)
            yield option


def _followed(text: str) -> bool:
    """Whether a text holds nothing but words, quoted or not, of one directive."""
    from lblint.interlock.proxy_options.values import tokens

    all_tokens, broken = tokens(text)
    whole = not any(
        token.kind in ("comment", "brace") or "\\" in token.text or "${" in token.text for token in all_tokens
    )
    return broken is None and whole and all(token.kind != "end" for token in all_tokens[:-1])
