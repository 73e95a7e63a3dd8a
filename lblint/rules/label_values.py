"""Rules on the value of one label of Interlock; redirects and TLS have modules of their own."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.paths import check_rewritten
from lblint.interlock.problems import CONTROL
from lblint.rules import _fixes, rule
from lblint.rules._access import setting
from lblint.rules._labels import labels, on, value_hit, value_hits
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_host(stack: Stack) -> Iterator[Hit]:
    """The label hosts holds something that is no host name.

    Each name becomes a server name, an upstream and a key of the TLS map in nginx.conf, as it stands: a scheme, a port,
    a path or a space makes nginx refuse the whole config, and with it everybody's routes. Other characters nginx
    accepts, but no request can ask for such a host. Wildcards and regular expressions are not documented by Interlock.
    Write bare names, divided by commas without spaces: `app.example.org,www.example.org`.
    """
    yield from value_hits(stack, "hosts")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_port(stack: Stack) -> Iterator[Hit]:
    """The label port holds something that is no port.

    It is rendered behind the address of every task (`server 10.0.0.5:8080;`), and nginx refuses anything but a number
    from 1 to 65535: no protocol, no pair of published and container port, no list. Write the port on which the
    container listens. It need not be published, and a service has one.
    """
    yield from value_hits(stack, "port")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_path(stack: Stack) -> Iterator[Hit]:
    """A context root or websocket endpoint is no path that nginx takes, or none that a request can have.

    Each becomes a `location` of nginx, as it stands. A space, semicolon or brace makes nginx refuse the whole config,
    and so does a second location of one path. A path without leading slash, with a query, or a URL is taken, but never
    matches. With context_root_rewrite the path becomes part of a regular expression, too. Write `/app`.
    """
    yield from value_hits(stack, "context_root")
    yield from value_hits(stack, "websocket_endpoints", beside="context_root")
    for service, label in labels(stack, "context_root"):
        if on(service, "context_root_rewrite") and not CONTROL.search(label.value):
            for problem in check_rewritten(label.value):
                yield value_hit(label, problem)


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def invalid_flag(stack: Stack) -> Iterator[Hit]:
    """A label that is true or false holds another word.

    It is not documented which other spellings Interlock takes for true, and a wrong guess does the opposite without a
    word. Write "true", in quotes: docker refuses a bare true in the map form of labels. To switch a label off, leave it
    out.
    """
    yield from value_hits(stack, "context_root_rewrite", "ssl_passthrough", "ip_hash", "default_backend")


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def invalid_backend_mode(stack: Stack) -> Iterator[Hit]:
    """The label backend_mode is neither task nor vip.

    `task` (the default) has the proxy balance over the tasks; `vip` has it use the virtual IP of the service, and
    spares the proxy an update whenever tasks come and go. What Interlock makes of another word is not documented.
    """
    yield from value_hits(stack, "backend_mode")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_cookie(stack: Stack) -> Iterator[Hit]:
    """The label sticky_session_cookie holds a name that nginx cannot use.

    It is rendered as `hash $cookie_<name> consistent;`, and the name of a variable ends at the first character that is
    no letter, digit or underscore. With `my-session` nginx reads the cookie `my` and adds the text `-session`: every
    client gets the same hash and goes to the same task. Have the application name its cookie with letters, digits and
    underscores.
    """
    yield from value_hits(stack, "sticky_session_cookie")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def invalid_fail_limit(stack: Stack) -> Iterator[Hit]:
    """The label max_fails or fail_timeout holds what nginx does not take.

    Both are rendered into every `server` line of the upstream. max_fails is a whole number from 0; fail_timeout is a
    time in whole seconds (`10`, `10s`) or larger units (`1m`, `1h30m`), not in milliseconds. nginx refuses anything
    else, and the whole config with it.
    """
    yield from value_hits(stack, "max_fails", "fail_timeout")


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def invalid_name_in_label(stack: Stack) -> Iterator[Hit]:
    """The label network or service_cluster holds something that is no name.

    Both are compared with names: those of the networks of the service, and the ServiceCluster entries of Interlock's
    configuration. Quotes, spaces or commas become part of the text, and then nothing matches: the proxy does not reach
    the service, or no proxy carries the route. Write one name.
    """
    yield from value_hits(stack, "network", "service_cluster")


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def vip_with_dnsrr(stack: Stack) -> Iterator[Hit]:
    """The proxy shall use the virtual IP of a service that has none.

    With `endpoint_mode: dnsrr` Swarm gives a service no virtual IP, only the addresses of its tasks. Take
    `com.docker.lb.backend_mode: task`, which is the default, or `endpoint_mode: vip`.
    """
    for service, label in labels(stack, "backend_mode"):
        if on(service, "backend_mode", "vip") and setting(service.config, "deploy", "endpoint_mode") == "dnsrr":
            yield Hit(
                label.place,
                f"{label.key} is vip, and {service.key} has endpoint_mode: dnsrr, so no virtual IP",
                f"{label.key}: task",
                fixes=_fixes.written(label, "task", safe=False),
            )
