"""The ingress with what is told of it from outside the stack files: Interlock's config, the managers, nginx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lblint.finding import Breaks, RunningService, Severity
from lblint.interlock import Ingress, read_routes
from lblint.lint.filters import without
from lblint.lint.options import Options
from lblint.lint.runner import Judge
from lblint.source import Source

if TYPE_CHECKING:
    from lblint.finding import Hit, Place
    from lblint.interlock.config import InterlockConfig
    from lblint.interlock.version import Version
    from lblint.rules import Rule
    from lblint.stack import Stack
    from lblint.swarm.ingress_status import BadLabel
    from lblint.swarm.model import Snapshot


def known_to(ingress: Ingress, options: Options) -> Ingress:
    """The ingress with what the options tell of Interlock (its config, if it can be read, and the version) and of the
    site."""
    own = (
        config_of(options.surroundings.interlock, options.surroundings.version)
        if options.surroundings.interlock
        else None
    )
    version = own.version if own else options.surroundings.version
    if version is not None:
        from lblint.interlock.version import as_read_by

        ingress = as_read_by(ingress, version)
    return ingress._replace(config=own if own and own.sound else None, version=version, site=options.surroundings.site)


def config_of(source: Source, version: Version | None) -> InterlockConfig:
    """What a file of Interlock's says."""
    from lblint.interlock.config import read_config

    return read_config(source, version)


def ask_nginx(passed: Ingress, judge: Judge, program: str) -> Iterator[tuple[str, str]]:
    """Ask the user's nginx, last: no route with an error is put before it, and none of which it is known that it may
    stop nginx (no replicas, say), whatever the rules call that. Yields what it did not answer."""
    from lblint.proxy import trials
    from lblint.proxy.nginx_test.program import NginxVerdict, ask, stops

    if judge.rules_on(NginxVerdict):
        faulty = {(f.place.file, *f.place.path[:2]) for tried in trials(passed) for f in tried.faults if stops(f)}
        sound = without(passed, faulty)
        for tried in trials(sound) if sound.routes else ():
            verdict = ask(tried, program)
            judge.run(verdict)
            if verdict.unchecked:
                yield program, verdict.unchecked


def beside_what_runs(
    ingress: Ingress,
    judge: Judge,
    options: Options,
    unchecked: list[tuple[str, str]],
    configs: Sequence[InterlockConfig] = (),
) -> Ingress:
    """Ask the managers, if the options say so: the ingress with the routes and the config that run, and the rules on
    each stack, and each config of Interlock, beside the snapshot. A stack without a name cannot be compared."""
    if options.surroundings.live is None:
        return ingress
    from lblint.swarm.comparison import beside, running_beside, without_pruned

    reason = "what runs is compared by the stack's name, which is not known: give --stack-name"
    unchecked.extend((stack.files[0], reason) for stack in ingress.stacks if stack.name is None)
    named = [stack for stack in ingress.stacks if stack.name is not None]
    snapshot = options.surroundings.live(frozenset(str(stack.name) for stack in named))
    unchecked.extend(("--live", sentence) for sentence in snapshot.refused.values())
    stays = without_pruned(ingress.stacks, snapshot) if options.stack.prune else snapshot
    ingress = among_running(ingress, snapshot, running_beside(ingress.stacks, stays), judge, options)
    for stack in named:
        judge.run(beside(stack, ingress, stays))
    if configs:
        from lblint.swarm.comparison import config_beside

        for config in configs:
            judge.run(config_beside(config, snapshot))
    return ingress


def beside_bad_labels(ingress: Ingress, judge: Judge, options: Options) -> None:
    """Run the rules on each stack beside the labels of running services that a proxy does not take: what was said of
    those services is no finding on the stack."""
    if options.surroundings.live is None:
        return
    from lblint.swarm.ingress_status import LiveLabels

    named = [stack for stack in ingress.stacks if stack.name is not None]
    snapshot = options.surroundings.live(frozenset(str(stack.name) for stack in named))
    labels = bad_labels(judge, ingress, snapshot)
    for stack in named:
        judge.run(LiveLabels(stack, ingress, snapshot, labels))


def bad_labels(judge: Judge, ingress: Ingress, snapshot: Snapshot) -> tuple[BadLabel, ...]:
    """The labels of running services on which there are errors that break a proxy, each once."""
    from lblint.swarm.ingress_status import BadLabel

    services = {service.name: service for service in snapshot.services}
    clusters = {route.service.key: route.cluster for route in ingress.routes if _runs(route.place)}
    found: dict[tuple[str, str], BadLabel] = {}
    for rule, hit in judge.hits:
        path = hit.place.path
        if _runs(hit.place) and path[2:4] == ("deploy", "labels") and len(path) > 4 and _breaks_proxy(rule, hit):
            name, key = str(path[1]), str(path[4])
            if name in services and name in clusters:
                label = BadLabel(services[name], key, hit.message, hit.place, clusters[name])
                found.setdefault((name, key), label)
    return tuple(found.values())


def faulty_services(judge: Judge) -> frozenset[str]:
    """The names of running services on which there are errors, but for those that only a deploy would meet."""
    return frozenset(
        str(hit.place.path[1])
        for rule, hit in judge.hits
        if _runs(hit.place)
        and len(hit.place.path) > 1
        and (hit.severity or rule.severity) is Severity.ERROR
        and (hit.breaks or rule.breaks) is not Breaks.DEPLOY
    )


def _runs(place: Place) -> bool:
    return isinstance(place.file, RunningService)


def _breaks_proxy(rule: Rule, hit: Hit) -> bool:
    return (hit.severity or rule.severity) is Severity.ERROR and (hit.breaks or rule.breaks) is Breaks.PROXY


def running_config(snapshot: Snapshot, options: Options) -> InterlockConfig | None:
    """The config that Interlock's core runs with; None where there is none, or none that can be read."""
    from lblint.swarm.comparison import interlock_config

    return interlock_config(snapshot, None if options.surroundings.from_settings else options.surroundings.version)


def under_running_config(ingress: Ingress, own: InterlockConfig | None, options: Options) -> Ingress:
    """The ingress under the config that runs: one that was named counts before it, one that the settings name does
    not."""
    if own is None or (ingress.config is not None and not options.surroundings.from_settings):
        return ingress
    return ingress._replace(config=own, version=own.version or ingress.version)


def among_running(
    ingress: Ingress, snapshot: Snapshot, running: Sequence[Stack], judge: Judge, options: Options
) -> Ingress:
    """The ingress with the routes and the config that run; `running` are the services that stay, each as a stack, and
    the judge hears of each."""
    from lblint.swarm.comparison import proxies_beside

    for stack in running:
        judge.run(stack)
    ingress = under_running_config(ingress, running_config(snapshot, options), options)
    ingress = ingress._replace(running=(*ingress.running, *proxies_beside(ingress, snapshot)))
    return ingress._replace(routes=(*read_routes(running).routes, *ingress.routes))
