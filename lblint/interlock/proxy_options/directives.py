"""nginx's directives by the part of its config: the arguments that each takes, and what kind of value.

Source: the command tables of nginx 1.22 (modules that its packages build in) and nginx.org's reference. A directive
that is not in here may still be one of a module, of NGINX Plus or of a later version.
"""

from __future__ import annotations

from lblint.records import NamedTuple


class Known(NamedTuple):
    """A directive. `counts` are the numbers of arguments that it takes, `least` the smallest one where there is no
    largest; `kind` names what its values are, `words` those that it takes."""

    name: str
    counts: frozenset[int]
    least: int | None
    kind: str
    words: tuple[str, ...] = ()

    def takes(self, count: int) -> bool:
        """Whether it takes so many arguments."""
        return count >= self.least if self.least is not None else count in self.counts


_MAIN = """
0 block:
    events http
1 flag:
    daemon master_process pcre_jit
1 number:
    worker_rlimit_nofile
1 offset:
    worker_rlimit_core
1 one of stop abort:
    debug_points
1 own:
    env include load_module ssl_engine worker_priority worker_processes
1+ own:
    error_log worker_cpu_affinity
1,2 own:
    user
2,3 own:
    thread_pool
1 text:
    lock_file pid working_directory
1 time:
    timer_resolution worker_shutdown_timeout
"""
_HTTP = """
0 block:
    server types
1 block:
    upstream
1,2 block:
    geo
2 block:
    charset_map map split_clients
2 buffers:
    fastcgi_buffers gunzip_buffers gzip_buffers large_client_header_buffers output_buffers proxy_buffers
    scgi_buffers uwsgi_buffers
1 flag:
    absolute_redirect aio_write autoindex autoindex_exact_size autoindex_localtime chunked_transfer_encoding
    client_body_in_single_buffer create_full_put_path etag fastcgi_buffering fastcgi_cache_background_update
    fastcgi_cache_lock fastcgi_cache_revalidate fastcgi_force_ranges fastcgi_ignore_client_abort
    fastcgi_intercept_errors fastcgi_keep_conn fastcgi_pass_request_body fastcgi_pass_request_headers
    fastcgi_request_buffering fastcgi_socket_keepalive grpc_intercept_errors grpc_socket_keepalive
    grpc_ssl_server_name grpc_ssl_session_reuse grpc_ssl_verify gunzip gzip gzip_no_buffer gzip_vary
    http2_push_preload ignore_invalid_headers limit_conn_dry_run limit_req_dry_run log_not_found log_subrequest
    memcached_socket_keepalive merge_slashes mirror_request_body mp4_start_key_frame msie_padding msie_refresh
    open_file_cache_errors open_file_cache_events override_charset port_in_redirect proxy_buffering
    proxy_cache_background_update proxy_cache_convert_head proxy_cache_lock proxy_cache_revalidate
    proxy_force_ranges proxy_ignore_client_abort proxy_intercept_errors proxy_pass_request_body
    proxy_pass_request_headers proxy_request_buffering proxy_socket_keepalive proxy_ssl_server_name
    proxy_ssl_session_reuse proxy_ssl_verify real_ip_recursive recursive_error_pages reset_timedout_connection
    rewrite_log scgi_buffering scgi_cache_background_update scgi_cache_lock scgi_cache_revalidate
    scgi_force_ranges scgi_ignore_client_abort scgi_intercept_errors scgi_pass_request_body
    scgi_pass_request_headers scgi_request_buffering scgi_socket_keepalive sendfile server_name_in_redirect ssi
    ssi_ignore_recycled_buffers ssi_last_modified ssi_silent_errors ssl_early_data ssl_prefer_server_ciphers
    ssl_reject_handshake ssl_session_tickets ssl_stapling ssl_stapling_verify sub_filter_last_modified
    sub_filter_once tcp_nodelay tcp_nopush underscores_in_headers uninitialized_variable_warn uwsgi_buffering
    uwsgi_cache_background_update uwsgi_cache_lock uwsgi_cache_revalidate uwsgi_force_ranges
    uwsgi_ignore_client_abort uwsgi_intercept_errors uwsgi_pass_request_body uwsgi_pass_request_headers
    uwsgi_request_buffering uwsgi_socket_keepalive uwsgi_ssl_server_name uwsgi_ssl_session_reuse
    uwsgi_ssl_verify
1 number:
    fastcgi_cache_min_uses fastcgi_next_upstream_tries grpc_next_upstream_tries grpc_ssl_verify_depth
    gzip_comp_level http2_max_concurrent_pushes http2_max_concurrent_streams http2_streams_index_size
    keepalive_requests limit_conn_status limit_req_status map_hash_bucket_size map_hash_max_size max_ranges
    memcached_gzip_flag memcached_next_upstream_tries min_delete_depth open_file_cache_min_uses
    proxy_cache_min_uses proxy_headers_hash_bucket_size proxy_headers_hash_max_size proxy_next_upstream_tries
    proxy_ssl_verify_depth scgi_cache_min_uses scgi_next_upstream_tries server_names_hash_bucket_size
    server_names_hash_max_size ssl_verify_depth types_hash_bucket_size types_hash_max_size userid_service
    uwsgi_cache_min_uses uwsgi_modifier1 uwsgi_modifier2 uwsgi_next_upstream_tries uwsgi_ssl_verify_depth
    variables_hash_bucket_size variables_hash_max_size
1 offset:
    client_max_body_size directio_alignment fastcgi_cache_max_range_offset proxy_cache_max_range_offset
    scgi_cache_max_range_offset uwsgi_cache_max_range_offset
1 one of 1.0 1.1:
    gzip_http_version proxy_http_version
1 one of all any:
    satisfy
1 one of html json jsonp xml:
    autoindex_format
1 one of info notice warn error:
    limit_conn_log_level limit_req_log_level
1 one of off exact before:
    if_modified_since
1 one of off log v1 on:
    userid
1 one of off on always:
    gzip_static lingering_close
1 one of off on build:
    server_tokens
1 one of off on clean:
    client_body_in_file_only
1 one of off on leaf:
    ssl_ocsp
1 one of off on optional optional_no_ca:
    ssl_verify_client
1 own:
    aio allow ancient_browser_value auth_basic_user_file auth_request charset deny directio fastcgi_cache
    fastcgi_cache_key fastcgi_split_path_info fastcgi_store grpc_ssl_certificate grpc_ssl_certificate_key
    grpc_ssl_password_file http2_idle_timeout http2_max_field_size http2_max_header_size http2_max_requests
    http2_push http2_recv_timeout include mirror modern_browser_value proxy_cache proxy_cache_key
    proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_password_file proxy_store real_ip_header root
    scgi_cache scgi_cache_key scgi_store set_real_ip_from source_charset ssl ssl_ocsp_cache ssl_password_file
    userid_expires userid_mark uwsgi_cache uwsgi_cache_key uwsgi_ssl_certificate uwsgi_ssl_certificate_key
    uwsgi_ssl_password_file uwsgi_store
1+ own:
    access_log ancient_browser error_log fastcgi_cache_valid gzip_disable index proxy_cache_valid resolver
    scgi_cache_valid uwsgi_cache_valid
1,2 own:
    disable_symlinks expires fastcgi_bind grpc_bind keepalive_timeout memcached_bind modern_browser
    open_file_cache proxy_bind proxy_cookie_domain proxy_cookie_path proxy_redirect scgi_bind ssl_session_cache
    uwsgi_bind
1,2,3 own:
    dav_access fastcgi_store_access limit_req proxy_store_access scgi_store_access uwsgi_store_access
1,2,3,4 own:
    client_body_temp_path fastcgi_temp_path open_log_file_cache proxy_cookie_flags proxy_temp_path
    scgi_temp_path uwsgi_temp_path
2 own:
    auth_request_set limit_conn limit_conn_zone sub_filter
2+ own:
    error_page fastcgi_cache_path log_format proxy_cache_path scgi_cache_path uwsgi_cache_path
2,3 own:
    add_header add_trailer fastcgi_param scgi_param uwsgi_param
3 own:
    limit_req_zone
2 pair:
    grpc_set_header grpc_ssl_conf_command proxy_set_header proxy_ssl_conf_command ssl_conf_command
    uwsgi_ssl_conf_command
1 rate:
    limit_rate limit_rate_after
1 size:
    client_body_buffer_size client_header_buffer_size connection_pool_size fastcgi_buffer_size
    fastcgi_busy_buffers_size fastcgi_limit_rate fastcgi_max_temp_file_size fastcgi_send_lowat
    fastcgi_temp_file_write_size grpc_buffer_size gzip_hash gzip_min_length gzip_window http2_body_preread_size
    http2_chunk_size http2_pool_size http2_recv_buffer_size memcached_buffer_size mp4_buffer_size
    mp4_max_buffer_size postpone_gzipping postpone_output proxy_buffer_size proxy_busy_buffers_size
    proxy_limit_rate proxy_max_temp_file_size proxy_send_lowat proxy_temp_file_write_size read_ahead
    request_pool_size scgi_buffer_size scgi_busy_buffers_size scgi_limit_rate scgi_max_temp_file_size
    scgi_temp_file_write_size send_lowat sendfile_max_chunk slice ssi_min_file_chunk ssi_value_length
    ssl_buffer_size subrequest_output_buffer_size uwsgi_buffer_size uwsgi_busy_buffers_size uwsgi_limit_rate
    uwsgi_max_temp_file_size uwsgi_temp_file_write_size
1+ some of GET HEAD POST:
    fastcgi_cache_methods proxy_cache_methods scgi_cache_methods uwsgi_cache_methods
1+ some of SSLv2 SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3:
    grpc_ssl_protocols proxy_ssl_protocols ssl_protocols uwsgi_ssl_protocols
1+ some of X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset Expires Cache-Control Set-Cookie Vary:
    fastcgi_ignore_headers grpc_ignore_headers proxy_ignore_headers scgi_ignore_headers uwsgi_ignore_headers
1+ some of error timeout invalid_header non_idempotent http_500 http_502 http_503 http_504 http_403 http_404 http_429 off:
    grpc_next_upstream
1+ some of error timeout invalid_header non_idempotent http_500 http_502 http_503 http_504 http_403 http_404 http_429 updating off:
    proxy_cache_use_stale proxy_next_upstream
1+ some of error timeout invalid_header non_idempotent http_500 http_503 http_403 http_404 http_429 updating off:
    fastcgi_cache_use_stale fastcgi_next_upstream scgi_cache_use_stale scgi_next_upstream uwsgi_cache_use_stale
    uwsgi_next_upstream
1+ some of error timeout invalid_response not_found off:
    memcached_next_upstream
1+ some of off expired no-cache no-store private no_last_modified no_etag auth any:
    gzip_proxied
1+ some of off put delete mkcol copy move:
    dav_methods
1,2 some of none msie6 safari:
    keepalive_disable
1,2,3 some of off secure httponly samesite=strict samesite=lax samesite=none:
    userid_flags
1 text:
    add_after_body add_before_body default_type fastcgi_index grpc_ssl_ciphers grpc_ssl_crl
    grpc_ssl_trusted_certificate post_action proxy_set_body proxy_ssl_ciphers proxy_ssl_crl
    proxy_ssl_trusted_certificate secure_link_secret ssl_ciphers ssl_client_certificate ssl_crl ssl_dhparam
    ssl_ecdh_curve ssl_ocsp_responder ssl_stapling_file ssl_stapling_responder ssl_trusted_certificate
    userid_domain userid_name userid_p3p userid_path uwsgi_ssl_ciphers uwsgi_ssl_crl
    uwsgi_ssl_trusted_certificate uwsgi_string
1 texts:
    fastcgi_catch_stderr fastcgi_hide_header fastcgi_pass_header grpc_hide_header grpc_pass_header
    proxy_hide_header proxy_pass_header scgi_hide_header scgi_pass_header ssl_certificate ssl_certificate_key
    ssl_session_ticket_key uwsgi_hide_header uwsgi_pass_header
1 time:
    auth_delay client_body_timeout client_header_timeout fastcgi_cache_lock_age fastcgi_cache_lock_timeout
    fastcgi_connect_timeout fastcgi_next_upstream_timeout fastcgi_read_timeout fastcgi_send_timeout
    grpc_connect_timeout grpc_next_upstream_timeout grpc_read_timeout grpc_send_timeout keepalive_time
    lingering_time lingering_timeout memcached_connect_timeout memcached_next_upstream_timeout
    memcached_read_timeout memcached_send_timeout open_file_cache_valid proxy_cache_lock_age
    proxy_cache_lock_timeout proxy_connect_timeout proxy_next_upstream_timeout proxy_read_timeout
    proxy_send_timeout resolver_timeout scgi_cache_lock_age scgi_cache_lock_timeout scgi_connect_timeout
    scgi_next_upstream_timeout scgi_read_timeout scgi_send_timeout send_timeout ssl_session_timeout
    uwsgi_cache_lock_age uwsgi_cache_lock_timeout uwsgi_connect_timeout uwsgi_next_upstream_timeout
    uwsgi_read_timeout uwsgi_send_timeout
1 value:
    auth_basic grpc_ssl_name proxy_method proxy_ssl_name secure_link secure_link_md5 uwsgi_ssl_name
1+ values:
    fastcgi_cache_bypass fastcgi_no_cache proxy_cache_bypass proxy_no_cache scgi_cache_bypass scgi_no_cache
    uwsgi_cache_bypass uwsgi_no_cache
1+ words:
    addition_types charset_types gzip_types ssi_types sub_filter_types
"""  # noqa: E501
_STREAM = """
0 block:
    server
1 block:
    upstream
1,2 block:
    geo
2 block:
    map split_clients
1 flag:
    limit_conn_dry_run proxy_half_close proxy_next_upstream proxy_protocol proxy_socket_keepalive proxy_ssl
    proxy_ssl_server_name proxy_ssl_session_reuse proxy_ssl_verify ssl_prefer_server_ciphers ssl_preread
    ssl_session_tickets tcp_nodelay
1 number:
    map_hash_bucket_size map_hash_max_size proxy_next_upstream_tries proxy_requests proxy_responses
    proxy_ssl_verify_depth ssl_verify_depth variables_hash_bucket_size variables_hash_max_size
1 one of info notice warn error:
    limit_conn_log_level
1 one of off on optional optional_no_ca:
    ssl_verify_client
1 own:
    allow deny include proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_password_file set_real_ip_from
    ssl_password_file
1+ own:
    access_log error_log resolver ssl_alpn
1,2 own:
    proxy_bind ssl_session_cache
1,2,3,4 own:
    open_log_file_cache
2 own:
    limit_conn limit_conn_zone
2+ own:
    log_format
2 pair:
    proxy_ssl_conf_command ssl_conf_command
1 rate:
    proxy_download_rate proxy_upload_rate
1 size:
    preread_buffer_size proxy_buffer_size proxy_downstream_buffer proxy_upstream_buffer
1+ some of SSLv2 SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3:
    proxy_ssl_protocols ssl_protocols
1 text:
    proxy_ssl_ciphers proxy_ssl_crl proxy_ssl_trusted_certificate ssl_ciphers ssl_client_certificate ssl_crl
    ssl_dhparam ssl_ecdh_curve ssl_trusted_certificate
1 texts:
    ssl_certificate ssl_certificate_key ssl_session_ticket_key
1 time:
    preread_timeout proxy_connect_timeout proxy_next_upstream_timeout proxy_protocol_timeout proxy_timeout
    resolver_timeout ssl_handshake_timeout ssl_session_timeout
1 value:
    proxy_ssl_name
"""


def _read(text: str) -> dict[str, Known]:
    """The directives of a table: a line `arguments kind:`, and below it the names."""
    directives: dict[str, Known] = {}
    head = Known("", frozenset(), None, "")
    for line in text.strip().splitlines():
        if line.startswith(" "):
            directives.update((name, head._replace(name=name)) for name in line.split())
            continue
        counts, kind, *words = line.removesuffix(":").split()
        least = int(counts[:-1]) if counts.endswith("+") else None
        numbers = frozenset[int]() if least is not None else frozenset(map(int, counts.split(",")))
        head = Known("", numbers, least, kind, tuple(words[1:]))
    return directives


DIRECTIVES = {"main": _read(_MAIN), "http": _read(_HTTP), "stream": _read(_STREAM)}
"""The directives that may stand at the level of each part, by name."""

_EVENTS = """
    worker_connections use multi_accept accept_mutex accept_mutex_delay debug_connection
"""
_SERVERS = """
    alias break empty_gif flv grpc_pass if internal limit_except listen location memcached_pass mp4 proxy_pass
    random_index referer_hash_bucket_size referer_hash_max_size return rewrite scgi_pass server_name set
    stub_status try_files uwsgi_pass valid_referers
    fastcgi_pass
"""
_UPSTREAMS = """
    hash ip_hash keepalive least_conn random zone
"""
ELSEWHERE = {
    **dict.fromkeys(_EVENTS.split(), "events"),
    **dict.fromkeys(_SERVERS.split(), "a server or location"),
    **dict.fromkeys(_UPSTREAMS.split(), "an upstream"),
    "ssl_preread": "the stream part",
}
"""Directives that nginx knows, but not at the level of main, http or stream, and where they belong."""

_MODULES = """
    add_header_inherit add_trailer_inherit early_hints fastcgi_allow_upstream fastcgi_cache_purge http2 http3 http3_hq
    keepalive_min_timeout limit_zone max_headers mirror_request proxy_allow_upstream proxy_bind_dynamic
    proxy_cache_max_range_offset proxy_cache_purge proxy_pass_trailers proxy_request_dynamic proxy_ssl_alpn
    proxy_ssl_certificate_cache proxy_ssl_key_log quic_retry ssl_alpn ssl_certificate_cache
    ssl_certificate_compression ssl_ech_file ssl_key_log ssl_name ssl_object_cache_inheritable ssl_ocsp_cache
    ssl_handshake_timeout spdy_chunk_size spdy_headers_comp thread_stack_size upstream_conf
    pass brotli js_set perl_set image_filter xml_entities
    ssl_stapling_proxy
"""
OF_MODULES = frozenset(_MODULES.split())
"""Directives of later or earlier versions, of modules that a build may lack, or of NGINX Plus: whether a proxy has them
is not known."""
