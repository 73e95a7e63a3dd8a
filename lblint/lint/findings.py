"""Hits -> findings: positions are looked up last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lblint import rules
from lblint.finding import Finding, Hit, Place, Position, Severity
from lblint.rules import Rule
from lblint.source import Source
from lblint.stack import Stack


def findings(
    hits: Iterable[tuple[Rule, Hit]],
    sources: Mapping[str, Source],
    stacks: Iterable[Stack],
    severities: Mapping[str, Severity | None] = {},
) -> list[Finding]:
    """The hits with all that a report needs, sorted by file and position; each is said once.

    `severities` replace those of rules, by their ids.
    """
    names = {file: stack.name for stack in stacks for file in stack.files}
    found: dict[tuple[object, ...], Finding] = {}
    for rule, hit in hits:
        place = hit.place
        source = sources.get(place.file)
        position = source.position(place) if source is not None else place.at or Position(1, 1, 1, 1)
        breaks = hit.breaks or rule.breaks
        said = rule.consequence if breaks is rule.breaks else rules.CONSEQUENCES[breaks]
        finding = Finding(
            file=place.file,
            position=position,
            rule=rule.id,
            severity=_severity(rule, hit, severities.get(rule.id)),
            breaks=breaks,
            message=hit.message,
            consequence=said,
            help=hit.help,
            path=place.path,
            stack=names.get(place.file),
            service=_service(place),
            fixes=hit.fixes,
        )
        found.setdefault((finding.file, position, rule.id, hit.message), finding)
    return sorted(found.values(), key=in_order)


def in_order(finding: Finding) -> tuple[object, ...]:
    """What findings are sorted by: as they stand in the files, the worst of a place first."""
    return finding.file, finding.position, -finding.severity, finding.rule, finding.message


def _severity(rule: Rule, hit: Hit, wanted: Severity | None) -> Severity:
    """The severity of a hit whose rule is to have another; what the rule itself is less sure of is not raised."""
    own = hit.severity or rule.severity
    if wanted is None:
        return own
    return wanted if own >= rule.severity else min(own, wanted)


def _service(place: Place) -> str | None:
    path = place.path
    return str(path[1]) if len(path) > 1 and path[0] == "services" else None
