"""The variables that nginx has of itself, in its http and in its stream part.

Source: nginx.org, "Alphabetical index of variables"; each is tried with nginx 1.22 (tests/test_nginx_options.py).
"""

from __future__ import annotations

from lblint.lazy_re import pattern

_HTTP = """
    ancient_browser args binary_remote_addr body_bytes_sent bytes_sent connection connection_requests connection_time
    connections_active connections_reading connections_waiting connections_writing content_length content_type
    date_gmt date_local document_root document_uri fastcgi_path_info fastcgi_script_name gzip_ratio
    host hostname http2 https invalid_referer is_args limit_conn_status limit_rate limit_req_status
    modern_browser msec msie nginx_version pid pipe proxy_add_x_forwarded_for proxy_host proxy_port
    proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr proxy_protocol_server_port query_string
    realip_remote_addr realip_remote_port realpath_root remote_addr remote_port remote_user request request_body
    request_body_file request_completion request_filename request_id request_length request_method request_time
    request_uri scheme secure_link secure_link_expires sent_http_cache_control sent_http_connection
    server_addr server_name server_port server_protocol slice_range ssl_cipher ssl_ciphers ssl_client_cert
    ssl_client_escaped_cert ssl_client_fingerprint ssl_client_i_dn ssl_client_i_dn_legacy ssl_client_raw_cert
    ssl_client_s_dn ssl_client_s_dn_legacy ssl_client_serial ssl_client_v_end ssl_client_v_remain ssl_client_v_start
    ssl_client_verify ssl_curve ssl_curves ssl_early_data ssl_protocol ssl_server_name ssl_session_id
    ssl_session_reused status tcpinfo_rcv_space tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd time_iso8601 time_local
    uid_got uid_reset uid_set upstream_addr upstream_bytes_received upstream_bytes_sent upstream_cache_status
    upstream_connect_time upstream_header_time upstream_response_length upstream_response_time upstream_status uri
"""
_STREAM = """
    binary_remote_addr bytes_received bytes_sent connection hostname limit_conn_status msec nginx_version pid
    protocol proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr proxy_protocol_server_port
    realip_remote_addr realip_remote_port remote_addr remote_port server_addr server_port session_time
    ssl_cipher ssl_ciphers ssl_client_cert ssl_client_fingerprint ssl_client_i_dn ssl_client_raw_cert ssl_client_s_dn
    ssl_client_serial ssl_client_v_end ssl_client_v_remain ssl_client_v_start ssl_client_verify ssl_curve ssl_curves
    ssl_preread_alpn_protocols ssl_preread_protocol ssl_preread_server_name ssl_protocol ssl_server_name
    ssl_session_id ssl_session_reused status time_iso8601 time_local upstream_addr upstream_bytes_received
    upstream_bytes_sent upstream_connect_time upstream_first_byte_time upstream_session_time
"""
VARIABLES = {"http": frozenset(_HTTP.split()), "stream": frozenset(_STREAM.split())}
"""The names, by the part of the config."""

_NEW = """
    http3 ssl_alpn_protocol proxy_protocol_tlv_ssl server_id proxy_internal_body_length proxy_internal_chunked
    request_port is_request_port geoip_country_code geoip_city geoip2_data_country_code realip_add_x_forwarded_for
    ssl_sigalg ssl_client_sigalg ssl_ech_status ssl_ech_outer_server_name time_local_ms
"""
_LATER = frozenset(_NEW.split())
_PREFIXES = {
    "http": ("arg_", "cookie_", "http_", "sent_http_", "sent_trailer_", "upstream_cookie_", "upstream_http_",
             "upstream_trailer_"),
    "stream": (),
}  # fmt: skip
_OF_MODULES = ("geoip_", "geoip2_", "jwt_", "lua_", "proxy_protocol_tlv_", "otel_", "session_log_")

VARIABLE = pattern(r"\$(?:\{(?P<braced>[^}]*)\}?|(?P<plain>[A-Za-z0-9_]*))")
"""A variable in a text, as nginx reads it (ngx_http_script_compile)."""


def is_variable(name: str, part: str) -> bool | None:
    """Whether nginx has a variable of this name in a part, "http" or "stream"; None where that depends on its version
    or on a module."""
    name = name.lower()
    if name in VARIABLES[part] or any(name.startswith(prefix) and name != prefix for prefix in _PREFIXES[part]):
        return True
    return None if name in _LATER or name.startswith(_OF_MODULES) else False
