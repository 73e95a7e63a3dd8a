"""Rules on hosts that several services or the running proxy claim."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.host_conflicts import shared_hosts, where, written
from lblint.interlock.routes import Route
from lblint.interlock.running_proxy import Running, Served
from lblint.interlock.version import NAMES_OF_SEVERAL_SERVICES
from lblint.proxy.server_names import compiles, longest
from lblint.proxy.settings import configured
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.INFO, others=True)
def shared_host(ingress: Ingress) -> Iterator[Hit]:
    """Several services claim one host name: the proxy spreads its requests over all of them.

    With the same labels that is Interlock's canary deployment: the tasks of both services stand in one upstream, each
    with an equal share (in vip mode each service). If two applications took the same name by accident, each gets a part
    of the other's requests.
    """
    for shared in shared_hosts(ingress):
        if shared.differing() or _place(shared.route) != _place(shared.earlier) or shared.route.ssl_passthrough:
            continue
        yield Hit(
            shared.host.place,
            f'host "{shared.host.name}" is claimed by {shared.earlier_name} too: requests are spread over both',
            "another host name, unless this is a canary of the same application",
        )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, others=True)
def passthrough_host_shared(ingress: Ingress) -> Iterator[Hit]:
    """Two services claim one host name with ssl_passthrough: only the tasks of the first get its requests.

    With TLS passed through, Interlock's template lists the targets of the first service of a host alone. A canary
    deployment does not work there; give the second service a host name of its own.
    """
    for shared in shared_hosts(ingress):
        if shared.route.ssl_passthrough and shared.earlier.ssl_passthrough:
            yield Hit(
                shared.host.place,
                f'host "{shared.host.name}" is passed through for {shared.earlier_name} too: only the tasks of the '
                "first of the two services get its requests",
                "another host name for one of the two services",
                severity=Severity.INFO if shared.alternative else None,
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, others=True)
def default_backend_without_http(ingress: Ingress) -> Iterator[Hit]:
    """The default backend is passed through, so another host answers plain HTTP requests for unknown hosts.

    With ssl_passthrough a default backend has no server on the HTTP port. nginx then takes the first server of that
    port as its default: requests for unknown hosts go to the host of another service. Use a default backend without
    ssl_passthrough.
    """
    for route in ingress.routes:
        if not route.default_backend or not route.ssl_passthrough:
            continue
        beside = [o for o in ingress.routes if o.cluster == route.cluster and not o.ssl_passthrough and o.hosts]
        label = route.label("default_backend")
        if beside and label is not None and not any(other.default_backend for other in beside):
            yield Hit(
                label.place,
                f'with ssl_passthrough this default backend has no server for HTTP: "{beside[0].hosts[0].name}" of '
                f"{where(beside[0], route)} may become nginx's default server, and answer for unknown hosts",
                "remove com.docker.lb.ssl_passthrough, or make a service without it the default backend",
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, others=True)
def default_backend_loses_host(ingress: Ingress) -> Iterator[Hit]:
    """A default backend loses its own host to a wildcard or regular expression of another service.

    The server of a default backend is called `_` and answers for what no other server name matches. A wildcard or a
    regular expression of another service that matches the backend's host goes first.
    """
    for route in ingress.routes if any(route.default_backend for route in ingress.routes) else ():
        for host in route.hosts if route.default_backend and not route.ssl_passthrough else ():
            for other in ingress.routes:
                if other is route or other.cluster != route.cluster or other.default_backend or other.ssl_passthrough:
                    continue
                taker = next((o.name for o in other.hosts if _matches(o.name, host.name.lower())), None)
                if taker is not None:
                    yield Hit(
                        host.place,
                        f'requests for "{host.name}" go to {where(other, route)}, which claims "{taker}": the server '
                        'of a default backend is called "_"',
                        f'claim "{host.name}" in a service that is not the default backend',
                    )
                    break


def _matches(name: str, host: str) -> bool:
    """Whether a server name is a wildcard or a plain regular expression that matches a host."""
    lower = name.lower()
    if name.startswith("*."):
        return host.endswith(lower[1:])
    if name.endswith(".*"):
        return host.startswith(lower[:-1])
    if name.startswith("."):
        return host == lower[1:] or host.endswith(lower)
    if not name[1:] or not name.startswith("~") or len(name) > 253 or "(" in name or not compiles(name[1:]):
        return False
    if name.count("*") + name.count("+") > 2:  # several repeats may take long
        return False
    return re.search(name[1:], host[:253], re.IGNORECASE) is not None


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def rewrite_with_tls(ingress: Ingress) -> Iterator[Hit]:
    """A context root is rewritten on a host with TLS, and the redirect of the rewrite leads to an inner port.

    For `/blog` without a slash at its end the published template redirects to `/blog/`, and nginx puts the port in
    front of it on which it listens: with TLS that is a port of the loopback (`https://example.org:10000/blog/`), which
    no client reaches. Requests below the path, and with the slash, work.
    """
    for route in ingress.routes:
        label = route.label("context_root_rewrite")
        root = route.context_root
        if label is None or root is None or root.text == "/" or route.ssl_passthrough:
            continue
        if route.context_root_rewrite and route.ssl_cert and route.ssl_key:
            yield Hit(
                label.place,
                f'on a host with TLS the redirect from "{root.text}" to "{root.text}/" leads to a port inside the '
                "proxy, which no client reaches",
                f"have the application serve {root.text} itself, without com.docker.lb.context_root_rewrite",
            )


def _place(route: Route) -> tuple[str, bool, str]:
    """Path and port: where these differ, other rules have more to say."""
    root = route.context_root.text if route.context_root else "/"
    return root, route.context_root_rewrite and root != "/", route.port.text if route.port else ""


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, others=True)
def shared_host_differs(ingress: Ingress) -> Iterator[Hit]:
    """Two services claim one host name with different options, and only one of them gets its way.

    For a host that several services claim, Interlock's template takes the certificates, redirects, websocket endpoints,
    cookie and the like from the first service alone; which one is first is not defined. Give all of them the same
    labels, or another host name.
    """
    said = set()
    for shared in shared_hosts(ingress):
        route, earlier = shared.route, shared.earlier
        for option in shared.differing():
            key = (route.service.place, earlier.service.place, option)
            if key in said:
                continue
            said.add(key)
            yield Hit(
                shared.place(option),
                f'host "{shared.host.name}" is claimed by {shared.earlier_name} with {written(earlier, option)}, and '
                f"here with {written(route, option)}: the proxy takes one of them for both",
                f"the same com.docker.lb.{option} in both services, or another host name",
                severity=Severity.WARNING if shared.alternative else None,
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, others=True)
def shared_host_other_port(ingress: Ingress) -> Iterator[Hit]:
    """Two services claim one host name with different ports: these are hardly the same application.

    The proxy spreads the requests for a host over all services that claim it, each at its own port. That is right for
    two versions of one application whose port has changed; for two applications it means that each gets a part of the
    other's requests. Interlock has one port for each service and host: a second port of an application needs a host of
    its own.
    """
    said = set()
    for shared in shared_hosts(ingress):
        here, there = shared.route.port, shared.earlier.port
        key = (shared.route.service.place, shared.earlier.service.place)
        if here is None or there is None or here.text == there.text or key in said:
            continue
        if _root(shared.route) != _root(shared.earlier):  # one of them is never served, which is said of it
            continue
        said.add(key)
        yield Hit(
            here.place,
            f'host "{shared.host.name}" is served at port {here.text} here and at port {there.text} by '
            f"{shared.earlier_name}: requests go to both in turn",
            "another host name for one of them, or the same port if they are versions of one application",
        )


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, others=True)
def second_context_root(ingress: Ingress) -> Iterator[Hit]:
    """One host name has two context roots, and the proxy serves only one of them.

    Interlock takes one path for each host and service cluster: the template uses the context root of the first service
    that claims the host, and sends the requests of both services' paths there. Paths cannot be used to lay several
    applications under one name; give each a host name of its own.
    """
    said = set()
    for shared in shared_hosts(ingress):
        key = (shared.route.service.place, shared.earlier.service.place)
        if key in said or _root(shared.route) == _root(shared.earlier):
            continue
        said.add(key)
        option = "context_root" if _root(shared.route)[0] != _root(shared.earlier)[0] else "context_root_rewrite"
        yield Hit(
            shared.place(option),
            f'host "{shared.host.name}" is claimed by {shared.earlier_name} {_shown(shared.earlier)} and here '
            f"{_shown(shared.route)}: a host has one context root, so one of them is never served",
            "a host name of its own for each path",
            severity=Severity.WARNING if shared.alternative else None,
        )


def _root(route: Route) -> tuple[str, bool]:
    """The path, `/` for none; and whether it is taken off."""
    path = route.context_root.text if route.context_root else "/"
    return path, route.context_root_rewrite and path != "/"


def _shown(route: Route) -> str:
    path, rewrite = _root(route)
    return f'at "{path}"' + (" with rewrite" if rewrite else "")


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="the proxy may not start: everybody's routes are down",
)
def several_hosts_in_3_0_1(ingress: Ingress) -> Iterator[Hit]:
    """In UCP 3.0.1 the proxy may not start when two services have two hosts each.

    It is a known issue of that version alone (its release notes). One such service is harmless; a second one, of this
    stack or another, can take down the proxy for everybody. A service for each host avoids it.
    """
    if ingress.version != NAMES_OF_SEVERAL_SERVICES:
        return
    several = [route for route in ingress.routes if len(route.hosts) > 1]
    for route in several[1:]:
        yield Hit(
            route.place,
            f"{len(route.hosts)} hosts, and {where(several[0], route)} has several too: with two such services the "
            f"proxy of {ingress.version} may not start",
            "one host for each service, or an upgrade to 3.0.2",
        )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, others=True)
def host_served_already(ingress: Ingress) -> Iterator[Hit]:
    """The running proxy serves this host name already.

    `--with` names the config of a proxy that runs. If what it serves is the same service, this deploy only replaces it;
    if it is another application, the proxy spreads requests for the name over both. The config does not say whose a
    host is. Where its port or its path is another than that of the labels here, it is probably not the same service:
    with both, a part of the requests goes to the wrong application, or never arrives.

    With `--live` the config is that of the running proxy, and hosts that labels of running services ask for are
    compared by these labels. What is left in the config has no service that can be seen: it is gone, and the proxy has
    not been updated since, or the account that asks may not see it.
    """
    for running in ingress.running:
        for route in ingress.routes if running.hosts.keys() - running.told else ():
            label = route.label("hosts")
            for host in route.hosts if not (label and label.unset) else ():
                served = running.hosts.get(host.name.lower())
                if served and running.concerns(route.cluster) and host.name.lower() not in running.told:
                    yield _hit(host.name, route, served, running)._replace(place=host.place)


def _hit(name: str, route: Route, served: Served, running: Running) -> Hit:
    by = f" by {running.proxy}" if running.proxy else ""
    there = f'host "{name}" is served already{by} ({running.file}:{served.line})'
    differs = [text for text in (_case(name, served), _port(route, served), _path(route, served)) if text]
    if differs:
        return Hit(
            route.place,
            f"{there}, {' and '.join(differs)}: this is another application, or a change of it{_unseen(running)}",
            "another host name, unless the service is the one that is served",
        )
    return Hit(
        route.place,
        f"{there}: this deploy replaces what is there, or shares the name with it{_unseen(running)}",
        severity=Severity.INFO,
        breaks=Breaks.NOTHING,
    )


def _unseen(running: Running) -> str:
    """What is known of whose the host is: where the managers were asked, no service that they tell of has it."""
    said = ". No service that can be seen asks for it: it is gone, or this account may not see it"
    return said if running.proxy else ""


def _case(name: str, served: Served) -> str:
    if served.name == name:
        return ""
    return f'as "{served.name}", which Interlock takes for another and nginx refuses beside it'


def _port(route: Route, served: Served) -> str:
    if not served.ports or route.port is None or route.port.text.lstrip("0") in served.ports:
        return ""
    return f"at port {', '.join(sorted(served.ports))} and not {route.port.text}"


def _path(route: Route, served: Served) -> str:
    own = {route.context_root.text} if route.context_root and route.context_root.text else {"/"}
    own |= {word.text for word in route.websocket_endpoints}
    if not served.paths or own & served.paths or route.ssl_passthrough:
        return ""
    return f"at the path {', '.join(sorted(served.paths))} and not {', '.join(sorted(own))}"


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.PROXY)
def default_backend_served_already(ingress: Ingress) -> Iterator[Hit]:
    """The running proxy has a default backend already.

    There is one default backend for a proxy: with two, nginx finds two default servers for one port and does not start.
    `--with` names the config of a proxy that runs, and `--live` reads it; it does not say whose a backend is, so if
    this service is the one that is there, all is well. With `--live`, those that are known by labels of running
    services are compared by these.
    """
    for running in ingress.running:
        default = running.default
        for route in ingress.routes:
            label = route.label("default_backend")
            if default is None or label is None or label.unset or not route.default_backend:
                continue
            if not running.concerns(route.cluster):
                continue
            unseen = ", of no service that can be seen" if running.proxy else ""
            same = route.port is not None and route.port.text in default.ports
            yield Hit(
                label.place,
                f"there is a default backend already ({running.file}:{default.line}){unseen}: with a second one nginx "
                "does not start",
                "no default_backend here, unless this service is the one that is there",
                severity=Severity.INFO if same else None,
                breaks=Breaks.NOTHING if same else None,
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.PROXY)
def running_proxy_limit(ingress: Ingress) -> Iterator[Hit]:
    """A route that would be too much for the proxy as it runs now.

    `--with` names the config of a proxy that runs, and `--live` reads it. With it come the sizes that the proxy is set
    to: of the table of host names, of that of TLS hosts, and the number of connections, of which each listening socket
    takes one. Where a size is smaller than the usual one, names that fit elsewhere stop nginx here. What Interlock's
    own config says, if it is known, goes before. A product that sizes its tables by itself, as MKE from 3.4.2 on, may
    make them larger for the new name.
    """
    for running in ingress.running:
        for cluster in sorted({route.cluster for route in ingress.routes if running.concerns(route.cluster)}):
            routes = [route for route in ingress.routes if route.cluster == cluster]
            extension = ingress.config.extension(cluster) if ingress.config else None
            settings = configured(extension, ingress.version)
            yield from _names(routes, running, settings.server_names_hash_bucket_size)
            fixed = extension is not None and "maxconnections" in extension.config
            if running.connections is not None and not fixed:
                yield from _sockets(routes, running, running.connections)


def _names(routes: Sequence[Route], running: Running, usual: int | None) -> Iterator[Hit]:
    if running.bucket is None or usual is None or running.bucket >= usual:
        return
    for route in routes:
        for host in route.hosts:
            length = len(host.name.encode(errors="replace"))
            if longest(running.bucket) < length <= longest(usual) and "*" not in host.name:
                yield Hit(
                    host.place,
                    f'"{host.name}" has {length} bytes, and the proxy\'s table of names is set to hold '
                    f"{longest(running.bucket)} (server_names_hash_bucket_size {running.bucket} in "
                    f"{running.file}): nginx does not start",
                    "a shorter host name, or a larger ServerNamesHashBucketSize in Interlock's config",
                )


def _sockets(routes: Sequence[Route], running: Running, connections: int) -> Iterator[Hit]:
    """TLS hosts that the proxy does not have yet: each is a socket more; those that labels no longer ask for are one
    less."""
    wanted = {host.name.lower(): host for route in routes if _tls(route) for host in route.hosts}
    known = {name for name, served in running.hosts.items() if served.tls}
    if len(wanted) >= connections:
        return  # the trial has them all, and says so
    sockets = running.sockets - len((known & running.told) - wanted.keys())
    for name, host in wanted.items():
        sockets += name not in known
        if sockets >= connections and name not in known:
            yield Hit(
                host.place,
                f"with this TLS host the proxy listens on {sockets} sockets, and its worker_connections are "
                f"{connections} ({running.file}): nginx does not start",
                "a larger MaxConnections in Interlock's config",
            )
            return


def _tls(route: Route) -> bool:
    return route.ssl_passthrough or route.ssl_cert is not None
