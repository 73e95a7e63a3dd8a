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

    The value is one word in nginx.conf, but not one that nginx takes in that place: too long for its buffer, a variable
    that does not exist, a server name with a `*` in the middle, a second location of one path. The proxy serves
    everybody's routes from one config, and it is refused whole.
    """
    for fault in trial.faults:
        message = _refusal(fault)
        if message:
            yield Hit(fault.place, f"{message}: nginx does not start")


def _refusal(fault: Fault) -> str:
    """Return what is wrong with a value that nginx refuses; "" for a fault that another rule speaks of."""
    match fault:
        case LongWord():
            return f'"{fault.value:.40}…" is longer than the {fault.limit} bytes that nginx reads as one word'
        case Variable():
            return f'"{fault.value}" holds a $, which nginx reads as a variable'
        case InvalidServerName():
            return f'"{fault.name}" is no server name to nginx'
        case MapKeyword():
            return f'"{fault.name}" is a keyword in the map of TLS hosts, so it cannot be a TLS host'
        case InvalidUpstreamName():
            return f'nginx reads a port or a path in "{fault.name}", and does not find its upstream'
        case DuplicateLocation():
            return f'the path "{fault.path}" is taken in this server: nginx refuses the second location'
        case InvalidPort():
            return f'"{fault.value}" is no port number'
        case InvalidMaxFails():
            return f'"{fault.value}" is no count of failures'
        case InvalidFailTimeout():
            return f'"{fault.value}" is no time that nginx takes for fail_timeout'
        case InvalidSecret():
            return f'"{fault.value}" is no name of a secret, so there is no file of that name in the proxy'
        case CertificateWithoutKey():
            return f'the certificate "{fault.value}" has no key beside it'
        case TooManySockets():
            return (
                f"the proxy would listen on {fault.sockets} sockets, one for each TLS host, and nginx takes "
                f"{fault.limit}"
            )
        case InvalidRegex():
            return f'"{fault.pattern}" does not compile as a regular expression: {fault.error}'
    return ""


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def proxy_ignores_value(trial: Trial) -> Iterator[Hit]:
    """nginx starts with the value of a label, but does not do what it says.

    The value is valid for nginx and means something else there: a server name that another server has already, a cookie
    name that ends at the first character which no variable can have, a path that no request begins with.
    """
    for fault in trial.faults:
        match fault:
            case CutCookie():
                message = f'nginx reads only a part of the cookie name "{fault.value}": all clients go to one server'
                yield Hit(fault.place, message, "letters, digits and underscores")
            # the stock server's name `_` and wildcards of TLS hosts: the rule on the form of hosts has them
            case DuplicateName() if fault.name != "_":
                message = f'nginx ignores the server name "{fault.name}", which another server has already'
                yield Hit(fault.place, message, "another host name")
            case UnmatchedLocation():
                message = f'no request has a path that begins with "{fault.path}"'
                yield Hit(fault.place, message, "a path that begins with /")


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def proxy_undecided_value(trial: Trial) -> Iterator[Hit]:
    """Whether nginx starts with the value of a label is not known here.

    A regular expression beyond the plain forms may start or stop nginx, depending on its version and on the library
    that it was built with: what cannot be decided here is refused, for it is everybody's proxy. A location with a
    modifier in front starts nginx, but Interlock does not document what becomes of it. A config of very many routes is
    not tried at all.
    """
    for fault in trial.faults:
        match fault:
            case UndecidedRegex():
                message = f'whether nginx compiles "{fault.pattern}" is not known here'
                yield Hit(fault.place, message, "a plain path: /app")
            case UndecidedLocation() if not pattern(r"(=|\^~)/").match(fault.path):  # of these the rule on paths speaks
                message = f'nginx reads a modifier at the start of "{fault.path}", which Interlock does not document'
                yield Hit(fault.place, message, "a plain path: /app", Severity.WARNING, Breaks.ROUTE)
            case UndecidedSize():
                message = f"the proxy's config for {fault.hosts} hosts is too large to be tried: nothing is known of it"
                yield Hit(fault.place, message, "fewer stacks in one run")


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def proxy_config_changed(trial: Trial) -> Iterator[Hit]:
    """The value of a label would change the structure of the proxy's nginx.conf.

    Interlock puts the values of labels into nginx.conf as they are. A space, semicolon, brace or quote ends the word
    that the value was meant to be: either nginx refuses the config, and the proxy of all routes goes down or is rolled
    back, or it takes the rest for directives of its own, which is an injection. The trial config is parsed back and
    must have the structure that was meant.
    """
    for fault in trial.faults:
        message = _changed_message(fault)
        if message:
            yield Hit(fault.place, message, "letters, digits, and what the value's form allows")


def _changed_message(fault: Fault) -> str:
    """Return how a value changes the config; "" for a fault that another rule speaks of."""
    match fault:
        case BrokenWord():
            odd = f", for the {fault.odd!r} in it" if fault.odd else ", for it is empty"
            return f'"{fault.value}" is not one word in the {fault.directive} line of nginx.conf{odd}'
        case BrokenSyntax():
            return f"nginx.conf does not parse with this value: {fault.message}"
        case BrokenTree():
            meant, read = fault.meant or "nothing", fault.read or "nothing"
            return f"nginx.conf reads `{read}` where this value was to give `{meant}`"
    return ""


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def host_in_two_cases(trial: Trial) -> Iterator[Hit]:
    """One host name is written in upper case and in lower case.

    To Interlock these are two hosts, each with its own upstream; nginx compares names without regard to case, finds a
    second upstream of the same name, and does not start. Browsers send host names in lower case.
    """
    for fault in of_kind(trial.faults, DuplicateUpstream):
        name, where = fault.name, f" in {_service(fault.other)}" if fault.other else ""
        fixable = fault.place.chars and name.isascii()
        yield Hit(
            fault.place,
            f'host "{name}" is also written in other letters{where}: nginx takes both for one, and refuses the '
            "second upstream",
            name.lower(),
            fixes=_fixes.write(fault.place, name.lower(), safe=False) if fixable else (),
        )


def _service(place: Place) -> str:
    return f"{place.file}:{place.path[1]}" if len(place.path) > 1 else place.file


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def host_too_long(trial: Trial) -> Iterator[Hit]:
    """A host name is longer than nginx's hash tables hold.

    nginx keeps server names in buckets of a fixed size (`server_names_hash_bucket_size`, 128 by default here: 110 bytes
    of name), and the names of TLS hosts in a second table whose buckets are smaller (`map_hash_bucket_size`, 64: 46
    bytes). One name that does not fit stops nginx at its next start. Since MKE 3.4.2 the first table grows by itself,
    so that a long name is only an error for a version before (`--interlock-version`).
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
            f'"{fault.name}" has {fault.length} bytes, and {what} at most {fault.limit} '
            f"({setting} {fault.bucket}): nginx does not start" + ("" if sure else " before MKE 3.4.2"),
            "a shorter host name",
            severity=None if sure else Severity.WARNING,
        )


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def second_default_backend(trial: Trial) -> Iterator[Hit]:
    """Two services want to be the default backend of one proxy.

    The default backend answers for hosts that no service claims; it becomes nginx's `default_server`, of which there
    can be one for each port. With two of them nginx does not start. Each service cluster has a proxy, and so a default
    backend, of its own.
    """
    for fault in of_kind(trial.faults, SecondDefaultServer):
        other = fault.other
        where = named(other.file, str(other.path[1])) if len(other.path) > 1 else "another"
        yield Hit(
            fault.place,
            f"com.docker.lb.default_backend stands here and in {where}: nginx takes one default server for a port",
            "the label in one of the services, or another com.docker.lb.service_cluster",
        )


@rule(
    on=Trial,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="the host answers nothing; if Interlock writes the empty upstream, nginx refuses the whole config",
)
def no_tasks_to_route_to(trial: Trial) -> Iterator[Hit]:
    """A routed service has no tasks.

    With `replicas: 0` the upstream of its hosts has no server. Whether Interlock leaves out such hosts is not
    documented; if it does not, nginx stops with "no servers are inside upstream". Take the labels away together with
    the tasks.
    """
    for fault in of_kind(trial.faults, EmptyUpstream):
        yield Hit(
            fault.place,
            "no service behind this host has a task, so its upstream has no server",
            "replicas: 1, or no com.docker.lb labels while there are none",
        )


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def too_many_servers(trial: Trial) -> Iterator[Hit]:
    """One host has more tasks behind it than nginx's memory for the upstream holds.

    In task mode each replica is a line in the upstream of its hosts, and the upstream is kept in a zone of a fixed size
    (`UpstreamZoneSize`, 64 kB by default: some 60 servers). When it is full nginx does not start: "no memory in
    upstream zone". In vip mode a service is one server, however many tasks it has.
    """
    for fault in trial.faults:
        if isinstance(fault, ZoneTooSmall):
            yield Hit(
                fault.place,
                f"{fault.servers} tasks behind this host, and an upstream zone of {fault.kilobytes} kB holds "
                f"{fault.fit} with addresses of {fault.length} characters: nginx does not start",
                "com.docker.lb.backend_mode: vip, fewer replicas, or a larger UpstreamZoneSize in Interlock's config",
            )
        elif isinstance(fault, ZoneNearlyFull):
            yield Hit(
                _replicas(trial, fault.place),
                f"{fault.servers} tasks behind this host may not fit into an upstream zone of {fault.kilobytes} "
                f"kB: with addresses of {fault.length} characters and nginx 1.27.3 or later it is full, and nginx "
                "does not start",
                "com.docker.lb.backend_mode: vip, fewer replicas, or a larger UpstreamZoneSize in Interlock's config",
                severity=Severity.WARNING,
            )


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
    consequence="Interlock cannot store a larger config: new routes and changes do not reach the proxy",
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
                f"the proxy's config would have {_kib(fault.size)}, and managers refuse one of {limit}; most "
                f"is added by {_largest(fault.services)}",
                "fewer hosts and websocket_endpoints, backend_mode: vip for services of many tasks, or another "
                "com.docker.lb.service_cluster for some of the services",
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
    consequence="under load nginx has no connection left, and requests to all routes of the proxy fail",
)
def few_connections_left(trial: Trial) -> Iterator[Hit]:
    """The listening sockets of TLS hosts take most of the proxy's connections.

    Each TLS host is a socket of its own inside the proxy, and sockets count against `worker_connections`
    (`MaxConnections`, 1024 by default) like the connections of clients and to tasks. Long before nginx fails to start
    there are too few left for requests.
    """
    for fault in of_kind(trial.faults, FewConnections):
        yield Hit(
            fault.place,
            f"{fault.sockets} listening sockets, one for each TLS host, take most of the "
            f"{fault.connections} worker_connections of the proxy",
            "a larger MaxConnections in Interlock's config",
        )
