"""Services judged without a stack file: one that a client asks the managers for, and those that run already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lblint.finding import Breaks, Hit, Place
from lblint.interlock import read_routes
from lblint.lint.filters import of_files, without_broken
from lblint.lint.options import Options
from lblint.lint.result import Checked, Result
from lblint.lint.runner import Judge, findings
from lblint.lint.surroundings import among_running, bad_labels, faulty_services, known_to
from lblint.source import read
from lblint.swarm.comparison import running_beside
from lblint.swarm.model import Snapshot
from lblint.swarm.service_as_stack import ServiceSpec, read_spec

if TYPE_CHECKING:
    from lblint.swarm.ingress_status import IngressStatus


def check_running(status: IngressStatus, options: Options = Options()) -> Result:  # noqa: B008
    """Check an ingress that runs: its services, each as a stack of its own, and what became of them. As they are
    deployed, nothing is said of what could keep them from that.

    Raises `UnknownRuleError` where `options` names a rule that does not exist.
    """
    from lblint.source import read
    from lblint.source.toml import read_toml
    from lblint.swarm.service_as_stack import as_text

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


def check_service(spec: Any, snapshot: Snapshot, options: Options = Options()) -> Result:  # noqa: B008
    """Check the spec of a service (the body of `POST /services/create` or `/services/ID/update`) beside what runs.

    What keeps a service from being made at all is the managers' to say, and not told of. Findings lie in a file that is
    called `service NAME`, with a path into the spec; the source of that file is the spec as JSON, indented.
    Raises `OddAnswerError` where the spec is not of the form that the API documents, and `UnknownRuleError` where
    `options` names a rule that does not exist.
    """
    import json

    judge = Judge(options)
    service = read_spec(spec, snapshot)
    judge.run(service.stack)
    ingress = known_to(read_routes([service.stack]), options)
    ingress = among_running(ingress, snapshot, running_beside([service.stack], snapshot), judge, options)
    judge.run(ingress)
    sound = without_broken(ingress, judge.hits, options.rules.severities)
    if any(route.stack is service.stack for route in sound.routes):
        from lblint.proxy import trial

        judge.run(trial(sound))
    hits = [(rule, _in_spec(hit, service)) for rule, hit in of_files(judge.hits)
            if (hit.breaks or rule.breaks) is not Breaks.DEPLOY]  # fmt: skip
    source = read(json.dumps(spec, indent=2).encode(), service.file)
    sources = {source.name: source}
    unchecked = tuple(("--live", sentence) for sentence in snapshot.refused.values())
    current = findings(hits, sources, [service.stack], options.rules.severities)
    return Result(tuple(current), unchecked, Checked(sources, (service.stack,), ingress, True))


def _in_spec(hit: Hit, service: ServiceSpec) -> Hit:
    """The hit with its places in the spec. Its fixes are for stack files and left out."""

    def moved(place: Place) -> Place:
        return place._replace(path=service.path(place.path)) if place.file == service.file else place

    return hit._replace(place=moved(hit.place), related=tuple(map(moved, hit.related)), fixes=())
