"""The labels of Interlock 2 and 3: the one table that rules, docs and suggestions derive from.

Sources: the label tables of Docker EE UCP 3.0 to 3.2 (docs/ee/ucp/interlock/config/service-labels.md, later
usage/labels-reference.md), the pages on each feature beside them, the tables of Mirantis MKE 3.3 to 3.9, their release
notes, and the template that the UCP docs publish (config/custom-template.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from lblint.finding import Breaks, Severity
from lblint.interlock.hosts import check_hosts
from lblint.interlock.paths import check_context_root, check_websocket_endpoints
from lblint.interlock.problems import CONTROL, Problem, Validator, control_characters
from lblint.interlock.redirects import check_redirects
from lblint.interlock.scalars import (
    check_backend_mode,
    check_cookie,
    check_fail_timeout,
    check_flag,
    check_max_fails,
    check_name,
    check_port,
    check_secret,
)
from lblint.records import NamedTuple

PREFIX = "com.docker.lb."
"""What all keys begin with."""


class Relation(NamedTuple):
    """How a label stands to another: `name` is the other's, `value` the value of it that matters ("" is any that is
    on); `says` what happens."""

    name: str
    says: str
    value: str = ""
    severity: Severity = Severity.WARNING
    breaks: Breaks = Breaks.ROUTE


class LabelSpec(NamedTuple):
    """A label: its name without the prefix, what it holds, and what is known of it.

    `needs` are labels without which it does not work, `excludes` those beside which it does not. `since` is the
    UCP or MKE version. `dead` says why it must not be used any more, "" for a living one. `rendered` is whether the
    value stands in nginx.conf.
    """

    name: str
    kind: str
    check: Validator
    since: str
    default: str
    doc: str
    example: str
    needs: tuple[Relation, ...] = ()
    excludes: tuple[Relation, ...] = ()
    rendered: bool = True
    dead: str = ""

    @property
    def key(self) -> str:
        """The key as it is written in a stack file."""
        return PREFIX + self.name

    def problems(self, value: str) -> Sequence[Problem]:
        """What is wrong with a value: its control characters, or else what the validator says."""
        return (_cached if len(value) < _USUAL else _problems)(self.check, self.rendered, value)


_MANY = 100
"""So many problems of one value are told, the worst of them: each quotes the value, which may be long."""
_USUAL = 200
"""Values below this length are kept: several rules ask for their problems."""


def _problems(check: Validator, rendered: bool, value: str) -> tuple[Problem, ...]:
    if CONTROL.search(value):
        found = list(control_characters(value, Breaks.PROXY if rendered else Breaks.ROUTE))
    else:
        found = list(check(value))
    if len(found) > _MANY:
        worst = sorted(found, key=lambda problem: (-problem.severity, problem.breaks is not Breaks.PROXY))[:_MANY]
        found = sorted(worst, key=lambda problem: (problem.start, problem.end))
    return tuple(found)


_cached = lru_cache(maxsize=1000)(_problems)


_PASSED = "nginx does not see the requests that it passes through"

_TABLE = (
    LabelSpec(
        "hosts", "host names, divided by commas", check_hosts, "3.0.0", "required, unless default_backend is true",
        "The names that clients ask for. Names only: no scheme, no port, no path, no space. Several services may share "
        "a host with the same other labels (canary): their tasks are then merged.",
        "app.example.org",
    ),
    LabelSpec(
        "port", "a port, 1 to 65535", check_port, "3.0.0", "required",
        "The port that the container listens on in its network; it need not be published. In host mode the target of "
        "the published port.",
        "8080",
    ),
    LabelSpec(
        "network", "the name of a Swarm network", check_name, "3.0.0", "the service's only network",
        "The network on which the proxy reaches the service, by its name in Swarm: <stack>_<network> for a network of "
        "the stack. Needed where the service is on several networks and with ssl_passthrough; not used in host mode.",
        "demo_ingress", rendered=False,
    ),
    LabelSpec(
        "service_cluster", "the name of a service cluster", check_name, "3.0.0", "the cluster without a name",
        "Which proxies carry the route: a ServiceCluster of Interlock's config.toml. A name that is not there is "
        "served by no proxy.",
        "east", rendered=False,
    ),
    LabelSpec(
        "context_root", "one path", check_context_root, "3.0.0", "/",
        "The path below which the service is served, as a prefix: /app also takes /application. One per host and "
        "service cluster; requests for other paths get a 404.",
        "/app",
        excludes=(Relation("ssl_passthrough", f"the path has no effect: {_PASSED}"),),
    ),
    LabelSpec(
        "context_root_rewrite", "true or false", check_flag, "3.0.0", "false",
        "Takes the context root off the path before the request is passed on. Paths whose last part has no dot and no "
        "slash at the end are answered with a redirect to the same with a slash. With ssl_cert that redirect leads to "
        "a port inside the proxy, which no client reaches: link to the path with its slash.",
        "true",
        needs=(Relation("context_root", "there is nothing to take off without a context root"),),
        rendered=False,
    ),
    LabelSpec(
        "websocket_endpoints", "paths, divided by commas", check_websocket_endpoints, "3.0.0", "none",
        "The paths at which connections are upgraded to websockets. Ignored beside a context root.",
        "/ws,/socket.io",
        excludes=(
            Relation("context_root", "the endpoints are ignored, and websockets do not connect"),
            Relation("ssl_passthrough", f"the endpoints have no effect: {_PASSED}"),
        ),
    ),
    LabelSpec(
        "ssl_cert", "the name of a Swarm secret", check_secret, "3.0.0", "none",
        "The certificate with which the proxy ends TLS, by the secret's name in Swarm: <stack>_<secret> for a secret "
        "of the stack. Plain HTTP stays open; redirects send it to HTTPS. With context_root_rewrite a path without "
        "slash at its end is redirected to a port inside the proxy, which no client reaches.",
        "demo_app.example.org.cert",
        needs=(Relation("ssl_key", "nginx refuses a certificate without its key", severity=Severity.ERROR,
                        breaks=Breaks.PROXY),),
        excludes=(Relation("ssl_passthrough", "the certificate has no effect: the service ends TLS itself"),),
    ),
    LabelSpec(
        "ssl_key", "the name of a Swarm secret", check_secret, "3.0.0", "none",
        "The key of the certificate, by the secret's name in Swarm.",
        "demo_app.example.org.key",
        needs=(Relation("ssl_cert", "the host gets no TLS without a certificate"),),
    ),
    LabelSpec(
        "ssl_passthrough", "true or false", check_flag, "3.0.0", "false",
        "The proxy passes TLS through to the service, chosen by the name in the TLS handshake (SNI). The port must be "
        "the one on which the service speaks TLS; the host has no server for plain HTTP.",
        "true", rendered=False,
    ),
    LabelSpec(
        "redirects", "pairs source,target of URLs, divided by semicolons", check_redirects, "3.0.0", "none",
        "Answers plain HTTP requests for the source's host with a 302 to the target; path and query are appended. The "
        "source's host must stand in hosts. To force HTTPS: http://app.example.org,https://app.example.org",
        "http://old.example.org,https://app.example.org",
        excludes=(Relation("ssl_passthrough", "the redirects do not work: the host has no server for plain HTTP"),),
    ),
    LabelSpec(
        "sticky_session_cookie", "the name of a cookie", check_cookie, "3.0.0", "none",
        "Keeps clients with the same value of this cookie, which the application sets, on one task. Letters, digits "
        "and underscores only: nginx reads the name as part of a variable.",
        "session_id",
        excludes=(
            Relation("backend_mode", "sessions are not sticky: there is one server for all tasks", "vip"),
            Relation("ssl_passthrough", f"sessions are not sticky: {_PASSED}"),
        ),
    ),
    LabelSpec(
        "ip_hash", "true or false", check_flag, "3.0.0", "false",
        "Keeps clients of one address on one task. Needs the proxy to be published in host mode, or all clients have "
        "the address of the ingress network.",
        "true",
        excludes=(
            Relation("backend_mode", "there is one server for all tasks, and nothing to choose", "vip"),
            Relation("sticky_session_cookie", "the address has no effect: nginx uses the cookie"),
        ),
        rendered=False,
    ),
    LabelSpec(
        "default_backend", "true or false", check_flag, "3.0.0", "false",
        "The service gets all requests that no other host takes. One per service cluster.",
        "true", rendered=False,
    ),
    LabelSpec(
        "backend_mode", "task or vip", check_backend_mode, "3.0.3 / 3.1.2", "task",
        "Whether the proxy balances over the tasks itself or uses the service's virtual IP, which spares it an update "
        "at every change of the tasks. In the 3.0 line it is known from 3.0.3 on by the page on routing modes, from "
        "3.0.8 on by the release notes.",
        "vip", rendered=False,
    ),
    LabelSpec(
        "max_fails", "a whole number, 0 or more", check_max_fails, "MKE 3.8.16 / 3.9.6", "1 (nginx)",
        "After how many failed attempts within fail_timeout a task gets no requests for that time; 0 for never.",
        "3",
    ),
    LabelSpec(
        "fail_timeout", "a time in seconds or larger units", check_fail_timeout, "MKE 3.8.16 / 3.9.6", "10s (nginx)",
        "The time in which max_fails counts, and for which a failed task then gets no requests.",
        "30s",
    ),
    LabelSpec(
        "ssl_only", "true or false", check_flag, "3.0.0", "false",
        "Was in the first tables; Interlock never read it. Write redirects from http:// to https:// instead.",
        "true", rendered=False,
        dead="does nothing: Interlock does not read it, and plain HTTP stays open",
    ),
    LabelSpec(
        "ssl_backend", "true or false", check_flag, "3.0.0", "false",
        "Was in the first tables. The published template renders a proxy_pass without target for it, which nginx "
        "refuses. Use ssl_passthrough for a service that speaks TLS itself.",
        "true", rendered=False,
        dead="is gone from the documentation since 2019, and its template renders a proxy_pass without target",
    ),
    LabelSpec(
        "ssl_backend_tls_verify", "required or none", check_name, "3.0.0", "none",
        "Was in the first tables beside ssl_backend.",
        "none", rendered=False,
        dead="is gone from the documentation since 2019, with ssl_backend",
    ),
)  # fmt: skip

LABELS: Mapping[str, LabelSpec] = {spec.name: spec for spec in _TABLE}
"""All labels by name, without the prefix."""

KEYS: Mapping[str, LabelSpec] = {spec.key: spec for spec in _TABLE}
"""All labels by their full key."""
