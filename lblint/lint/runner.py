"""The rules that a run has chosen, their hits, and the findings that these become: positions are looked up last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from lblint import rules
from lblint.finding import Finding, Hit, Location, Place, Position, Severity, by_file
from lblint.lint.options import Options
from lblint.rules import Rule
from lblint.source import Source
from lblint.stack import Stack

if TYPE_CHECKING:
    from lblint.lint.redaction import Redactor


class UnknownRuleError(ValueError):
    """A rule was selected or ignored that does not exist."""


class Judge:
    """Runs the rules of a subject's type, as `--select` and `--ignore` choose them, and keeps their hits; `met` are the
    types that there were."""

    def __init__(self, options: Options) -> None:
        self.select = options.rules.select
        self.ignore = options.rules.ignore
        if options.rules.severities:
            off = {name for name, severity in options.rules.severities.items() if severity is None}
            self.ignore |= off - (self.select if options.rules.exact is None else options.rules.exact)
        self.by_type: dict[type, list[Rule]] = {}
        self.hits: list[tuple[Rule, Hit]] = []
        self.met: set[type] = set()
        self.hidden: tuple[Mapping[str, str], tuple[Source, ...], tuple[Stack, ...]] | None = None
        self.redactor: Redactor | None = None
        for name in sorted(self.select | self.ignore):
            if name not in rules.load():
                raise UnknownRuleError(name)

    def apart(self) -> Judge:
        """A judge with the same rules and no hits yet."""
        other = Judge(Options())
        vars(other).update(vars(self) | {"hits": [], "met": set()})
        return other

    def hide(self, values: Mapping[str, str], sources: Iterable[Source], stacks: Iterable[Stack]) -> None:
        """Keep the values of environment variables out of all hits from now on; `sources` and the names of `stacks` may
        be quoted."""
        self.hidden = (values, tuple(sources), tuple(stacks)) if values else None
        self.redactor = None

    def shown(self, text: str) -> str:
        """Return a text without the values that are hidden."""
        redactor = self._redactor()
        return text if redactor is None else redactor.text(text)

    def _redactor(self) -> Redactor | None:
        if self.hidden is not None and self.redactor is None:
            from lblint.lint.redaction import Redactor, given_names

            values, sources, stacks = self.hidden
            self.redactor = Redactor(values, sources, given_names(stacks))
        return self.redactor

    def run(self, subject: object) -> None:
        self.met.add(type(subject))
        for rule in self.rules_on(type(subject)):
            for hit in rule.check(subject):
                redactor = self._redactor()
                self.hits.append((rule, hit if redactor is None else redactor.hit(hit)))

    def rules_on(self, kind: type) -> list[Rule]:
        """The chosen rules on subjects of a type."""
        chosen = self.by_type.get(kind)
        if chosen is None:
            chosen = self.by_type[kind] = [
                rule
                for rule in rules.rules_on(kind)
                if (not self.select or rule.id in self.select) and rule.id not in self.ignore
            ]
        return chosen


def findings(
    hits: Iterable[tuple[Rule, Hit]],
    sources: Mapping[str, Source],
    stacks: Iterable[Stack],
    severities: Mapping[str, Severity | None] = {},
) -> list[Finding]:
    """The hits with all that a report needs, sorted by file and position; each is said once.

    `severities` replace those of rules, by their ids.
    """
    names = {file: shown_name(stack) for stack in stacks for file in stack.files}
    result: dict[tuple[object, ...], Finding] = {}
    for rule, hit in hits:
        place = hit.place
        source = by_file(sources, place)
        position = source.position(place) if source is not None else place.at or Position(1, 1, 1, 1)
        breaks = hit.breaks or rule.breaks
        severity = _severity(rule, hit, severities.get(rule.id))
        finding = Finding(
            file=str(place.file),
            position=position,
            rule=rule.id,
            severity=severity,
            breaks=breaks,
            message=hit.message,
            consequence=rules.consequence(rule, breaks, hit.severity or rule.severity),
            help=hit.help,
            path=place.path,
            stack=by_file(names, place),
            service=_service(place),
            fixes=hit.fixes,
            docker=hit.docker,
            nginx=hit.nginx,
            related=tuple(_location(other, sources) for other in hit.related),
        )
        result.setdefault((finding.file, position, rule.id, hit.message), finding)
    return sorted(result.values(), key=in_order)


def shown_name(stack: Stack) -> str | None:
    """Return the name of a stack without the values of environment variables."""
    if stack.name is None or not stack.values or stack.inferred_from is None:
        return stack.name
    from lblint.lint.redaction import Redactor

    return Redactor(stack.values).text(stack.name)


def _location(place: Place, sources: Mapping[str, Source]) -> Location:
    source = by_file(sources, place)
    position = source.position(place) if source is not None else place.at or Position(1, 1, 1, 1)
    return Location(str(place.file), position, place.path)


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
