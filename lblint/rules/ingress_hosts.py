"""Rules on hosts that several services or the running proxy claim."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import PREFIX, Ingress
from lblint.interlock.host_conflicts import shared_hosts, where, written
from lblint.interlock.routes import Route
from lblint.interlock.running_proxy import Running, Served
from lblint.interlock.version import NAMES_OF_SEVERAL_SERVICES
from lblint.proxy.server_names import bucket_for, compiles, longest
from lblint.proxy.settings import configured
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.INFO, others=True)
def shared_host(ingress: Ingress) -> Iterator[Hit]:
    """Several services have the same host name, so the proxy balances over all of them.

    With the same labels that is Interlock's canary deployment: the tasks of both services are servers of one upstream,
    and each gets an equal share (with `backend_mode: vip`, each service). If two applications have the same host by
    accident, each gets a part of the other's requests.
    """
    for shared in shared_hosts(ingress):
        if shared.differing() or _place(shared.route) != _place(shared.earlier) or shared.route.ssl_passthrough:
            continue
        yield Hit(
            shared.host.place,
            f'{shared.earlier_name} also has the host "{shared.host.name}", and the proxy balances over both services',
            "write another host name, unless this is a canary of the same application",
        )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, others=True)
def passthrough_host_shared(ingress: Ingress) -> Iterator[Hit]:
    """Two services with ssl_passthrough have the same host name, and only one of them gets its requests.

    For TLS passthrough, Interlock's template lists only the targets of the first service of a host. A canary deployment
    does not work there. Give the second service its own host name.
    """
    for shared in shared_hosts(ingress):
        if shared.route.ssl_passthrough and shared.earlier.ssl_passthrough:
            yield Hit(
                shared.host.place,
                f'{shared.earlier_name} also has the host "{shared.host.name}" with ssl_passthrough, and only one '
                "service gets the requests",
                "write another host name here or there",
                severity=Severity.INFO if shared.alternative else None,
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, others=True)
def default_backend_without_http(ingress: Ingress) -> Iterator[Hit]:
    """The default backend has ssl_passthrough, so another service gets plain HTTP requests for unknown hosts.

    With ssl_passthrough a default backend has no server on the HTTP port. nginx then uses the first server of that port
    as its default, so requests for unknown hosts go to another service. Use a default backend without ssl_passthrough.
    """
    for route in ingress.routes:
        if not route.default_backend or not route.ssl_passthrough:
            continue
        plain = [o for o in ingress.routes if o.cluster == route.cluster and not o.ssl_passthrough and o.hosts]
        label = route.label("default_backend")
        if plain and label is not None and not any(other.default_backend for other in plain):
            yield Hit(
                label.place,
                f"with ssl_passthrough the default backend has no plain HTTP, so {where(plain[0], route)} "
                f'("{plain[0].hosts[0].name}") may get HTTP requests for unknown hosts',
                "remove com.docker.lb.ssl_passthrough, or make a service without it the default backend",
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, others=True)
def default_backend_loses_host(ingress: Ingress) -> Iterator[Hit]:
    """A wildcard or regular expression of another service matches the host of the default backend.

    The server of a default backend is called `_`, and answers only requests that no other server name matches. A
    wildcard or regular expression of another service that matches the host of the default backend gets its requests.
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
                        f'requests for "{host.name}" go to {where(other, route)}, because "{taker}" matches before a '
                        "default backend",
                        f'move "{host.name}" to a service that is not the default backend',
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
    """With TLS, the redirect of context_root_rewrite leads to a port inside the proxy.

    The published template redirects `/blog` without a slash at its end to `/blog/`, and nginx adds the port on which it
    listens. With TLS that is a port on the loopback interface (`https://example.org:10000/blog/`), which clients cannot
    reach. Requests for `/blog/` and for paths below it work.
    """
    for route in ingress.routes:
        label = route.label("context_root_rewrite")
        root = route.context_root
        if label is None or root is None or root.text == "/" or route.ssl_passthrough:
            continue
        if route.context_root_rewrite and route.ssl_cert and route.ssl_key:
            yield Hit(
                label.place,
                f'with TLS the redirect from "{root.text}" to "{root.text}/" leads to a port inside the proxy',
                f"let the application serve {root.text} itself, and remove com.docker.lb.context_root_rewrite",
            )


def _place(route: Route) -> tuple[str, bool, str]:
    """Path and port: where these differ, other rules have more to say."""
    root = route.context_root.text if route.context_root else "/"
    return root, route.context_root_rewrite and root != "/", route.port.text if route.port else ""


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, others=True)
def shared_host_differs(ingress: Ingress) -> Iterator[Hit]:
    """Two services have the same host name and different labels, and the proxy uses the labels of one of them.

    For a host of several services, Interlock's template takes certificates, redirects, websocket endpoints, the cookie
    and similar options only from the first service. Which service is first is not defined. Give all of them the same
    labels, or give each its own host name.
    """
    reported = set()
    for shared in shared_hosts(ingress):
        route, earlier = shared.route, shared.earlier
        for option in shared.differing():
            key = (route.service.place, earlier.service.place, option)
            if key in reported:
                continue
            reported.add(key)
            yield Hit(
                shared.place(option),
                f'{shared.earlier_name} has the host "{shared.host.name}" {written(earlier, option)}, and this service '
                f"{written(route, option)}; the proxy uses only one of them for both",
                f"write the same com.docker.lb.{option} in both services, or another host name",
                severity=Severity.WARNING if shared.alternative else None,
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, others=True)
def shared_host_other_port(ingress: Ingress) -> Iterator[Hit]:
    """Two services have the same host name and different ports, so they are probably different applications.

    The proxy balances requests for a host over all services that have it, each at its own port. That is right for two
    versions of one application whose port has changed. With two applications, each gets a part of the other's requests.
    Interlock has one port per service and host: for a second port of an application, make a second service with its own
    host name.
    """
    reported = set()
    for shared in shared_hosts(ingress):
        here, there = shared.route.port, shared.earlier.port
        key = (shared.route.service.place, shared.earlier.service.place)
        if here is None or there is None or here.text == there.text or key in reported:
            continue
        if _root(shared.route) != _root(shared.earlier):  # second-context-root reports these
            continue
        reported.add(key)
        yield Hit(
            here.place,
            f'{shared.earlier_name} serves the host "{shared.host.name}" on port {there.text}, and this service on '
            f"port {here.text}; requests go to both",
            "write another host name, or the same port if both are versions of one application",
        )


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, others=True)
def second_context_root(ingress: Ingress) -> Iterator[Hit]:
    """Two services have the same host name and different context roots, and the proxy serves only one of them.

    A host has one path per service cluster: the template uses the context root of the first service with the host, and
    sends all requests below it to both services. Several applications cannot share a host under different paths. Give
    each its own host name.
    """
    reported = set()
    for shared in shared_hosts(ingress):
        key = (shared.route.service.place, shared.earlier.service.place)
        if key in reported or _root(shared.route) == _root(shared.earlier):
            continue
        reported.add(key)
        option = "context_root" if _root(shared.route)[0] != _root(shared.earlier)[0] else "context_root_rewrite"
        yield Hit(
            shared.place(option),
            f'{shared.earlier_name} serves the host "{shared.host.name}" at {_at(shared.earlier, option)}, and this '
            f"service at {_at(shared.route, option)}; a host has only one context root",
            "give each service its own host name",
            severity=Severity.WARNING if shared.alternative else None,
        )


def _root(route: Route) -> tuple[str, bool]:
    """The path, `/` for none; and whether it is removed from requests."""
    path = route.context_root.text if route.context_root else "/"
    return path, route.context_root_rewrite and path != "/"


def _at(route: Route, option: str) -> str:
    """The context root of a route for a message; with its rewriting where that is the option that differs."""
    path, rewrite = _root(route)
    differs = option == "context_root_rewrite"
    return f'"{path}"' + (f" {'with' if rewrite else 'without'} {PREFIX}{option}" if differs else "")


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="the proxy may not start",
)
def several_hosts_in_3_0_1(ingress: Ingress) -> Iterator[Hit]:
    """In UCP 3.0.1 the proxy may not start when two services have two hosts each.

    It is a known issue of that version only (its release notes). One service with several hosts works. With a second
    one, of this stack or another, the proxy may not start. Make a service for each host, or upgrade to 3.0.2.
    """
    if ingress.version != NAMES_OF_SEVERAL_SERVICES:
        return
    several = [route for route in ingress.routes if len(route.hosts) > 1]
    for route in several[1:]:
        yield Hit(
            route.place,
            f"this service and {where(several[0], route)} have several hosts each, a known issue of {ingress.version}",
            "make a service for each host, or upgrade to 3.0.2",
        )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, others=True)
def host_served_already(ingress: Ingress) -> Iterator[Hit]:
    """The running proxy already serves this host name.

    `--with` names the config of a running proxy, which does not say to which service a host belongs. If it is the same
    service, this deploy only replaces it. If it is another application, the proxy balances requests for the host over
    both. A different port or path means that it is probably another service: then a part of the requests goes to the
    wrong application or never arrives.

    With `--live` the config is that of the running proxy, and hosts in labels of running services are compared by these
    labels. For the other hosts of the config no service is visible: the service was removed and the proxy not updated
    since, or your account cannot see it.
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
    there = f'the host "{name}" is already served{by} ({running.file}:{served.line})'
    differs = [text for text in (_case(name, served), _port(route, served), _path(route, served)) if text]
    if differs:
        return Hit(
            route.place,
            f"{there}, {' and '.join(differs)}{_unseen(running)}",
            "write another host name, unless this deploy changes the service that is served there",
        )
    return Hit(
        route.place,
        f"{there}, so this deploy replaces that service or shares the host with it{_unseen(running)}",
        severity=Severity.INFO,
        breaks=Breaks.NOTHING,
    )


def _unseen(running: Running) -> str:
    """What the managers know of the host: no visible service has it."""
    return "; no visible service has this host" if running.proxy else ""


def _case(name: str, served: Served) -> str:
    return "" if served.name == name else f'as "{served.name}", and nginx refuses both spellings together'


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
    """The running proxy already has a default backend.

    A proxy has one default backend: with two, nginx finds two default servers for one port and does not start. `--with`
    names the config of a running proxy, and `--live` reads it. The config does not say to which service the default
    backend belongs; if it is this service, ignore the finding. With `--live`, default backends in labels of running
    services are compared by these labels.
    """
    for running in ingress.running:
        default = running.default
        for route in ingress.routes:
            label = route.label("default_backend")
            if default is None or label is None or label.unset or not route.default_backend:
                continue
            if not running.concerns(route.cluster):
                continue
            same = route.port is not None and route.port.text in default.ports
            yield Hit(
                label.place,
                f"the proxy already has a default backend ({running.file}:{default.line}), and nginx does not start "
                f"with two{_unseen(running).replace('this host', 'it')}",
                "remove com.docker.lb.default_backend, unless this service is that default backend",
                severity=Severity.INFO if same else None,
                breaks=Breaks.NOTHING if same else None,
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.PROXY)
def running_proxy_limit(ingress: Ingress) -> Iterator[Hit]:
    """A route exceeds a limit of the running proxy.

    `--with` names the config of a running proxy, and `--live` reads it. It contains the size of the table of host
    names, the size of the table of TLS hosts, and the number of connections, of which each listening socket uses one.
    If a size is smaller than the default, nginx does not start with names that fit elsewhere. If Interlock's own config
    is known, its values are used instead. Products that size their tables themselves, such as MKE since 3.4.2, may make
    them larger for the new name.
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
                    f'"{host.name}" has {length} bytes, but names in this proxy can have only '
                    f"{longest(running.bucket)} (server_names_hash_bucket_size {running.bucket} in {running.file})",
                    f"write a shorter host name, or set ServerNamesHashBucketSize = {bucket_for([host.name])} in "
                    "Interlock's config",
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
                f"with this TLS host the proxy needs {sockets} listening sockets, and it has only {connections} "
                f"worker_connections ({running.file})",
                "set a larger MaxConnections in Interlock's config",
            )
            return


def _tls(route: Route) -> bool:
    return route.ssl_passthrough or route.ssl_cert is not None
