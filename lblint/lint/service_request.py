"""One service as a client asks the managers for it, judged by the rules that hold for services that run."""

from __future__ import annotations

from typing import Any

from lblint.finding import Breaks, Hit, Place
from lblint.interlock import read_routes
from lblint.lint.filters import of_files, without_broken
from lblint.lint.options import Checked, Options, Result
from lblint.lint.runner import Judge, findings
from lblint.lint.surroundings import among_running, known_to
from lblint.source import read
from lblint.swarm.comparison import running_beside
from lblint.swarm.model import Snapshot
from lblint.swarm.service_spec import ServiceSpec, read_spec


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
