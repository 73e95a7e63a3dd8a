"""Rules on the trial nginx.conf."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.finding import Breaks, Fault, Hit, Place, Severity, of_kind
from lblint.interlock.host_conflicts import named
from lblint.lazy_re import pattern
from lblint.proxy import Trial
from lblint.proxy.faults import (
    BrokenSyntax,
    BrokenTree,
    BrokenWord,
    CertificateWithoutKey,
    ConfigLarge,
    ConfigTooLarge,
    CutCookie,
    DuplicateLocation,
    DuplicateName,
    DuplicateUpstream,
    EmptyUpstream,
    FewConnections,
    InvalidFailTimeout,
    InvalidMaxFails,
    InvalidPort,
    InvalidRegex,
    InvalidSecret,
    InvalidServerName,
    InvalidUpstreamName,
    LongWord,
    MapKeyword,
    NameTooLong,
    SecondDefaultServer,
    TlsHostTooLong,
    TooManySockets,
    UndecidedLocation,
    UndecidedRegex,
    UndecidedSize,
    UnmatchedLocation,
    Variable,
    ZoneNearlyFull,
    ZoneTooSmall,
)
from lblint.rules import _fixes, rule


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def proxy_refuses_value(trial: Trial) -> Iterator[Hit]:
    """nginx does not start with the value of a label.

    The value is a single word in nginx.conf, but nginx does not accept it at that place: it is too long, contains a
    variable that does not exist, is a server name with a `*` in the middle, or repeats a path. The proxy serves all
    routes from one config, and nginx refuses the config as a whole.
    """
    for fault in trial.faults:
        message = _refusal(fault)
        if message:
            yield Hit(fault.place, message)


def _refusal(fault: Fault) -> str:
    """Return what is wrong with a value that nginx refuses; "" for a fault that another rule speaks of."""
    match fault:
        case LongWord():
            return f'"{fault.value:.40}…" is longer than {fault.limit} bytes, the longest word that nginx reads'
        case Variable():
            return f'"{fault.value}" contains a $, which nginx reads as a variable'
        case InvalidServerName():
            return f'"{fault.name}" is not a valid server name in nginx'
        case MapKeyword():
            return f'"{fault.name}" is a keyword in the map of TLS hosts, so it cannot be a TLS host'
        case InvalidUpstreamName():
            return f'nginx reads a port or a path in "{fault.name}", and then finds no upstream of that name'
        case DuplicateLocation():
            return f'this host already has a location for the path "{fault.path}"'
        case InvalidPort():
            return f'"{fault.value}" is not a valid port'
        case InvalidMaxFails():
            return f'"{fault.value}" is not a number of failures'
        case InvalidFailTimeout():
            return f'"{fault.value}" is not a valid time for fail_timeout'
        case InvalidSecret():
            return f'"{fault.value}" cannot be the name of a secret, so the proxy has no such file'
        case CertificateWithoutKey():
            return f'the certificate "{fault.value}" has no key'
        case TooManySockets():
            return (
                f"the proxy would need {fault.sockets} listening sockets, one for each TLS host, and nginx has "
                f"{fault.limit}"
            )
        case InvalidRegex():
            return f'"{fault.pattern}" does not compile as a regular expression: {fault.error}'
    return ""


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def proxy_ignores_value(trial: Trial) -> Iterator[Hit]:
    """nginx starts with the value of a label, but reads it differently.

    The value is valid in nginx and means something else there: a server name that another server already has, a cookie
    name that ends at a character which a variable cannot have, a path that no request begins with.
    """
    for fault in trial.faults:
        match fault:
            case CutCookie():
                message = f'nginx reads only a part of the cookie name "{fault.value}", so all clients go to one task'
                yield Hit(fault.place, message, "use only letters, digits and underscores")
            # the name `_` of the stock server, and wildcards of TLS hosts: the rule on the form of hosts reports them
            case DuplicateName() if fault.name != "_":
                message = f'nginx ignores the server name "{fault.name}", because another server already has it'
                yield Hit(fault.place, message, "use another host name")
            case UnmatchedLocation():
                message = f'no request has a path that begins with "{fault.path}"'
                yield Hit(fault.place, message, "write a path that begins with /")


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def proxy_undecided_value(trial: Trial) -> Iterator[Hit]:
    """lblint cannot tell whether nginx starts with the value of a label.

    Whether nginx compiles an unusual regular expression depends on its version and on its PCRE library. lblint
    refuses what it cannot decide, because all routes depend on the proxy; `--nginx` asks a real nginx. nginx
    accepts a path with a modifier in front, but Interlock does not document what it does with it. A config with
    very many routes is not tried at all.
    """
    for fault in trial.faults:
        match fault:
            case UndecidedRegex():
                message = f'lblint cannot tell whether nginx compiles "{fault.pattern}"'
                yield Hit(fault.place, message, "write a plain path such as /app, or check with --nginx")
            case UndecidedLocation() if not pattern(r"(=|\^~)/").match(fault.path):  # of these the rule on paths speaks
                message = f'nginx reads a modifier at the start of "{fault.path}", which Interlock does not document'
                yield Hit(fault.place, message, "write a plain path such as /app", Severity.WARNING, Breaks.ROUTE)
            case UndecidedSize():
                message = f"the proxy's config for {fault.hosts} hosts is too large to check"
                yield Hit(fault.place, message, "check fewer stacks in one run")


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def proxy_config_changed(trial: Trial) -> Iterator[Hit]:
    """The value of a label changes the structure of the proxy's nginx.conf.

    Interlock writes the values of labels into nginx.conf unescaped. A space, semicolon, brace or quote ends the
    word that the value should be: nginx refuses the config, and all routes of the proxy go down or the update is
    rolled back, or it reads the rest as directives, which is an injection. lblint parses the trial config and
    compares its structure with the intended one.
    """
    for fault in trial.faults:
        message = _changed_message(fault)
        if message:
            yield Hit(fault.place, message, "use only the characters that this label allows")


def _changed_message(fault: Fault) -> str:
    """Return how a value changes the config; "" for a fault that another rule speaks of."""
    match fault:
        case BrokenWord():
            reason = f"because of the {fault.odd!r} in it" if fault.odd else "because it is empty"
            return f'"{fault.value}" is not a single word in the {fault.directive} line of nginx.conf, {reason}'
        case BrokenSyntax():
            return f"nginx.conf does not parse with this value: {fault.message}"
        case BrokenTree():
            meant, read = fault.meant or "nothing", fault.read or "nothing"
            return f"with this value, nginx.conf has `{read}` where it should have `{meant}`"
    return ""


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def host_in_two_cases(trial: Trial) -> Iterator[Hit]:
    """One host name is written with different upper and lower case.

    For Interlock these are two hosts, each with its own upstream. nginx ignores case, finds a second upstream of the
    same name, and does not start. Browsers send host names in lower case.
    """
    for fault in of_kind(trial.faults, DuplicateUpstream):
        name, other = fault.name, fault.other
        where = f" in {named(other.file, str(other.path[1]))}" if other and len(other.path) > 1 else ""
        fixable = fault.place.chars and name.isascii()
        yield Hit(
            fault.place,
            f'host "{name}" is also written with other case{where}, and nginx refuses the second upstream',
            f"write {name.lower()}",
            fixes=_fixes.write(fault.place, name.lower(), safe=False) if fixable else (),
        )


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def host_too_long(trial: Trial) -> Iterator[Hit]:
    """A host name is too long for nginx's hash tables.

    nginx keeps server names in buckets of a fixed size (`server_names_hash_bucket_size`, 128 by default here, for
    names of up to 110 bytes), and TLS hosts in a second table with smaller buckets (`map_hash_bucket_size`, 64, up
    to 46 bytes). nginx does not start with a name that is too long. Since MKE 3.4.2 the first table grows as
    needed, so a long server name is an error only for earlier versions (`--interlock-version`).
    """
    ingress = trial.ingress
    known = ingress.version is not None or any(running.bucket and not running.proxy for running in ingress.running)
    for fault in of_kind(trial.faults, NameTooLong):
        tls = isinstance(fault, TlsHostTooLong)
        setting = "map_hash_bucket_size" if tls else "server_names_hash_bucket_size"
        what = "a TLS host" if tls else "a server name"
        sure = known or tls
        yield Hit(
            fault.place,
            f'"{fault.name}" has {fault.length} bytes, and {what} can have {fault.limit} '
            f"({setting} {fault.bucket})" + ("" if sure else " before MKE 3.4.2"),
            "use a shorter host name",
            severity=None if sure else Severity.WARNING,
        )


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def second_default_backend(trial: Trial) -> Iterator[Hit]:
    """Two services are the default backend of the same proxy.

    The default backend answers requests for hosts that no service has. It becomes nginx's `default_server`, and nginx
    does not start with two of them for one port. Each service cluster has its own proxy and its own default backend.
    """
    for fault in of_kind(trial.faults, SecondDefaultServer):
        other = fault.other
        where = named(other.file, str(other.path[1])) if len(other.path) > 1 else "another service"
        yield Hit(
            fault.place,
            f"{where} has com.docker.lb.default_backend too, and nginx accepts one default server for each port",
            "remove the label from one of the services, or set another com.docker.lb.service_cluster",
        )


@rule(
    on=Trial,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="the host does not answer; nginx may refuse the config of this proxy",
)
def no_tasks_to_route_to(trial: Trial) -> Iterator[Hit]:
    """A routed service has no tasks.

    With `replicas: 0` the upstream of its hosts has no server. Whether Interlock leaves out such hosts is not
    documented. If it does not, nginx stops with "no servers are inside upstream". Remove the labels together with the
    tasks.
    """
    for fault in of_kind(trial.faults, EmptyUpstream):
        yield Hit(
            fault.place,
            "no service of this host has tasks, so its upstream has no server",
            "set replicas to 1 or more, or remove the com.docker.lb labels as long as there are no tasks",
        )


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def too_many_servers(trial: Trial) -> Iterator[Hit]:
    """A host has more tasks than fit into nginx's upstream zone.

    In task mode each task is a server in the upstream of its hosts, and the upstream is kept in a zone of a fixed
    size (`UpstreamZoneSize`, 64 kB by default, for about 60 servers). If it is too small, nginx does not start: "no
    memory in upstream zone". In vip mode a service is one server, however many tasks it has.
    """
    for fault in trial.faults:
        if isinstance(fault, ZoneTooSmall):
            yield Hit(
                fault.place,
                f"this host has {fault.servers} tasks, and an upstream zone of {fault.kilobytes} kB fits {fault.fit} "
                f"with addresses of {fault.length} characters",
                _SMALLER,
            )
        elif isinstance(fault, ZoneNearlyFull):
            yield Hit(
                _replicas(trial, fault.place),
                f"this host has {fault.servers} tasks, which do not fit into an upstream zone of {fault.kilobytes} kB "
                f"with addresses of {fault.length} characters and nginx 1.27.3 or later",
                _SMALLER,
                severity=Severity.WARNING,
            )


_SMALLER = "set com.docker.lb.backend_mode: vip, run fewer replicas, or raise UpstreamZoneSize in Interlock's config"


def _replicas(trial: Trial, place: Place) -> Place:
    """Return the place of the replicas of the service that has a host at a place; the host's where it has none."""
    for route in trial.ingress.routes:
        deploy = route.service.config.get("deploy")
        if isinstance(deploy, dict) and "replicas" in deploy and any(host.place == place for host in route.hosts):
            return route.stack.place("services", route.service.key, "deploy", "replicas")
    return place


@rule(
    on=Trial,
    severity=Severity.ERROR,
    breaks=Breaks.ROUTE,
    consequence="Interlock cannot store the config: new routes and changes do not reach the proxy",
    others=True,
)
def proxy_config_too_large(trial: Trial) -> Iterator[Hit]:
    """The proxy's nginx.conf is larger than a Swarm config can be.

    Interlock hands nginx.conf to the proxies as a config of Swarm. A manager refuses one of 1000 KiB or more, and of
    500 KiB or more with engines before 20.10.15 (swarmkit MaxConfigSize), as those of UCP 3.0 to 3.2. All routes of a
    service cluster share one config, also those of other teams: with `--live` or `--with` they are counted. From half
    of the limit on this is a warning. The size is that of the published template; what Interlock writes may be larger.
    """
    for fault in trial.faults:
        if isinstance(fault, ConfigTooLarge | ConfigLarge):
            large = isinstance(fault, ConfigTooLarge)
            limit = f"{_kib(fault.limit)} or more"
            yield Hit(
                fault.place,
                f"the proxy's config has {_kib(fault.size)}, and managers refuse {limit}; the largest parts are of "
                f"{_largest(fault.services)}",
                "use fewer hosts and websocket_endpoints, backend_mode: vip for services with many tasks, or another "
                "com.docker.lb.service_cluster for some services",
                severity=None if large else Severity.WARNING,
            )


def _kib(size: int) -> str:
    return f"{size // 1024} KiB"


def _largest(services: Sequence[tuple[Place, int]]) -> str:
    """Services with what each adds, the largest first: `shop.yml:web (300 KiB)`."""
    return ", ".join(f"{named(place.file, str(place.path[1]))} ({_kib(size)})" for place, size in services)


@rule(
    on=Trial,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    consequence="under load nginx may run out of connections, and requests to any route may fail",
)
def few_connections_left(trial: Trial) -> Iterator[Hit]:
    """The listening sockets of TLS hosts use most of the proxy's connections.

    Each TLS host needs its own listening socket inside the proxy. Sockets count as `worker_connections`
    (`MaxConnections`, 1024 by default), like the connections from clients and to tasks. Long before nginx fails to
    start, too few are left for requests.
    """
    for fault in of_kind(trial.faults, FewConnections):
        yield Hit(
            fault.place,
            f"the TLS hosts need {fault.sockets} listening sockets, most of the {fault.connections} worker_connections "
            "of the proxy",
            "raise MaxConnections in Interlock's config",
        )
