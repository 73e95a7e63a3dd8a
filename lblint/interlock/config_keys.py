"""The keys of Interlock's config.toml: the one table that its reader, its rules and suggestions derive from.

Sources: the file that UCP 3.0.0 generates and its reference (docs, ee/ucp/interlock/config/), the complete file for UCP
3.2.3 on the page on service clusters, and the NGINX page of Mirantis MKE 3.8. Keys match without regard to case: the
sources write some in two ways. What a `Version` has, "" where that is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lblint.interlock import config_values as core
from lblint.interlock.proxy_options import values as nginx
from lblint.interlock.proxy_options import values as text
from lblint.interlock.value_problems import Problem
from lblint.interlock.version import INTERLOCK_3
from lblint.records import NamedTuple

TEXT = "a string"
NUMBER = "a whole number"
FLAG = "true or false"
TEXTS = "a list of strings"
TABLE = "a table of strings"
EITHER = "a string or a whole number"
TABLES = "a table"


class Key(NamedTuple):
    """A key: what it holds, its documented default (None for none), and what is known of it.

    `check` gets a value of the right type, for a list each of its items. `since` is the first version that has it, as
    in version.py, `gone` the first that has it no more.
    """

    name: str
    kind: str
    default: Any = None
    doc: str = ""
    check: Callable[[Any], Iterator[Problem]] = core.check_anything
    since: str = ""
    gone: str = ""


Table = Mapping[str, Key]


def _table(*keys: Key) -> Table:
    return {key.name.lower(): key for key in keys}


CORE = _table(
    Key("ListenAddr", TEXT, ":8080", "where the core serves extensions", core.check_address),
    Key("DockerURL", TEXT, "unix:///var/run/docker.sock", "the Docker API"),
    Key("TLSCACert", TEXT, "", "the CA of the Docker API"),
    Key("TLSCert", TEXT, "", "the certificate for the Docker API"),
    Key("TLSKey", TEXT, "", "the key for the Docker API"),
    Key("AllowInsecure", FLAG, False, "whether the Docker API's certificate is not checked"),
    Key("PollInterval", TEXT, "3s", "how often the Docker API is asked", core.check_duration),
    Key("EndpointOverride", TEXT, "", "the address at which extensions reach the core"),
    Key("Extensions", TABLES, None, "the proxies, one table each"),
)
"""The top of the file."""

EXTENSION = _table(
    Key("Image", TEXT, None, "the image of the extension", core.check_image),
    Key("Args", TEXTS, (), "arguments of the extension"),
    Key("ServiceName", TEXT, "ucp-interlock-extension", "the extension's service", core.check_service),
    Key("Labels", TABLE, None, "service labels of the extension"),
    Key("ContainerLabels", TABLE, None, "container labels of the extension"),
    Key("Constraints", TEXTS, (), "where the extension runs"),
    Key("PlacementPreferences", TEXTS, (), "how the tasks of the extension are spread"),
    Key(
        "Networks",
        TEXTS,
        None,
        "the only networks that the proxy joins, all of them at its start",
        core.check_network,
        INTERLOCK_3,
    ),
    Key("ProxyImage", TEXT, None, "the image of the proxy", core.check_image),
    Key("ProxyArgs", TEXTS, (), "arguments of the proxy"),
    Key("ProxyServiceName", TEXT, "ucp-interlock-proxy", "the proxy's service", core.check_service),
    Key(
        "ProxyConfigPath", TEXT, "/etc/nginx/nginx.conf", "the proxy's config in its container", core.check_config_path
    ),
    Key("ProxyReplicas", NUMBER, None, "how many proxies there are; the core crashes without it", core.check_replicas),
    Key("ProxyStopSignal", TEXT, "SIGQUIT", "the signal that stops a proxy", core.check_signal),
    Key("ProxyStopGracePeriod", TEXT, "5s", "how long a proxy may take to stop", core.check_duration),
    Key("ProxyConstraints", TEXTS, (), "where the proxy runs"),
    Key("ProxyPlacementPreferences", TEXTS, (), "how the tasks of the proxy are spread"),
    Key("ProxyLabels", TABLE, None, "service labels of the proxy"),
    Key("ProxyContainerLabels", TABLE, None, "container labels of the proxy"),
    Key(
        "ProxyUpdateDelay",
        TEXT,
        "",
        "the delay between two proxies in an update",
        lambda value: core.check_duration(value) if value else iter(()),
    ),
    Key("ServiceCluster", TEXT, "", "the service cluster whose services it serves; labels name it", core.check_cluster),
    Key("PublishMode", TEXT, "ingress", "how the ports are published: ingress or host", core.check_mode),
    Key("PublishedPort", NUMBER, 80, "the HTTP port on the nodes", core.check_published),
    Key("TargetPort", NUMBER, 80, "the HTTP port in the proxy", core.check_target),
    Key("PublishedSSLPort", NUMBER, 8443, "the TLS port on the nodes", core.check_published),
    Key("TargetSSLPort", NUMBER, 443, "the TLS port in the proxy", core.check_target),
    Key("Template", TEXT, "", "the Docker config that is used as the template of the proxy's config"),
    Key("Config", TABLES, None, "the proxy's own settings"),
    Key("HitlessServiceUpdate", FLAG, False, "whether a new config is loaded without a restart", since=INTERLOCK_3),
    Key("ConfigImage", TEXT, None, "the image of the config service", core.check_image, INTERLOCK_3),
    Key("ConfigServiceName", TEXT, "ucp-interlock-config", "the config service", core.check_service, INTERLOCK_3),
)
"""`[Extensions.<name>]`."""

NGINX = _table(
    Key("Version", TEXT, "", "generated"),
    Key("HTTPVersion", TEXT, "1.1", "the HTTP version towards services", nginx.check_http_version),
    Key("User", TEXT, "nginx", "user", nginx.check_user),
    Key("PidPath", TEXT, "/var/run/proxy.pid", "pid", nginx.check_file),
    Key("WorkerProcesses", EITHER, 1, "worker_processes", nginx.check_workers),
    Key("RLimitNoFile", NUMBER, 65535, "how many files may be open", nginx.check_positive),
    Key("MaxConnections", NUMBER, 1024, "worker_connections", nginx.check_connections),
    Key("ConnectTimeout", NUMBER, 600, "proxy_connect_timeout, in seconds", nginx.check_seconds),
    Key("SendTimeout", NUMBER, 600, "proxy_send_timeout and send_timeout, in seconds", nginx.check_seconds),
    Key("ReadTimeout", NUMBER, 600, "proxy_read_timeout, in seconds", nginx.check_seconds),
    Key("IPHash", FLAG, False, "ip_hash"),
    Key("AdminUser", TEXT, "", "for HAProxy"),
    Key("AdminPass", TEXT, "", "for HAProxy"),
    Key("SSLOpts", EITHER, "", "options for TLS"),
    Key("SSLDefaultDHParam", NUMBER, 1024, "the size of the DH parameters", nginx.check_positive),
    Key("SSLDefaultDHParamPath", TEXT, "", "ssl_dhparam", nginx.check_path),
    Key("SSLVerify", TEXT, "required", "how clients are verified"),
    Key("SSLCiphers", TEXT, "HIGH:!aNULL:!MD5", "ssl_ciphers", nginx.check_ciphers),
    Key("SSLProtocols", TEXT, "TLSv1.2", "ssl_protocols", nginx.check_protocols),
    Key("AccessLogPath", TEXT, "/dev/stdout", "access_log", nginx.check_access_log),
    Key("ErrorLogPath", TEXT, "/dev/stdout", "error_log", nginx.check_error_log),
    Key("MainLogFormat", TEXT, None, "log_format main, with its own quotes and semicolon", text.check_log_format),
    Key("TraceLogFormat", TEXT, None, "log_format trace, with its own quotes and semicolon", text.check_log_format),
    Key("KeepaliveTimeout", TEXT, "75s", "keepalive_timeout", nginx.check_keepalive),
    Key("ClientMaxBodySize", TEXT, "1m", "client_max_body_size; 32m in generated files", nginx.check_body_size),
    Key("ClientBodyBufferSize", TEXT, "8k", "client_body_buffer_size", nginx.check_size),
    Key("ClientHeaderBufferSize", TEXT, "1k", "client_header_buffer_size", nginx.check_size),
    Key("LargeClientHeaderBuffers", TEXT, "4 8k", "large_client_header_buffers", nginx.check_buffers),
    Key("ClientBodyTimeout", TEXT, "60s", "client_body_timeout", nginx.check_time),
    Key("UnderscoresInHeaders", FLAG, False, "underscores_in_headers"),
    Key("ServerNamesHashBucketSize", NUMBER, 128, "server_names_hash_bucket_size", nginx.check_bucket, gone="3.4.2"),
    Key("UpstreamZoneSize", NUMBER, 64, "the memory for the servers of a host, in kB", nginx.check_zone),
    Key("GlobalOptions", TEXTS, (), "lines for the top of nginx.conf", text.check_option),
    Key("HTTPOptions", TEXTS, (), "lines for its http part", text.check_option),
    Key("TCPOptions", TEXTS, (), "lines for its stream part", text.check_option),
    Key("HideInfoHeaders", FLAG, False, "whether headers that reveal the proxy are left out", since="3.0.8 / 3.1.2"),
)
"""`[Extensions.<name>.Config]` where the proxy is nginx."""

HAPROXY = _table(
    *(NGINX[name] for name in ("sslopts", "ssldefaultdhparam", "sslverify", "adminuser", "adminpass")),
    Key("PidPath", TEXT),
    Key("MaxConnections", NUMBER, None, "", nginx.check_positive),
    Key("ConnectTimeout", NUMBER, None, "", nginx.check_positive),
    Key("ClientTimeout", NUMBER, None, "", nginx.check_positive),
    Key("ServerTimeout", NUMBER, None, "", nginx.check_positive),
    Key("SSLCiphers", TEXT),
    Key("SSLProtocols", TEXT),
    Key("GlobalOptions", TEXTS, ()),
    Key("DefaultOptions", TEXTS, ()),
)
"""The same where the proxy is HAProxy."""

OF_VERSION_1 = ("enablemetrics",)
"""Keys of the core that only Interlock 1 had; its `Extensions` are a list."""
