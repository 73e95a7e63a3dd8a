"""Rules on the value of one label of Interlock; redirects and TLS have modules of their own."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.paths import check_rewritten
from lblint.interlock.value_problems import CONTROL
from lblint.rules import _fixes, rule
from lblint.rules._access import setting
from lblint.rules._labels import labels, on, value_hit, value_hits
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_host(stack: Stack) -> Iterator[Hit]:
    """The label hosts contains something that is not a host name.

    Interlock writes each name unchanged into nginx.conf: as a server name, as an upstream and as a key of the TLS map.
    With a scheme, a port, a path or a space nginx refuses the whole config, and every route behind the proxy goes down.
    nginx accepts some other characters, but no request matches such a host. Interlock does not document wildcards and
    regular expressions. Write only names, separated by commas without spaces: `app.example.org,www.example.org`.
    """
    yield from value_hits(stack, "hosts")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_port(stack: Stack) -> Iterator[Hit]:
    """The label port is not a valid port.

    Interlock writes it after the address of every task (`server 10.0.0.5:8080;`), and nginx accepts only a number from
    1 to 65535: not a protocol, not a pair of published and container port, not a list. Write the port on which the
    container listens. It need not be published. A service has only one port.
    """
    yield from value_hits(stack, "port")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_path(stack: Stack) -> Iterator[Hit]:
    """A context root or websocket endpoint is not a path that nginx accepts or that requests can match.

    Interlock writes each path unchanged into nginx.conf as a `location`. With a space, a semicolon or a brace nginx
    refuses the whole config, and so it does with two locations of one path. nginx accepts a URL, a path without a slash
    at its beginning and a path with a query, but no request matches them. With context_root_rewrite the path is also
    part of a regular expression. Write a plain path such as `/app`.
    """
    yield from value_hits(stack, "context_root")
    yield from value_hits(stack, "websocket_endpoints", unless="context_root")
    for service, label in labels(stack, "context_root"):
        if on(service, "context_root_rewrite") and not CONTROL.search(label.value):
            for problem in check_rewritten(label.value):
                yield value_hit(label, problem)


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def invalid_flag(stack: Stack) -> Iterator[Hit]:
    """A label that takes true or false has another value.

    It is not documented which other spellings Interlock reads as true, so the label may do the opposite without a
    warning. Write `"true"` in quotes, because docker refuses a bare `true` in the map form of labels. To switch a label
    off, remove it.
    """
    yield from value_hits(stack, "context_root_rewrite", "ssl_passthrough", "ip_hash", "default_backend")


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def invalid_backend_mode(stack: Stack) -> Iterator[Hit]:
    """The label backend_mode is neither task nor vip.

    With `task`, the default, the proxy balances over the tasks. With `vip` it uses the virtual IP of the service, and
    needs no update when tasks start and stop. It is not documented what Interlock does with other values.
    """
    yield from value_hits(stack, "backend_mode")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_cookie(stack: Stack) -> Iterator[Hit]:
    """The label sticky_session_cookie is a name that nginx cannot use.

    Interlock writes it as `hash $cookie_<name> consistent;`. The name of a variable ends at the first character that is
    not a letter, a digit or an underscore. With `my-session` nginx reads the cookie `my` and appends the string
    `-session`, so all clients get the same hash and go to the same task. Let the application use a cookie name with
    only letters, digits and underscores.
    """
    yield from value_hits(stack, "sticky_session_cookie")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_fail_limit(stack: Stack) -> Iterator[Hit]:
    """The label max_fails or fail_timeout has a value that nginx refuses.

    Interlock writes both into every `server` line of the upstream. max_fails is a whole number, 0 or more. fail_timeout
    is a time in whole seconds (`10`, `10s`) or larger units (`1m`, `1h30m`), not in milliseconds. With any other value
    nginx refuses the whole config.
    """
    yield from value_hits(stack, "max_fails", "fail_timeout")


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def invalid_name_in_label(stack: Stack) -> Iterator[Hit]:
    """The label network or service_cluster is not a valid name.

    Interlock compares network with the names of the service's networks, and service_cluster with the `ServiceCluster`
    entries of its configuration. Quotes, spaces and commas are part of the value, so nothing matches: the proxy does
    not reach the service, or no proxy serves the route. Write one name.
    """
    yield from value_hits(stack, "network", "service_cluster")


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def vip_with_dnsrr(stack: Stack) -> Iterator[Hit]:
    """The label backend_mode is vip, but the service has no virtual IP.

    With `endpoint_mode: dnsrr` Swarm gives a service no virtual IP, only the addresses of its tasks. Use
    `com.docker.lb.backend_mode: task`, which is the default, or `endpoint_mode: vip`.
    """
    for service, label in labels(stack, "backend_mode"):
        if on(service, "backend_mode", "vip") and setting(service.config, "deploy", "endpoint_mode") == "dnsrr":
            yield Hit(
                label.place,
                f"{label.key} is vip, but with deploy.endpoint_mode: dnsrr {service.key} has no virtual IP",
                "write task",
                fixes=_fixes.written(label, "task", safe=False),
            )
