"""What of the proxy Interlock's config.toml can set, with the documented defaults."""

from __future__ import annotations

from lblint.records import NamedTuple

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


DEFAULT = Settings()
