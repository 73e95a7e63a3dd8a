"""Services judged without a stack file: one that a client asks the managers for, and those that run already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lblint import UncheckedError
from lblint.finding import Breaks, Finding, Hit, Place
from lblint.interlock import Ingress, read_routes
from lblint.interlock.routes import Route
from lblint.interlock.running_proxy import Running
from lblint.lint.filters import of_files, without_broken
from lblint.lint.options import Options
from lblint.lint.result import Checked, Result
from lblint.lint.runner import Judge, findings
from lblint.lint.surroundings import bad_labels, faulty_services, known_to, running_config, under_running_config
from lblint.proxy.readback import ReadBack
from lblint.records import NamedTuple
from lblint.rules import Rule
from lblint.source import Source, read
from lblint.swarm.comparison import proxies_beside
from lblint.swarm.model import Service, Snapshot
from lblint.swarm.service_as_stack import ServiceSpec, as_stack, as_text, read_spec

if TYPE_CHECKING:
    from lblint.probe.questions import Probed
    from lblint.swarm.ingress_status import IngressStatus


def check_running(status: IngressStatus, options: Options = Options()) -> Result:  # noqa: B008
    """Check an ingress that runs: its services, each as a stack of its own, and what became of them. As they are
    deployed, nothing is said of what could keep them from that.

    Raises `UnknownRuleError` where `options` names a rule that does not exist.
    """
    from lblint.source.toml import read_toml

    judge = Judge(options)
    ingress = status.ingress
    for stack in ingress.stacks:
        judge.run(stack)
    judge.run(ingress)
    sound = without_broken(ingress, judge.hits)
    if sound.routes:
        from lblint.proxy import trial

        judge.run(trial(sound))
    labels = bad_labels(judge, ingress, status.snapshot)
    judge.run(status._replace(labels=labels, faulty=faulty_services(judge)))
    hits = [(rule, _in_text(hit)) for rule, hit in judge.hits if (hit.breaks or rule.breaks) is not Breaks.DEPLOY]
    touched = {place.file for _, hit in hits for place in (hit.place, *hit.related)}
    texts = {stack.files[0]: as_text(stack) for stack in ingress.stacks if stack.files[0] in touched}
    sources = {file: read(text.encode("utf-8", "replace"), file) for file, text in texts.items()}
    core = status.snapshot.interlock
    config = ingress.config.file if ingress.config else ""
    if core is not None and config in touched:
        sources[config] = read_toml(core.text.encode("utf-8", "replace"), config)
    return Result(tuple(findings(hits, sources, ingress.stacks)), (), Checked(sources, ingress.stacks))


def _in_text(hit: Hit) -> Hit:
    """The hit with its places in the texts that stand for the services: no files of the user's lie beside them."""
    place, *related = (place._replace(file=str(place.file)) for place in (hit.place, *hit.related))
    return hit._replace(place=place, related=tuple(related))


def check_probed(probed: Sequence[Probed], ingress: Ingress, sources: Mapping[str, Source], options: Options) -> Result:
    """Check what running proxies answer, beside the routes of an ingress that was probed. `sources` are the files of
    its stacks; services that run have a text made for them.

    Raises `UnknownRuleError` where `options` names a rule that does not exist.
    """
    judge = Judge(options)
    for proxy in probed:
        judge.run(proxy)
    hits = [(rule, _in_text(hit)) for rule, hit in judge.hits]
    texts = {stack.files[0]: stack for stack in ingress.stacks if stack.files[0] not in sources}
    made = {file: read(as_text(stack).encode("utf-8", "replace"), file) for file, stack in texts.items()}
    known = {**sources, **made}
    told = findings(hits, known, ingress.stacks, options.rules.severities)
    return Result(tuple(told), (), Checked(known, ingress.stacks, ingress))


class _Running(NamedTuple):
    """A service that runs: as the managers tell it, as a stack, its route, and the hits on it alone."""

    service: Service
    networks: tuple[str, ...]
    routes: tuple[Route, ...]
    hits: Sequence[tuple[Rule, Hit]]


class Neighbours:
    """What runs, read and judged once for all services that are checked beside it. One thread at a time uses it."""

    def __init__(
        self,
        snapshot: Snapshot,
        options: Options = Options(),  # noqa: B008
        before: Neighbours | None = None,
    ) -> None:
        """`before` is what ran before, of the same options: what has not changed is taken from there.

        Raises `UnknownRuleError` where `options` names a rule that does not exist.
        """
        self.snapshot, self.options = snapshot, options
        self.read_back: ReadBack = before.read_back if before else ReadBack()
        self._proxies: dict[frozenset[str], tuple[Running, ...]] = {}
        self._running: dict[str, _Running] = {}
        judge, names = Judge(options), snapshot.network_names()
        for service in snapshot.services:
            networks = tuple(names.get(at.network, at.network) for at in service.networks)
            known = before._running.get(service.name) if before else None
            if known is None or known[:2] != (service, networks):
                own, stack = judge.apart(), as_stack(service, names)
                own.run(stack)
                known = _Running(service, networks, read_routes([stack]).routes, own.hits)
            self._running[service.name] = known
        self._config = running_config(snapshot, options)

    def among(self, ingress: Ingress, judge: Judge) -> Ingress:
        """Return an ingress with the routes and the config that run, without those of its own services of before; the
        judge gets the hits on what runs."""
        replaced = {service.name for stack in ingress.stacks for service in stack.services}
        routes: list[Route] = []
        for name, running in self._running.items():
            if name not in replaced:
                routes += running.routes
                judge.hits += running.hits
        ingress = under_running_config(ingress, self._config, self.options)
        clusters = frozenset(route.cluster for route in ingress.routes)
        proxies = self._proxies.get(clusters)
        if proxies is None:
            proxies = self._proxies[clusters] = proxies_beside(ingress, self.snapshot)
        return ingress._replace(routes=(*routes, *ingress.routes), running=(*ingress.running, *proxies))


def check_service(spec: Any, beside: Snapshot | Neighbours, options: Options = Options()) -> Result:  # noqa: B008
    """Check the spec of a service (the body of `POST /services/create` or `/services/ID/update`) beside what runs.

    What keeps a service from being made at all is the managers' to say, and not told of. Findings lie in a file that is
    called `service NAME`, with a path into the spec; the source of that file is the spec as JSON, indented.
    Where many are checked beside the same, `beside` is made once, of the same options.
    Raises `OddAnswerError` where the spec is not of the form that the API documents, and `UnknownRuleError` where
    `options` names a rule that does not exist.
    """
    import json

    judge = Judge(options)
    neighbours = Neighbours(beside, options) if isinstance(beside, Snapshot) else beside
    snapshot = neighbours.snapshot
    service = read_spec(spec, snapshot)
    judge.run(service.stack)
    ingress = neighbours.among(known_to(read_routes([service.stack]), options), judge)
    judge.run(ingress)
    sound = without_broken(ingress, judge.hits, options.rules.severities)
    if any(route.stack is service.stack for route in sound.routes):
        from lblint.proxy import trial

        judge.run(trial(sound, before=neighbours.read_back))
    hits = [(rule, _in_spec(hit, service)) for rule, hit in of_files(judge.hits)
            if (hit.breaks or rule.breaks) is not Breaks.DEPLOY]  # fmt: skip
    source = read(json.dumps(spec, indent=2).encode(), service.file)
    sources = {source.name: source}
    unchecked = tuple(("--live", sentence) for sentence in snapshot.refused.values())
    current = findings(hits, sources, [service.stack], options.rules.severities)
    return Result(tuple(current), unchecked, Checked(sources, (service.stack,), ingress, True))


def findings_on(spec: Any, beside: Snapshot | Neighbours, options: Options) -> list[Finding]:
    """Return the findings of `check_service`, in order.

    Raises `UncheckedError` for what is no spec of a service, and for a list that the managers did not show.
    """
    from lblint.swarm.api_decode import OddAnswerError

    try:
        result = check_service(spec, beside, options)
    except OddAnswerError as error:
        raise UncheckedError(f"this is not the spec of a service: {error}") from None
    if result.unchecked:
        raise UncheckedError("; ".join(reason for _, reason in result.unchecked))
    return list(result.findings)


def _in_spec(hit: Hit, service: ServiceSpec) -> Hit:
    """The hit with its places in the spec. Its fixes are for stack files and left out."""

    def moved(place: Place) -> Place:
        return place._replace(path=service.path(place.path)) if place.file == service.file else place

    return hit._replace(place=moved(hit.place), related=tuple(map(moved, hit.related)), fixes=())
