"""The labels of Interlock 2 and 3: the one table that rules, docs and suggestions derive from.

Sources: the label tables of Docker EE UCP 3.0 to 3.2 (docs/ee/ucp/interlock/config/service-labels.md, later
usage/labels-reference.md), the pages on each feature, the tables of Mirantis MKE 3.3 to 3.9, their release
notes, and the template that the UCP docs publish (config/custom-template.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from lblint.finding import Breaks, Severity
from lblint.interlock.hosts import check_hosts
from lblint.interlock.label_words import (
    check_backend_mode,
    check_cookie,
    check_fail_timeout,
    check_flag,
    check_max_fails,
    check_name,
    check_port,
    check_secret,
)
from lblint.interlock.paths import check_context_root, check_websocket_endpoints
from lblint.interlock.redirects import check_redirects
from lblint.interlock.value_problems import CONTROL, Problem, Validator, control_characters
from lblint.records import NamedTuple

PREFIX = "com.docker.lb."
"""What all keys begin with."""


class Relation(NamedTuple):
    """How a label depends on another: `name` is the other's, `value` the value of it that matters ("" is any that is
    on), `says` the clause on what happens."""

    name: str
    says: str
    value: str = ""
    severity: Severity = Severity.WARNING
    breaks: Breaks = Breaks.ROUTE


class LabelSpec(NamedTuple):
    """A label: its name without the prefix, what it holds, and what is known of it.

    `needs` are labels without which it does not work, `excludes` those with which it does not. `since` is the
    UCP or MKE version. `dead` is the clause on why it must not be used, "" for a label in use. `rendered` is whether
    the value is written into nginx.conf.
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
        problems = list(control_characters(value, Breaks.PROXY if rendered else Breaks.ROUTE))
    else:
        problems = list(check(value))
    if len(problems) > _MANY:
        worst = sorted(problems, key=lambda problem: (-problem.severity, problem.breaks is not Breaks.PROXY))[:_MANY]
        problems = sorted(worst, key=lambda problem: (problem.start, problem.end))
    return tuple(problems)


_cached = lru_cache(maxsize=1000)(_problems)


_PASSED = "nginx cannot read the requests"

_TABLE = (
    LabelSpec(
        "hosts", "host names, separated by commas", check_hosts, "3.0.0", "required, unless default_backend is true",
        "The host names of the route. Write only names, without scheme, port, path and spaces. Several services may "
        "have the same host and the same other labels (canary): the proxy then balances over the tasks of all of them.",
        "app.example.org",
    ),
    LabelSpec(
        "port", "a port, 1 to 65535", check_port, "3.0.0", "required",
        "The port that the container listens on. It need not be published. In host mode it is the target of the "
        "published port.",
        "8080",
    ),
    LabelSpec(
        "network", "the name of a Swarm network", check_name, "3.0.0", "the service's only network",
        "The network over which the proxy reaches the service, by its name in Swarm: <stack>_<network> for a network "
        "of the stack. Needed if the service is on several networks, and with ssl_passthrough. Not used in host mode.",
        "demo_ingress", rendered=False,
    ),
    LabelSpec(
        "service_cluster", "the name of a service cluster", check_name, "3.0.0", "the cluster without a name",
        "The proxies that serve the route: a ServiceCluster of Interlock's config.toml. If no ServiceCluster has this "
        "name, no proxy serves the route.",
        "east", rendered=False,
    ),
    LabelSpec(
        "context_root", "one path", check_context_root, "3.0.0", "/",
        "The path under which the service is served. It is a prefix: /app also matches /application. A host has one "
        "context root per service cluster. Requests for other paths get a 404.",
        "/app",
        excludes=(Relation("ssl_passthrough", f"the path has no effect, because {_PASSED}"),),
    ),
    LabelSpec(
        "context_root_rewrite", "true or false", check_flag, "3.0.0", "false",
        "Removes the context root from the path before the proxy forwards the request. A path whose last part has no "
        "dot and no slash at the end gets a redirect to the same path with a slash. With ssl_cert this redirect leads "
        "to a port inside the proxy, which clients cannot reach: link to the path with its slash.",
        "true",
        needs=(Relation("context_root", "without a context root there is nothing to remove"),),
        rendered=False,
    ),
    LabelSpec(
        "websocket_endpoints", "paths, separated by commas", check_websocket_endpoints, "3.0.0", "none",
        "The paths at which the proxy upgrades connections to websockets. Ignored with a context root.",
        "/ws,/socket.io",
        excludes=(
            Relation("context_root", "the endpoints are ignored, and websockets do not connect"),
            Relation("ssl_passthrough", f"the endpoints have no effect, because {_PASSED}"),
        ),
    ),
    LabelSpec(
        "ssl_cert", "the name of a Swarm secret", check_secret, "3.0.0", "none",
        "The secret with the certificate with which the proxy ends TLS, by its name in Swarm: <stack>_<secret> for a "
        "secret of the stack. Plain HTTP stays open; add redirects to force HTTPS. With context_root_rewrite a path "
        "without a slash at its end is redirected to a port inside the proxy, which clients cannot reach.",
        "demo_app.example.org.cert",
        needs=(Relation("ssl_key", "nginx refuses a certificate without its key", severity=Severity.ERROR,
                        breaks=Breaks.PROXY),),
        excludes=(Relation("ssl_passthrough", "the certificate has no effect, because the service ends TLS itself"),),
    ),
    LabelSpec(
        "ssl_key", "the name of a Swarm secret", check_secret, "3.0.0", "none",
        "The secret with the private key of the certificate, by its name in Swarm.",
        "demo_app.example.org.key",
        needs=(Relation("ssl_cert", "without a certificate the host has no TLS"),),
    ),
    LabelSpec(
        "ssl_passthrough", "true or false", check_flag, "3.0.0", "false",
        "The proxy forwards TLS connections unread to the service, which it chooses by the host name in the TLS "
        "handshake (SNI). The port must be the one on which the service speaks TLS. The host has no plain HTTP.",
        "true", rendered=False,
    ),
    LabelSpec(
        "redirects", "pairs source,target of URLs, separated by semicolons", check_redirects, "3.0.0", "none",
        "The proxy answers plain HTTP requests for the host of the source with a 302 to the target, and appends path "
        "and query. The host of the source must be in hosts. To force HTTPS: "
        "http://app.example.org,https://app.example.org",
        "http://old.example.org,https://app.example.org",
        excludes=(Relation("ssl_passthrough", "the redirects do not work, because the host has no plain HTTP"),),
    ),
    LabelSpec(
        "sticky_session_cookie", "the name of a cookie", check_cookie, "3.0.0", "none",
        "Requests with the same value of this cookie go to the same task. The application sets the cookie. The name "
        "has only letters, digits and underscores, because nginx reads it as part of a variable.",
        "session_id",
        excludes=(
            Relation("backend_mode", "sessions are not sticky, because all tasks are one server", "vip"),
            Relation("ssl_passthrough", f"sessions are not sticky, because {_PASSED}"),
        ),
    ),
    LabelSpec(
        "ip_hash", "true or false", check_flag, "3.0.0", "false",
        "Requests from one client address go to the same task. The proxy must be published in host mode; otherwise all "
        "clients have an address of the ingress network.",
        "true",
        excludes=(
            Relation("backend_mode", "the address has no effect, because all tasks are one server", "vip"),
            Relation("sticky_session_cookie", "the address has no effect, because nginx uses the cookie"),
        ),
        rendered=False,
    ),
    LabelSpec(
        "default_backend", "true or false", check_flag, "3.0.0", "false",
        "The service gets the requests for all hosts that no other service has. A service cluster has one at most.",
        "true", rendered=False,
    ),
    LabelSpec(
        "backend_mode", "task or vip", check_backend_mode, "3.0.3 / 3.1.2", "task",
        "With task the proxy balances over the tasks itself. With vip it uses the virtual IP of the service, and needs "
        "no update when tasks change. In the 3.0 line it exists since 3.0.3 according to the page on routing modes, "
        "and since 3.0.8 according to the release notes.",
        "vip", rendered=False,
    ),
    LabelSpec(
        "max_fails", "a whole number, 0 or more", check_max_fails, "MKE 3.8.16 / 3.9.6", "1 (nginx)",
        "After this number of failed attempts within fail_timeout a task gets no requests for that time; 0 is never.",
        "3",
    ),
    LabelSpec(
        "fail_timeout", "a time in seconds or larger units", check_fail_timeout, "MKE 3.8.16 / 3.9.6", "10s (nginx)",
        "The time in which max_fails counts failed attempts, and for which a failed task then gets no requests.",
        "30s",
    ),
    LabelSpec(
        "ssl_only", "true or false", check_flag, "3.0.0", "false",
        "Documented in UCP 3.0, but Interlock never read it. Use redirects from http:// to https:// instead.",
        "true", rendered=False,
        dead="has no effect, because Interlock does not read it",
    ),
    LabelSpec(
        "ssl_backend", "true or false", check_flag, "3.0.0", "false",
        "Documented in UCP 3.0. The published template writes a proxy_pass without a target for it, which nginx "
        "refuses. Use ssl_passthrough for a service that speaks TLS itself.",
        "true", rendered=False,
        dead="has not been documented since 2019, and its template writes a proxy_pass without a target",
    ),
    LabelSpec(
        "ssl_backend_tls_verify", "required or none", check_name, "3.0.0", "none",
        "Documented in UCP 3.0, together with ssl_backend.",
        "none", rendered=False,
        dead="has not been documented since 2019, and has no effect without ssl_backend",
    ),
)  # fmt: skip

LABELS: Mapping[str, LabelSpec] = {spec.name: spec for spec in _TABLE}
"""All labels by name, without the prefix."""

KEYS: Mapping[str, LabelSpec] = {spec.key: spec for spec in _TABLE}
"""All labels by their full key."""
