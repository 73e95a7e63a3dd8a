"""Options of Interlock's config before the real nginx: it takes what passes here, and refuses what is refused here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from zlib import crc32

import pytest
from nginx import SETTINGS, sandbox
from routes import ingress, route

from lblint.interlock.proxy_options.directives import DIRECTIVES, Known
from lblint.interlock.proxy_options.variables import VARIABLES
from lblint.interlock.proxy_options.verdict import judge_options
from lblint.proxy import trial
from lblint.proxy.settings import given

VALUES = {
    "flag": ("on", "off", "ON", "yes", "1"),
    "time": ("30s", "5", "1m30s", "500ms", "30sec", "1h 5m", "-1", "''", "99999999999w"),
    "number": ("4", "0", "12k", "-3", "x", "1000000"),
    "size": ("8k", "1m", "512", "0", "8kb", "2g", "-1", "1.5k"),
    "offset": ("8k", "1g", "0", "8mb", "x"),
    "text": ("word", "''", "a:b", "$host", "$nothing"),
    "texts": ("word", "X-Powered-By", "$nothing"),
    "words": ("text/css", "*", "a a", "x/y text/plain"),
    "value": ("word", "$host", "$nothing", "${host", "$", "a$host-b"),
    "values": ("$host", "$cookie_a $arg_b", "$nothing", "x"),
    "rate": ("10k", "$limit_rate", "x", "10kb", "0"),
    "buffers": ("4 8k", "16 128k", "1 4k", "0 4k", "4 0", "4 8kb", "k 4", "4 2k"),
    "pair": ("X-A b", "Host $host", "X-A $nothing", "X-A ''", "'' x"),
    "one": ("nonsense", "'' "),
    "some": ("nonsense", "off nonsense"),
    "own": ("word", "off", "on", "default", "$host", "10.0.0.0/8", "10", "5m", "a b", "404 /x", "'' ''"),
    "block": ("", "x"),
}
"""Values that are tried for each kind, right and wrong."""

HTTP = """
log_format main '$host';                    | log_format trace '$host';
log_format extra '$host $nothing';          | log_format extra '$host $http_x_any $status';
log_format extra escape=json '{"a":"$host"}' | log_format extra escape=xml '$host';
log_format a '$host'; log_format a '$host'; | log_format a '$host'; access_log /dev/null a;
log_format combined '$host';                | access_log /dev/null nowhere;
access_log /dev/null;                       | access_log off;
access_log off combined;                    | access_log /dev/null combined buffer=32k flush=5s;
access_log /dev/null combined flush=5s;     | access_log /dev/null combined buffer=32kb;
access_log /dev/null combined if=$nothing;  | access_log /dev/null combined if=$http_x;
access_log /tmp;                            | access_log /tmp/;
access_log /dev/null combined level=1;      | access_log /dev/null combined gzip;
error_log /dev/null;                        | error_log /dev/null debug;
error_log /dev/null WARN;                   | error_log stderr error;
error_log /dev/null warning;                | error_log /dev/null warn info;
limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s; | limit_req_zone $binary_remote_addr zone=a:10m rate=10;
limit_req_zone $binary_remote_addr zone=a:4k rate=1r/s;   | limit_req_zone $nothing zone=a:1m rate=1r/s;
limit_req_zone $binary_remote_addr zone=a rate=1r/s;      | limit_req_zone $binary_remote_addr zone=a:1m rate=0r/s;
limit_req_zone $binary_remote_addr zone=a:10m rate=10r/h; | limit_req_zone $binary_remote_addr zone=a:1m burst=1;
limit_req_zone $host zone=a:1m rate=5r/m; limit_req zone=a; | limit_req zone=a;
limit_req_zone $host zone=a:1m rate=5r/m; limit_req zone=b; | limit_req a;
limit_req_zone $host zone=a:1m rate=5r/m; limit_req zone=a burst=5 nodelay;
limit_req_zone $host zone=a:1m rate=5r/m; limit_req zone=a burst=x;
limit_req_zone $host zone=a:1m rate=5r/m; limit_req zone=a burst=0;
limit_req_zone $host zone=a:1m rate=5r/m; limit_req zone=a delay=5 burst=9;
limit_req_zone $host zone=a:1m rate=5r/m; limit_req zone=a now;
limit_req_zone $host zone=a:1m rate=5r/m; limit_req zone=a; limit_req zone=a;
limit_req_zone $host zone=a:1m rate=5r/m; limit_req_zone $host zone=a:1m rate=5r/m;
limit_req_zone $host zone=a:1m rate=5r/m; limit_conn a 5;
limit_conn_zone $host zone=a:1m; limit_conn a 5; | limit_conn_zone $host a:1m;
limit_conn_zone $host zone=a:1m; limit_conn b 5; | limit_conn_zone $host zone=a:31k;
limit_conn_zone $host zone=a:1m; limit_conn a 0; | limit_conn_zone $host zone=a:32k;
limit_conn_zone $host zone=a:1m; limit_conn a 65536; | limit_conn_zone $host zone=a:1m; limit_conn a x;
limit_conn_zone $host zone=a:1m; limit_conn a 5; limit_conn a 6; | limit_conn_zone $host zone=:1m;
map $host $x { default 1; a.org 2; }        | map $host $x { a.org 2 3; }
map $host $x { a.org; }                     | map $host $x { a.org 1; a.org 2; }
map $host x { default 1; }                  | map $nothing $x { default 1; }
map $host $x { default $nothing; }          | map $host $x { hostnames; *.a.org 1; }
map $host $x { ~^a 1; ~*b$ 2; }             | map $host $x { default 1; default 2; }
map $host $x { default 1 }                  | map $host { default 1; }
map $host $x { volatile; A 1; a 2; }        | map $host $x;
map $host $y { default 1; } log_format a '$y'; | log_format a '$y'; map $host $y { default 1; }
geo $x { default 0; 10.0.0.0/8 1; }         | geo $x { 10.0.0.0/33 1; }
geo $x { 10.0.0.300 1; }                    | geo $x { 10.1.2.3/8 1; ::1 2; fd00::/8 3; }
geo $x { default 0 1; }                     | geo $x { default; }
geo x { default 0; }                        | geo $remote_addr $x { default 0; proxy 10.0.0.1; }
geo $nothing $x { default 0; }              | geo $x { a.org 1; }
geo $x { default 0; default 1; }            | geo $x { 10.0.0.0/8 1; 10.0.0.0/8 2; }
proxy_buffer_size 128k;                     | proxy_buffer_size 128k; proxy_buffers 4 256k;
proxy_buffer_size 128k; proxy_buffers 4 128k; | proxy_buffer_size 128k; proxy_buffers 4 64k;
proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_busy_buffers_size 32k;
proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_busy_buffers_size 8k;
proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_busy_buffers_size 112k;
proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_busy_buffers_size 113k;
proxy_buffers 2 4k;                         | proxy_buffers 3 4k;
proxy_buffers 1 4k;                         | proxy_busy_buffers_size 28k;
proxy_busy_buffers_size 29k;                | proxy_buffer_size 14k;
proxy_buffer_size 15k;                      | proxy_temp_file_write_size 2k;
proxy_max_temp_file_size 2k;                | proxy_max_temp_file_size 0;
fastcgi_buffer_size 128k;                   | uwsgi_buffers 1 4k;
scgi_busy_buffers_size 1k;                  | connection_pool_size 300;
connection_pool_size 512;                   | request_pool_size 100;
gzip_comp_level 0;                          | gzip_comp_level 9;
gzip_comp_level 10;                         | gzip_types text/css text/css;
gzip_disable msie6;                         | gzip_disable "MSIE [1-6]\\.";
gzip_proxied any;                           | gzip_proxied expired nowhere;
gzip_buffers 16 8k;                         | gzip_min_length 1000;
gzip_http_version 1.0;                      | gzip_http_version 2.0;
gzip on; gzip on;                           | add_header A b; add_header A b;
add_header A b always;                      | add_header A b never;
add_header A $nothing;                      | add_header Strict-Transport-Security "max-age=1; preload" always;
add_header A "a b" "always";                | add_header A;
expires 30d;                                | expires modified +1h;
expires max;                                | expires tomorrow;
expires $nothing;                           | expires later +1h;
resolver 127.0.0.11;                        | resolver 127.0.0.11 valid=30s ipv6=off;
resolver 127.0.0.11 valid=x;                | resolver valid=30s;
resolver 127.0.0.11:99999;                  | resolver [::1]:53;
resolver 127.0.0.11 ipv6=no;                | resolver 1.2.3.4 1.2.3.5; resolver 1.2.3.4;
error_page 404 /404.html;                   | error_page 500 502 503 504 /50x.html;
error_page 404 =200 /x;                     | error_page 200 /x;
error_page /x;                              | error_page 499 /x;
error_page 404 = /x;                        | error_page 404 =x /y;
error_page 600 /x;                          | error_page x /y;
set_real_ip_from 10.0.0.0/8;                | set_real_ip_from 10.0.0.0/99;
set_real_ip_from ::/0;                      | set_real_ip_from unix:;
real_ip_header X-Forwarded-For;             | real_ip_header proxy_protocol;
real_ip_recursive on;                       | real_ip_header A; real_ip_header B;
allow 10.0.0.0/8; deny all;                 | allow 10.0.0.0/33;
deny everybody;                             | allow unix:;
open_file_cache max=1000 inactive=20s;      | open_file_cache inactive=20s;
open_file_cache max=x;                      | open_file_cache off;
ssl_session_cache shared:SSL:10m;           | ssl_session_cache shared:SSL;
ssl_session_cache shared:SSL:1k;            | ssl_session_cache none;
ssl_session_cache memory;                   | ssl_session_cache builtin:1000 shared:SSL:10m;
ssl_session_timeout 1d;                     | ssl_session_timeout 1day;
ssl_session_tickets off;                    | ssl_buffer_size 4k;
ssl_protocols TLSv1.2 TLSv1.3;              | ssl_protocols TLSv1.2,TLSv1.3;
ssl_verify_client on;                       | ssl_verify_client off;
ssl_stapling on;                            | ssl_ecdh_curve X25519:P-256;
ssl_ecdh_curve nothing;                     | ssl_reject_handshake on;
proxy_redirect off;                         | proxy_redirect default;
proxy_redirect http:// https://;            | proxy_redirect http://;
proxy_redirect $nothing x;                  | proxy_cookie_path / /x;
proxy_cookie_path /;                        | proxy_cookie_domain off;
proxy_cache_path /tmp/lblint-cache levels=1:2 keys_zone=c:10m; | proxy_cache c;
proxy_cache_valid 200 10m;                  | proxy_cache_valid 200 10min;
proxy_cache_valid any 1m;                   | proxy_cache_valid 999 1m;
proxy_cache_key $host$uri;                  | proxy_cache_bypass $http_pragma;
proxy_set_header X-Real-IP $remote_addr;    | proxy_set_header X-A $nothing;
proxy_set_header X-A;                       | proxy_hide_header X-Powered-By;
proxy_next_upstream error timeout;          | proxy_next_upstream errors;
proxy_next_upstream_tries 3;                | proxy_next_upstream_timeout 3s;
proxy_http_version 1.1;                     | proxy_request_buffering off;
proxy_ssl_server_name on;                   | proxy_ssl_protocols TLSv1.2;
proxy_ssl_verify on;                        | proxy_bind 10.0.0.1;
server_tokens off;                          | server_tokens no;
server_tokens build;                        | tcp_nopush on; tcp_nodelay on;
types_hash_max_size 2048;                   | types_hash_bucket_size 64;
variables_hash_max_size 16;                 | map_hash_bucket_size 16;
map_hash_max_size 4096;                     | server_names_hash_max_size 4096;
server_names_hash_max_size 1;               | proxy_headers_hash_max_size 1024;
charset utf-8;                              | charset $host;
root /var/www;                              | root $document_root;
root $nothing;                              | index index.html;
index /x y;                                 | sub_filter a b;
sub_filter $nothing b;                      | sub_filter_once off;
keepalive_requests 1000;                    | keepalive_disable none;
keepalive_disable firefox;                  | satisfy any;
satisfy some;                               | if_modified_since before;
client_header_timeout 10s;                  | client_header_timeout 10 s;
client_body_in_file_only clean;             | lingering_close always;
limit_rate 100k;                            | limit_rate_after 1mb;
auth_basic "closed"; auth_basic_user_file x; | auth_basic $nothing;
auth_basic off;                             | auth_request /auth;
location / { return 200; }                  | return 200;
rewrite a b;                                | set $a b;
listen 80;                                  | server_name a.org;
proxy_pass http://a;                        | worker_processes 2;
worker_connections 100;                     | events { }
if ($host) { }                              | try_files a b;
gzpi on;                                    | clientmax_body_size 1m;
proxy_read_timout 5s;                       | proxy_buffer 8k;
brotli on;                                  | more_set_headers "A: b";
http2 on;                                   | vhost_traffic_status_zone;
completely_unknown_words 1;                 | status_zone x;
ssl on;                                     | upstream x { server 127.0.0.1:1; }
upstream x { }                              | server { listen unix:s/x; }
split_clients $host $x { 50% a; * b; }      | types { text/x x; }
include /nowhere.conf;                      | include /nowhere/*.conf;
;                                           | gzip on; ;
gzip;                                       | gzip on off;
gzip "on";                                  | gzip 'on' ;
gzip { }                                    | map_hash_max_size;
send_timeout 5s; send_timeout 6s;           | sendfile_max_chunk 1m;
default_type text/plain;                    | client_max_body_size 5m;
"""
MAIN = """
worker_rlimit_nofile 4096;                  | worker_rlimit_nofile 4k;
worker_rlimit_nofile 1; worker_rlimit_nofile 2; | worker_shutdown_timeout 10s;
worker_priority -5;                         | worker_priority x;
thread_pool a threads=4;                    | thread_pool a;
worker_cpu_affinity auto;                   | worker_cpu_affinity 0101;
worker_cpu_affinity 2;                      | env TZ;
env TZ=UTC;                                 | pcre_jit on;
pcre_jit yes;                               | timer_resolution 100ms;
timer_resolution 100x;
pid a.pid;                                  | worker_processes 2;
multi_accept on;                            | worker_connections 9;
use epoll;                                  | gzip on;
server_tokens off;                          | load_module x.so;
error_log /dev/null crit;                   | error_log /dev/null loud;
daemon off;                                 | daemon on;
stream { }                                  | http { }
events { }                                  | lock_file x;
debug_points abort;                         | worker_rlimit_core 1g;
workerrlimit_nofile 5;                      | include /nowhere.conf;
"""
STREAM = """
map_hash_bucket_size 128;                   | map_hash_bucket_size 256; map_hash_bucket_size 128;
proxy_timeout 10m;                          | proxy_timeout 10min;
proxy_connect_timeout 5s;                   | proxy_read_timeout 5s;
proxy_buffer_size 16k;                      | proxy_buffers 4 8k;
preread_timeout 5s;                         | ssl_preread maybe;
log_format s '$remote_addr';                | log_format s '$host';
log_format stream '$status';                | log_format s '$status'; access_log /dev/null s;
access_log /dev/null;                       | access_log /dev/null nowhere;
access_log off;                             | access_log /dev/null combined;
resolver 127.0.0.11;                        | limit_conn_zone $binary_remote_addr zone=a:1m; limit_conn a 5;
limit_conn_zone $host zone=a:1m;            | limit_conn a 5;
limit_req_zone $binary_remote_addr zone=a:1m rate=1r/s; | add_header A b;
map $remote_addr $x { default 1; }          | map $host $x { default 1; }
geo $x { default 0; 10.0.0.0/8 1; }         | geo $x { x 1; }
gzip on;                                    | proxy_pass a;
set_real_ip_from 10.0.0.0/8;                | allow all; deny all;
ssl_protocols TLSv1.2;                      | tcp_nodelay on;
proxy_protocol on;                          | proxy_ssl on;
variables_hash_bucket_size 128;             | proxy_socket_keepalive on;
proxy_next_upstream on;                     | proxy_next_upstream error;
"""


def written(text: str) -> Iterator[str]:
    """The options of a table: lines, with two in some."""
    for line in text.strip().splitlines():
        yield from (part.strip() for part in line.split(" | " if " | " in line else "  |"))


def generated(part: str, known: Known) -> Iterator[str]:
    """Options with one directive: each number of arguments up to one too many, and each value of its kind."""
    counts = sorted(known.counts) if known.least is None else [known.least]
    block = " { }" if known.kind == "block" else ""
    yield known.name + block
    yield " ".join([known.name, *["x"] * (counts[-1] + 1)]) + block
    for value in (*VALUES[known.kind], *known.words[:2]):
        yield f"{known.name} {value}{block}"


_EVERYWHERE = frozenset(("user",))
"""Directives that nginx overlooks where it is not root."""


def options() -> Iterator[tuple[str, str]]:
    """Every option that is tried, with its part."""
    for part, text in (("http", HTTP), ("main", MAIN), ("stream", STREAM)):
        yield from ((part, option) for option in written(text))
    for part, table in DIRECTIVES.items():
        for name, known in table.items():
            if name not in _EVERYWHERE and crc32(name.encode()) % 4 == 0:
                yield from ((part, option) for option in generated(part, known))


@cache
def base() -> tuple[str, ...]:
    """A trial config with a plain and a TLS host, cut where the options of main, http and stream stand."""
    text = trial(
        ingress(route("a", hosts="a.org"), route("b", hosts="b.org", ssl_cert="c", ssl_key="k")), SETTINGS
    ).text
    top, http = text.split("events {", 1)
    before, after = http.split("\n    log_format main", 1)
    middle, end = after.split("\nstream {\n", 1)
    return top, "events {" + before + "\n", "\n    log_format main" + middle + "\nstream {\n", end


def config(part: str, option: str) -> str:
    """The trial config with one option."""
    top, http, stream, end = base()
    line = option if option.endswith((";", "}")) else option + ";"
    return (top + (line + "\n" if part == "main" else "") + http + (line if part == "http" else "") + stream
            + (line + "\n" if part == "stream" else "") + end)  # fmt: skip


def verdict(part: str, option: str) -> str:
    """What lblint says of an option: "passed", "not checked" or "refused"."""
    kinds = {judged.problem.kind for judged in judge_options(part, [option], given(part))}
    if kinds - {"unchecked"}:
        return "refused"
    return "not checked" if kinds else "passed"


@pytest.mark.needs_nginx
def test_options_against_nginx() -> None:
    counted: dict[tuple[str, bool], int] = {}
    passed_and_refused, taken_and_refused = [], []
    tried = sorted(set(options()))
    with sandbox() as box:
        assert box.test(config("http", "gzip on;")).ok
        for part, option in tried:
            said = box.test(config(part, option))
            ours = verdict(part, option)
            counted[ours, said.ok] = counted.get((ours, said.ok), 0) + 1
            if ours == "passed" and not said.ok:
                passed_and_refused.append((part, option, said.message))
            if ours == "refused" and said.ok:
                taken_and_refused.append((part, option))
    assert passed_and_refused == []
    assert taken_and_refused == []
    assert len(tried) >= 286
    assert counted["passed", True] >= 286
    assert counted["refused", False] >= 286


@pytest.mark.needs_nginx
def test_variables_are_known_to_nginx() -> None:
    with sandbox() as box:
        for part, names in VARIABLES.items():
            words = " ".join(f"${name}" for name in sorted(names))
            assert box.test(config(part, f"log_format all '{words}';")).message == ""
