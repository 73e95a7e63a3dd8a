"""Rules on the ingress that runs: Interlock's services, and the routes of running services."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity
from lblint.interlock.networks import attached, host_mode
from lblint.records import NamedTuple
from lblint.rules import rule
from lblint.swarm.ingress_status import (
    REACTION,
    BadLabel,
    IngressStatus,
    LiveLabels,
    Part,
    place_of_service,
    tasks_wanted,
)
from lblint.swarm.inventory import Served
from lblint.swarm.model import Service
from lblint.swarm.proxies import CORE, proxy_of

FLAPPING = 3
"""So many tasks that died in one place, one after the other, are flapping."""
FEW = 3
"""So many names are listed; further ones are counted."""


def _listed(names: list[str]) -> str:
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more} more" if more > 0 else "")


def _deployed(service: Service) -> str:
    """Return who has deployed a service, and when, as a parenthesis."""
    parts = [f"stack {service.stack}"] if service.stack else []
    parts += [f"deployed {_time(service.updated)}"] if service.updated else []
    return f" ({', '.join(parts)})" if parts else ""


def _time(stamp: str) -> str:
    """Return a time of the Engine API for people."""
    return f"{stamp[:19].replace('T', ' ')} UTC"


class _Blame(NamedTuple):
    """Who caused it that a proxy does not take its config, as the end of a message, what to do about it, the place of
    the label, and nginx's words; empty where nobody is known."""

    said: str = ""
    help: str = ""
    related: tuple[Place, ...] = ()
    nginx: str = ""


def _blame(status: IngressStatus, part: Part) -> _Blame:
    """Return who caused it that a proxy does not take its config: by the labels, by nginx's words, or by the time."""
    own = [label for label in status.labels if label.cluster in part.clusters]
    if own:
        first = own[0]
        more = f" and {len(own) - 1} more" if len(own) > 1 else ""
        said = f"; caused by {first.key} of {first.service.name}{_deployed(first.service)}{more}"
        return _Blame(said, _label_help(first), tuple(label.place for label in own))
    quoted = next((label for label in status.quoted if label.cluster in part.clusters), None)
    if quoted is not None:
        said = f"; most likely caused by {quoted.key} of {quoted.service.name}{_deployed(quoted.service)}"
        return _Blame(said, _label_help(quoted), (quoted.place,), quoted.message)
    service = status.suspect(part.service, part.clusters) if part.service is not None else None
    if service is None:
        return _Blame()
    said = f"; {service.name}{_deployed(service)} was the last change before it"
    return _Blame(said, "", (place_of_service(service.name),))


def _label_help(label: BadLabel) -> str:
    where = f"stack {label.service.stack}" if label.service.stack else f"service {label.service.name}"
    return (
        f"correct {label.key} in {where} and deploy it; until then run\n"
        f"docker service update --label-rm {label.key} {label.service.name}"
    )


_CORE_DOWN = "no change of a route reaches the proxies; they serve what they served before"


@rule(on=IngressStatus, severity=Severity.ERROR, breaks=Breaks.ROUTE, consequence=_CORE_DOWN, possible=_CORE_DOWN)
def interlock_not_running(status: IngressStatus) -> Iterator[Hit]:
    """The core or an extension of Interlock does not run.

    `lblint status` reports it. Without the core, no proxy learns of a service that is deployed, changed or removed;
    without an extension, the same is true of its service cluster. The proxies go on with their last config. A task that
    dies again and again counts as not running.
    """
    if status.snapshot.interlock is None:
        if status.snapshot.proxies:
            proxy = status.snapshot.proxies[0].service.name
            yield Hit(
                place_of_service(proxy),
                f"{proxy} runs, but there is no service {CORE} in what the managers show",
                "turn layer 7 routing on in the admin settings of UCP or MKE, or docker service rm the proxies",
            )
        elif status.inventory.routes:
            first = status.inventory.routes[0]
            yield Hit(
                first.route.place,
                f"{first.service.name} has labels for Interlock, but the managers show neither {CORE} nor a proxy",
                "turn layer 7 routing on, or run lblint status with an account that sees Interlock's services",
                severity=Severity.WARNING,
            )
        return
    for part in status.parts():
        if part.kind == "proxy":
            continue
        down = _down(status, part)
        if down is not None:
            message, help, docker = down
            config = status.snapshot.interlock.config if part.kind == "core" else ""
            deaths = status.deaths(part.service) if part.service is not None else []
            made = next((one.created for one in status.snapshot.configs if one.name == config), "")
            if deaths and config:
                message += f", with the config {config}" + (f", created {_time(made)}" if made else "")
            yield Hit(part.place, message, help, docker=docker)


def _down(status: IngressStatus, part: Part) -> tuple[str, str, str] | None:
    """Return message, help and the managers' words for a service of Interlock that does not run as it should; None
    where it does, or nobody tells."""
    service = part.service
    if service is None:
        return (
            f"{part.kind} {part.name} does not exist, but Interlock's config names it",
            f"run docker service update --force {CORE}, which creates it again",
            "",
        )
    if service.running is None:
        return None
    if part.wanted == 0 and service.mode == "replicated":
        return f"{part.name} is scaled to 0", f"run docker service scale {part.name}={part.replicas or 1}", ""
    deaths = status.deaths(service)
    flapping = len(deaths) >= FLAPPING
    if part.running >= max(1, part.wanted) and not flapping:
        return None
    if status.settles(service):
        return None
    message = f"{part.name}: {part.running} of {part.wanted} tasks run"
    if flapping:
        message += f", and {len(deaths)} tasks in a row have died"
    elif part.wanted == 0:
        message = f"{part.name} runs on no node"
    if service.stuck:
        message += f"; its update is in the state {service.update}"
    trouble = deaths[-1].error if deaths else status.trouble(service)
    if "no suitable node" in trouble:
        help = f"run docker service inspect --pretty {part.name} and docker node ls: no node meets what it needs"
    elif deaths:
        help = f"run docker service logs --tail 20 {part.name}; docker service rollback {part.name} goes back"
    else:
        help = f"run docker service ps --no-trunc {part.name}, then docker service update --force {part.name}"
    return message, help, trouble


@rule(
    on=IngressStatus,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="no route of its service cluster is served reliably, and new routes are not served at all",
)
def proxy_not_running(status: IngressStatus) -> Iterator[Hit]:
    """No task of a proxy runs, or its tasks die again and again.

    `lblint status` reports it, with the label that is to blame: a proxy cannot start with a config of nginx that holds
    an invalid value, and one such value stops the routes of all services behind that proxy. If no label of a running
    service is known to be invalid, the service that was deployed last before is named. A proxy that is just updated,
    and of which no task has died, is not reported.
    """
    yield from _proxies(status, some=False)


@rule(
    on=IngressStatus,
    severity=Severity.ERROR,
    breaks=Breaks.ROUTE,
    consequence="requests to a node whose proxy is missing may fail; the other proxies carry all traffic",
)
def proxy_below_replicas(status: IngressStatus) -> Iterator[Hit]:
    """A proxy has fewer tasks than it should have.

    `lblint status` reports it. Some tasks of the proxy run, but not all: a load balancer in front may send requests to
    a node where none runs. A proxy that is just updated, and of which no task has died, is not reported.
    """
    yield from _proxies(status, some=True)


def _proxies(status: IngressStatus, some: bool) -> Iterator[Hit]:
    """Yield a hit for each proxy that is down; with `some` for those of which some tasks run and last."""
    for part in status.parts():
        down = _down(status, part) if part.kind == "proxy" else None
        if down is None:
            continue
        deaths = status.deaths(part.service) if part.service is not None else []
        if (bool(part.running) and len(deaths) < FLAPPING) is not some:
            continue
        message, help, docker = down
        blame = _blame(status, part) if deaths or part.stuck else _Blame()
        yield Hit(
            part.place,
            message + blame.said,
            blame.help or help,
            docker=docker,
            nginx=blame.nginx,
            related=blame.related,
        )


@rule(
    on=IngressStatus,
    severity=Severity.ERROR,
    breaks=Breaks.ROUTE,
    consequence="new and changed routes are not served; the others work as before",
    possible="Interlock runs with its older config",
)
def interlock_update_failed(status: IngressStatus) -> Iterator[Hit]:
    """The last update of a proxy was paused or rolled back.

    `lblint status` reports it. The proxy runs with an older config: routes that were there before are served, new and
    changed ones are not. As long as the label that nginx does not accept is there, each further config fails too. The
    same state of the core or of an extension is a warning: somebody's config.toml was refused, and the old one works.
    """
    for part in status.parts():
        if part.service is None or not part.stuck or _down(status, part) is not None:
            continue
        blame = _blame(status, part) if part.kind == "proxy" else _Blame()
        was = "is paused" if part.service.update == "paused" else f"is in the state {part.service.update}"
        yield Hit(
            part.place,
            f"{part.name} runs with an older config, as its last update {was}{blame.said}",
            blame.help or _mend_update(part),
            severity=None if part.kind == "proxy" else Severity.WARNING,
            docker=part.service.update_message,
            nginx=blame.nginx,
            related=blame.related,
        )


def _mend_update(part: Part) -> str:
    """Return the advice for an update that failed, where nobody is known to have caused it."""
    logs = f"docker service logs --tail 20 {part.name}"
    if part.kind == "proxy":
        return (
            f"run {logs}, which shows the value that nginx refused; correct that label and deploy its stack\n"
            f"if no label is wrong any more: docker service update --force {part.name}"
        )
    if part.service is not None and part.service.update == "paused":
        return f"run docker service rollback {part.name}; {logs} shows what was refused"
    return f"run {logs} to see what was refused, and apply a corrected config with lblint interlock apply"


@rule(
    on=IngressStatus,
    severity=Severity.ERROR,
    breaks=Breaks.ROUTE,
    consequence="the proxy has no task to send requests for the host to",
    possible="other services answer for the host",
)
def route_without_tasks(status: IngressStatus) -> Iterator[Hit]:
    """No task of a routed service runs.

    `lblint status` reports it. The proxy has nothing to send requests for the host to. If another service with running
    tasks has the same host, it is a warning. A service that is just updated, and of which no task has died, is not
    reported; nor is one that is scaled to 0, on which the rule no-tasks-to-route-to has a finding.
    """
    serving = [served for served in status.inventory.routes if served.service.running]
    hosts = {(served.route.cluster, host.name.lower()) for served in serving for host in served.route.hosts}
    for route, service, _ in status.inventory.routes:
        wanted = tasks_wanted(service)
        if service.running or service.running is None or service.mode.endswith("-job"):
            continue
        if wanted == 0 and service.mode == "replicated":
            continue
        deaths = status.deaths(service)
        if status.settles(service):
            continue
        if not deaths and status.recent(service.updated, REACTION):
            continue
        names = [host.name for host in route.hosts] or ["the default backend"]
        others = bool(route.hosts) and all((route.cluster, host.name.lower()) in hosts for host in route.hosts)
        trouble = deaths[-1].error if deaths else status.trouble(service)
        yield Hit(
            route.place,
            f"{_listed(names)}: 0 of {wanted} tasks of {service.name} run{_deployed(service)}"
            if wanted
            else f"{_listed(names)}: {service.name} runs on no node{_deployed(service)}",
            f"run docker service logs --tail 20 {service.name}; docker service rollback {service.name} goes back"
            if deaths
            else f"run docker service ps --no-trunc {service.name}, then docker service update --force {service.name}",
            severity=Severity.WARNING if others else None,
            docker=trouble,
        )


@rule(
    on=IngressStatus,
    severity=Severity.ERROR,
    breaks=Breaks.ROUTE,
    consequence="requests for the host get the 503 page of the proxies",
)
def host_not_served(status: IngressStatus) -> Iterator[Hit]:
    """A running service asks for a host that is not in the config of its proxy.

    `lblint status` reports it, from a minute after the service was deployed on. The labels are valid and tasks run, but
    Interlock has not put the host into the `nginx.conf` of the proxy. Other findings take precedence: on the labels of
    the service, on its tasks, and on Interlock's services, each of which explains it.
    """
    failing = {cluster for part in status.parts() if part.stuck or _down(status, part) for cluster in part.clusters}
    if any(part.kind == "core" and _down(status, part) for part in status.parts()):
        return
    for served in status.inventory.routes:
        route, service, proxy = served
        if proxy is None or route.cluster in failing or not _expected(status, served):
            continue
        missing = status.missing_hosts(served)
        if missing:
            yield Hit(
                route.place,
                f"{_listed(missing)} of {service.name}{_deployed(service)} is not in {proxy.config}, the config of "
                f"{proxy.service.name}",
                f"run docker service logs --tail 20 {CORE}, then docker service update --force {CORE}",
            )


def _expected(status: IngressStatus, served: Served) -> bool:
    """Return whether Interlock must have put a route into the proxy's config by now."""
    route, service, _ = served
    ready = bool(service.running) and service.update in ("", "completed") and bool(service.updated)
    complete = route.port is not None and (host_mode(route) or bool(attached(route)))
    faulty = service.name in status.faulty or any(label.service.name == service.name for label in status.labels)
    return ready and complete and not faulty and not status.recent(service.updated, REACTION)


@rule(
    on=LiveLabels,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    possible="the proxy cannot start with a config that holds that label, so the routes of this deploy are not served",
)
def running_label_breaks_proxy(live: LiveLabels) -> Iterator[Hit]:
    """A service that runs already has a label that the proxy does not accept.

    Needs a running Swarm (`--live`). All routes of a service cluster are in one config of nginx. As long as a running
    service has a label that nginx does not accept, the proxy cannot start with any new config: the routes of this
    deploy are not served until that label is corrected. The files that are checked are not at fault. `lblint status`
    shows what is wrong with the label.
    """
    for route in live.routes():
        own = [label for label in live.labels if label.cluster == route.cluster]
        if own:
            first = own[0]
            services = list(dict.fromkeys(label.service.name for label in own))
            more = f" ({_listed(services[1:])} too)" if services[1:] else ""
            yield Hit(
                route.place,
                f"the running service {first.service.name}{_deployed(first.service)} keeps the proxy from a new config "
                f"by its label {first.key}{more}",
                _label_help(first),
            )
            return


@rule(on=LiveLabels, severity=Severity.INFO)
def proxy_keeps_older_config(live: LiveLabels) -> Iterator[Hit]:
    """The proxy did not start with its last config and runs with an older one.

    Needs a running Swarm (`--live`). nginx did not start with the last config that Interlock made, and the managers
    rolled the update back or paused it. If a label of some service is the cause, the next config contains it too, and
    the routes of this deploy are not served until that label is corrected. `lblint status` looks for it.
    """
    reported = {label.cluster for label in live.labels}
    names: set[str] = set()
    for route in live.routes():
        proxy = proxy_of(live.snapshot, route.cluster, live.ingress.config)
        if proxy is None or proxy.service.name in names or route.cluster in reported:
            continue
        names.add(proxy.service.name)
        if proxy.service.stuck:
            yield Hit(
                route.place,
                f"{proxy.service.name} runs with an older config, as its last update has the state "
                f"{proxy.service.update}",
                "run lblint status to see which label of a running service may be the cause",
                docker=proxy.service.update_message,
            )
