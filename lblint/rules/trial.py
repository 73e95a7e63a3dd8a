"""Rules on the trial nginx.conf."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Fault, Hit, Place, Severity
from lblint.interlock.host_conflicts import named
from lblint.lazy_re import pattern
from lblint.proxy import Trial
from lblint.rules import _fixes, rule

_REFUSED = {
    "proxy.limit.word": '"{value:.40}…" is longer than the {limit} bytes that nginx reads as one word',
    "proxy.limit.variable": '"{value}" holds a $, which nginx reads as a variable',
    "proxy.limit.name": '"{name}" is no server name to nginx',
    "proxy.limit.map-word": '"{name}" is a keyword in the map of TLS hosts, so it cannot be a TLS host',
    "proxy.limit.upstream-name": 'nginx reads a port or a path in "{name}", and does not find its upstream',
    "proxy.limit.duplicate-location": 'the path "{path}" is taken in this server: nginx refuses the second location',
    "proxy.limit.port": '"{value}" is no port number',
    "proxy.limit.max-fails": '"{value}" is no count of failures',
    "proxy.limit.fail-timeout": '"{value}" is no time that nginx takes for fail_timeout',
    "proxy.limit.secret": '"{value}" is no name of a secret, so there is no file of that name in the proxy',
    "proxy.limit.no-key": 'the certificate "{value}" has no key beside it',
    "proxy.limit.listen": "the proxy would listen on {sockets} sockets, one for each TLS host, and nginx takes {limit}",
    "proxy.limit.regex": '"{pattern}" does not compile as a regular expression: {error}',
}


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def proxy_refuses_value(trial: Trial) -> Iterator[Hit]:
    """nginx does not start with the value of a label.

    The value is one word in nginx.conf, but not one that nginx takes in that place: too long for its buffer, a variable
    that does not exist, a server name with a `*` in the middle, a second location of one path. The proxy serves
    everybody's routes from one config, and it is refused whole.
    """
    for fault in trial.faults:
        if fault.kind in _REFUSED:
            yield Hit(fault.place, _refused_message(fault) + ": nginx does not start")


def _refused_message(fault: Fault) -> str:
    return _REFUSED[fault.kind].format_map(dict(fault.facts))


_IGNORED = {
    "proxy.lost.cookie": 'nginx reads only a part of the cookie name "{value}": all clients go to one server',
    "proxy.lost.name": 'nginx ignores the server name "{name}", which another server has already',
    "proxy.lost.location": 'no request has a path that begins with "{path}"',
}
_HELP = {
    "proxy.lost.cookie": "letters, digits and underscores",
    "proxy.lost.name": "another host name",
    "proxy.lost.location": "a path that begins with /",
}


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def proxy_ignores_value(trial: Trial) -> Iterator[Hit]:
    """nginx starts with the value of a label, but does not do what it says.

    The value is valid for nginx and means something else there: a server name that another server has already, a cookie
    name that ends at the first character which no variable can have, a path that no request begins with.
    """
    for fault in trial.faults:
        # the stock server's name `_` and wildcards of TLS hosts are said of every host of that form, by its own rule
        if fault.kind in _IGNORED and fault.facts.get("name") != "_":
            yield Hit(fault.place, _IGNORED[fault.kind].format_map(dict(fault.facts)), _HELP[fault.kind])


_UNDECIDED = {
    "proxy.undecided.regex": 'whether nginx compiles "{pattern}" is not known here',
    "proxy.undecided.location": 'nginx reads a modifier at the start of "{path}", which Interlock does not document',
}


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def proxy_undecided_value(trial: Trial) -> Iterator[Hit]:
    """Whether nginx starts with the value of a label is not known here.

    A regular expression beyond the plain forms may start or stop nginx, depending on its version and on the library
    that it was built with: what cannot be decided here is refused, for it is everybody's proxy. A location with a
    modifier in front starts nginx, but Interlock does not document what becomes of it. A config of very many routes is
    not tried at all.
    """
    for fault in trial.faults:
        if fault.kind in _UNDECIDED:
            message = _UNDECIDED[fault.kind].format_map(dict(fault.facts))
            severity, breaks = None, None
            if fault.kind == "proxy.undecided.location":
                if pattern(r"(=|\^~)/").match(str(fault.facts["path"])):  # the rule on paths says it
                    continue
                severity, breaks = Severity.WARNING, Breaks.ROUTE
            yield Hit(fault.place, message, "a plain path: /app", severity, breaks)
        elif fault.kind == "proxy.undecided.size":
            yield Hit(
                fault.place,
                f"the proxy's config for {fault.facts['hosts']} hosts is too large to be tried: nothing is known of it",
                "fewer stacks in one run",
            )


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def proxy_config_changed(trial: Trial) -> Iterator[Hit]:
    """The value of a label would change the structure of the proxy's nginx.conf.

    Interlock puts the values of labels into nginx.conf as they are. A space, semicolon, brace or quote ends the word
    that the value was meant to be: either nginx refuses the config, and the proxy of all routes goes down or is rolled
    back, or it takes the rest for directives of its own, which is an injection. The trial config is parsed back and
    must have the structure that was meant.
    """
    for fault in trial.faults:
        if fault.kind in ("proxy.word", "proxy.syntax", "proxy.tree"):
            yield Hit(fault.place, _changed_message(fault), "letters, digits, and what the value's form allows")


def _changed_message(fault: Fault) -> str:
    facts = fault.facts
    if fault.kind == "proxy.word":
        odd = f", for the {facts['odd']!r} in it" if facts["odd"] else ", for it is empty"
        return f'"{facts["value"]}" is not one word in the {facts["directive"]} line of nginx.conf{odd}'
    if fault.kind == "proxy.syntax":
        return f"nginx.conf does not parse with this value: {facts['message']}"
    meant, found = facts["meant"] or "nothing", facts["found"] or "nothing"
    return f"nginx.conf reads `{found}` where this value was to give `{meant}`"


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY)
def host_in_two_cases(trial: Trial) -> Iterator[Hit]:
    """One host name is written in upper case and in lower case.

    To Interlock these are two hosts, each with its own upstream; nginx compares names without regard to case, finds a
    second upstream of the same name, and does not start. Browsers send host names in lower case.
    """
    for fault in trial.faults:
        if fault.kind == "proxy.limit.duplicate-upstream":
            name, other = str(fault.facts["name"]), fault.facts.get("other")
            where = f" in {_service(other)}" if isinstance(other, Place) else ""

            yield Hit(
                fault.place,
                f'host "{name}" is also written in other letters{where}: nginx takes both for one, and refuses the '
                "second upstream",
                name.lower(),
                fixes=_fixes.write(fault.place, name.lower(), safe=False)
                if fault.place.chars and name.isascii()
                else (),
            )


def _service(place: Place) -> str:
    return f"{place.file}:{place.path[1]}" if len(place.path) > 1 else place.file


_TABLES = {
    "proxy.limit.name-length": ("server_names_hash_bucket_size", "a server name"),
    "proxy.limit.sni-length": ("map_hash_bucket_size", "a TLS host"),
}


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
    for fault in trial.faults:
        if fault.kind in _TABLES:
            setting, what = _TABLES[fault.kind]
            sure = known or fault.kind != "proxy.limit.name-length"
            facts = fault.facts
            yield Hit(
                fault.place,
                f'"{facts["name"]}" has {facts["length"]} bytes, and {what} at most {facts["limit"]} '
                f"({setting} {facts['bucket']}): nginx does not start" + ("" if sure else " before MKE 3.4.2"),
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
    for fault in trial.faults:
        if fault.kind == "proxy.limit.default-server":
            other = fault.facts.get("other")
            where = "another"
            if isinstance(other, Place) and len(other.path) > 1:
                where = named(other.file, str(other.path[1]))
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
    for fault in trial.faults:
        if fault.kind == "proxy.limit.empty-upstream":
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
        if fault.kind == "proxy.limit.zone":
            facts = fault.facts
            yield Hit(
                fault.place,
                f"{facts['servers']} tasks behind this host, and an upstream zone of {facts['kilobytes']} kB holds "
                f"{facts['fit']} with addresses of {facts['length']} characters: nginx does not start",
                "com.docker.lb.backend_mode: vip, fewer replicas, or a larger UpstreamZoneSize in Interlock's config",
            )
        elif fault.kind == "proxy.perhaps.zone":
            facts = fault.facts
            yield Hit(
                _replicas(trial, fault.place),
                f"{facts['servers']} tasks behind this host may not fit into an upstream zone of {facts['kilobytes']} "
                f"kB: with addresses of {facts['length']} characters and nginx 1.27.3 or later it is full, and nginx "
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
        if fault.kind in ("proxy.limit.config-size", "proxy.perhaps.config-size"):
            large = fault.kind == "proxy.limit.config-size"
            limit = f"{_kib(fault.facts['limit'])} or more"
            yield Hit(
                fault.place,
                f"the proxy's config would have {_kib(fault.facts['bytes'])}, and managers refuse one of {limit}; most "
                f"is added by {_largest(fault.facts['services'])}",
                "fewer hosts and websocket_endpoints, backend_mode: vip for services of many tasks, or another "
                "com.docker.lb.service_cluster for some of the services",
                severity=None if large else Severity.WARNING,
            )


def _kib(size: object) -> str:
    return f"{int(str(size)) // 1024} KiB"


def _largest(services: object) -> str:
    """Services with what each adds, the largest first: `shop.yml:web (300 KiB)`."""
    assert isinstance(services, tuple)
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
    for fault in trial.faults:
        if fault.kind == "proxy.perhaps.connections":
            facts = fault.facts
            yield Hit(
                fault.place,
                f"{facts['sockets']} listening sockets, one for each TLS host, take most of the "
                f"{facts['connections']} worker_connections of the proxy",
                "a larger MaxConnections in Interlock's config",
            )
