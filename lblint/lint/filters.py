"""What is kept from the trial, and from the report, as a rule has said the cause of it already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from lblint.finding import Breaks, File, Hit, Path, RunningService, Severity, of_kind
from lblint.interlock import Ingress
from lblint.rules import Rule
from lblint.stack import Stack
from lblint.stack.faults import UnsetVariable


def of_files(hits: Iterable[tuple[Rule, Hit]]) -> list[tuple[Rule, Hit]]:
    """The hits but for those on services that run already, and on the config that Interlock runs with."""
    return [(rule, hit) for rule, hit in hits if not isinstance(hit.place.file, RunningService)]


def without_broken(
    ingress: Ingress, hits: Iterable[tuple[Rule, Hit]], severities: Mapping[str, Severity | None] = {}
) -> Ingress:
    """The ingress without the routes of services that have an error: their trial would only say it again.

    An error that breaks no proxy by itself keeps no route from its trial where it does not stop the deploy, as nothing
    else would say what nginx makes of it: one that counts less by the `severities`, and one of a service that runs.
    """
    broken = {
        (hit.place.file, *hit.place.path[:2])
        for rule, hit in hits
        if (hit.severity or rule.severity) is Severity.ERROR
        and (breaks := hit.breaks or rule.breaks) is not Breaks.NOTHING
        and (breaks is Breaks.PROXY or _stops(rule, hit, severities))
    }
    return without(ingress, broken)


def _stops(rule: Rule, hit: Hit, severities: Mapping[str, Severity | None]) -> bool:
    """Whether an error is one that a deploy waits for."""
    return not isinstance(hit.place.file, RunningService) and severities.get(rule.id, Severity.ERROR) is Severity.ERROR


def without(ingress: Ingress, broken: Collection[tuple[File | int, ...]]) -> Ingress:
    """The ingress without the routes of some services, each by its file and the two keys that lead to it."""
    if not broken:
        return ingress
    routes = tuple(
        route
        for route in ingress.routes
        if not any((file, "services", route.service.key) in broken for file in route.files)
    )
    return ingress._replace(routes=routes)


def without_echoes(hits: Sequence[tuple[Rule, Hit]], stacks: Iterable[Stack]) -> list[tuple[Rule, Hit]]:
    """The hits without what a later stage of the deploy would say of a value that the client refuses to read at all,
    or that lacks a variable where the file is checked."""
    known = {
        (hit.place.file, hit.place.path)
        for rule, hit in hits
        if rule.stage is None and rule.breaks is Breaks.DEPLOY and (hit.severity or rule.severity) is Severity.ERROR
    }
    for stack in (stack for stack in stacks if not stack.deploying):
        for fault in of_kind(stack.faults, UnsetVariable):
            known |= {(fault.place.file, path) for path in _values(fault.place.path)}
    return [(rule, hit) for rule, hit in hits if rule.stage is None or (hit.place.file, hit.place.path) not in known]


def _values(path: Path) -> tuple[Path, ...]:
    """The value at a path, and the item of a list that it is part of: the long form of a port, mount or secret."""
    return (path, path[:-1]) if len(path) > 4 and isinstance(path[-2], int) else (path,)


def with_causes(hits: Sequence[tuple[Rule, Hit]], stacks: Iterable[Stack]) -> list[tuple[Rule, Hit]]:
    """The hits of a deploy, where an unset variable is the empty string: an error that comes of it names the variable,
    and takes the place of what is said of the variable itself. Other runs as they are."""
    unset: dict[tuple[File, Path], list[UnsetVariable]] = {}
    for stack in stacks:
        for fault in of_kind(stack.faults, UnsetVariable) if stack.deploying else ():
            for path in _values(fault.place.path):
                unset.setdefault((fault.place.file, path), []).append(fault)
    if not unset:
        return list(hits)
    caused: list[tuple[Rule, Hit]] = []
    explained: set[tuple[File, str]] = set()
    for rule, hit in hits:
        faults = unset.get((hit.place.file, hit.place.path), ())
        if faults and (hit.severity or rule.severity) is Severity.ERROR:
            names = list(dict.fromkeys(fault.variable for fault in faults))
            explained |= {(hit.place.file, name) for name in names}
            if not any(name in hit.message for name in names):
                are = "is not set" if len(names) == 1 else "are not set"
                hit = hit._replace(message=f"{hit.message} ({', '.join(names)} {are})")
            hint = "\n".join(f"set {name} where you deploy: {name}=... lblint deploy ..." for name in names)
            hit = hit._replace(help=f"{hit.help}\n{hint}" if hit.help else hint)
        caused.append((rule, hit))
    of_variable = {
        (fault.place.file, fault.place.path, fault.place.chars)
        for faults in unset.values()
        for fault in faults
        if (fault.place.file, fault.variable) in explained
    }
    return [
        (rule, hit)
        for rule, hit in caused
        if rule.id != "unset-variable" or (hit.place.file, hit.place.path, hit.place.chars) not in of_variable
    ]
