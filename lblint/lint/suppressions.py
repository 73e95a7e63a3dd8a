"""Comments and the baseline, applied to the hits of all rules, and judged themselves at the end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from lblint import rules
from lblint.finding import Breaks, File, Finding, Hit, Path, Place, Position, by_file
from lblint.lint.baseline import Comparison
from lblint.lint.options import Options
from lblint.lint.result import Silenced
from lblint.lint.runner import Judge, findings, in_order
from lblint.rules import Rule
from lblint.source import Source
from lblint.source.baseline import Baseline, Outdated, positions
from lblint.source.suppressions import Suppression
from lblint.stack import Stack

if TYPE_CHECKING:
    from lblint.source.suppressions import Suppression


Hits = Sequence[tuple[Rule, Hit]]


class Quiet:
    """The suppressions and the baseline of a run. With `own`, no finding that affects others is silenced: all teams run
    behind one proxy, and none of them alone may decide what breaks it, or takes a host of another one."""

    def __init__(
        self, asked: Iterable[Suppression], sources: Mapping[str, Source], options: Options, baseline: Baseline | None
    ) -> None:
        own = options.silencing.suppress == "own"
        self.severities = options.rules.severities
        self.known = Comparison(baseline, sources, own) if baseline is not None else None
        self.asked = tuple(dict.fromkeys(asked))  # a file of two stacks is read twice
        self.sources = sources
        self.own = own
        self.used: set[tuple[int, str]] = set()
        self._covers: dict[tuple[File, str], Cover] = {}
        if self.asked:
            self._covers = covers(self.asked)

    def standing(self, hits: Hits) -> Hits:
        """The hits that keep a route out of the trial: what breaks the proxy does, silenced or not, as the trial would
        only say it again. Where another finding is silenced, the trial still looks at what it was about."""
        return [pair for pair in hits if _breaks(pair) is Breaks.PROXY or not self._is_silenced(*pair)]

    def _is_silenced(self, rule: Rule, hit: Hit) -> bool:
        if self._silencing(rule, hit) is not None and not (hit.each and self._unsilenced(rule, hit)):
            return True
        return self.known is not None and self.known.knows(self._findings([(rule, hit)], ())[0])

    def finish(
        self, judge: Judge, hits: Hits, stacks: Sequence[Stack], complete: bool, unread: Collection[str]
    ) -> tuple[list[Finding], list[Silenced], Baseline | None]:
        """The findings that count, those that do not, and the baseline as it would be written now. A rule of the trial
        counts as one that has looked only if the trial was `complete`; `unread` files were not looked at."""
        stay, silenced = self.apply(hits, stacks)
        judge.met |= {Source, Stack}  # other processes may have met them
        ran = {
            rule.id
            for kind in judge.met
            if complete or not kind.__module__.startswith("lblint.proxy")
            for rule in judge.rules_on(kind)
        }
        current = self._findings([*stay, *self.judged(judge, ran)], stacks)
        if self.known is None:
            return current, silenced, None

        def looked(name: str) -> bool:
            return name in ran or name in _on_comments(judge)

        baseline = self.known.baseline
        compared = self.known.compare(current, looked, unread)
        old = sorted([*silenced, *compared.known], key=lambda entry: in_order(entry.finding))
        new = compared.new
        if compared.gone:
            before = len(judge.hits)
            judge.run(Outdated(baseline.name, positions(baseline, compared.gone)))
            new = sorted([*new, *self._findings(judge.hits[before:], stacks)], key=in_order)
        return new, old, baseline._replace(counts=compared.now)

    def apply(self, hits: Hits, stacks: Sequence[Stack]) -> tuple[list[tuple[Rule, Hit]], list[Silenced]]:
        """The hits that stay, and the findings that are silenced. One that is said of two places of the stack, as an
        alias makes of one, stays as long as one of them is not silenced."""
        stay: list[tuple[Rule, Hit]] = []
        gone: list[tuple[Finding, Suppression]] = []
        for rule, hit in hits:
            by = self._silencing(rule, hit)
            if hit.each:
                left = self._unsilenced(rule, hit)
                if left:
                    by, hit = None, hit._replace(place=left[0], related=left[1:])
            if by is None:
                stay.append((rule, hit))
                continue
            if self.own and (rule.others or _breaks((rule, hit)) is Breaks.PROXY):
                message = f"{hit.message}; the comment on line {by.line} may not silence what affects others, too"
                stay.append((rule, hit._replace(message=message)))
                continue
            (finding,) = self._findings([(rule, hit)], stacks)
            gone.append((finding, by))
        said_of = {_same(finding) for finding in self._findings(stay, stacks)} if gone else set()
        result: dict[tuple[object, ...], Silenced] = {}
        for finding, by in gone:
            if (key := _same(finding)) not in said_of:
                result.setdefault(key, Silenced(finding, "comment", by.reason, by.line))
        return stay, sorted(result.values(), key=lambda entry: in_order(entry.finding))

    def judged(self, judge: Judge, ran: Collection[str]) -> Hits:
        """What the rules say of the suppressions themselves; `ran` are those that have looked for something."""
        if not self.asked:
            return ()
        for rule, hit in judge.hits:  # those that are only the echo of another one, too
            self._silencing(rule, hit)
        asked = {
            (number, name)
            for number, suppression in enumerate(self.asked)
            if suppression.counts
            for name in suppression.rules
        }
        idle = frozenset((number, name) for number, name in asked - self.used if name in ran)
        from lblint.source.suppressions import Suppressions

        before = len(judge.hits)
        known = rules.load()
        on_comments = {rule.id for rule in known.values() if rule.on in (Suppressions, Outdated)}
        judge.run(Suppressions(self.asked, idle, known.keys(), on_comments))
        return judge.hits[before:]

    def _findings(self, hits: Hits, stacks: Iterable[Stack]) -> list[Finding]:
        return findings(hits, self.sources, stacks, self.severities)

    def _unsilenced(self, rule: Rule, hit: Hit) -> tuple[Place, ...]:
        """The places of a hit that no comment silences: a comment speaks of one place, not of the whole hit."""
        return tuple(
            place for place in (hit.place, *hit.related) if self._silencing(rule, hit._replace(place=place)) is None
        )

    def _silencing(self, rule: Rule, hit: Hit) -> Suppression | None:
        """The comment that silences a hit at its first place; of several the innermost."""
        cover = self._covers.get((hit.place.file, rule.id))
        source = by_file(self.sources, hit.place) if cover else None
        if cover is None or source is None:
            return None
        covering = list(cover.of(hit.place, source.position(hit.place)))
        self.used.update((number, rule.id) for number in covering)
        return self.asked[covering[0]] if covering else None


def _on_comments(judge: Judge) -> set[str]:
    """The chosen rules on comments, which have looked at every file."""
    from lblint.source.suppressions import Suppressions

    return {rule.id for rule in judge.rules_on(Suppressions)}


def _breaks(pair: tuple[Rule, Hit]) -> Breaks:
    rule, hit = pair
    return hit.breaks or rule.breaks


def _same(finding: Finding) -> tuple[object, ...]:
    return finding.file, finding.position, finding.rule, finding.message


def covers(asked: Sequence[Suppression]) -> dict[tuple[File, str], Cover]:
    """The suppressions that count, by file and rule."""
    by_rule: dict[tuple[File, str], list[int]] = {}
    for number, suppression in enumerate(asked):
        for name in suppression.rules if suppression.counts else ():
            by_rule.setdefault((suppression.place.file, name), []).append(number)
    return {key: Cover(asked, numbers) for key, numbers in by_rule.items()}


class Cover:
    """The suppressions of one rule in one file, by their numbers in the run."""

    def __init__(self, asked: Sequence[Suppression], numbers: Sequence[int]) -> None:
        self.whole = [number for number in numbers if asked[number].whole]
        self.numbers = sorted((n for n in numbers if not asked[n].whole), key=lambda number: asked[number].begin)
        self.begins = [asked[number].begin for number in self.numbers]
        self.ends = [asked[number].end for number in self.numbers]
        self.last = list(accumulate(self.ends, max))
        """Up to each of them, the furthest end."""
        self.paths: dict[Path, list[int]] = {}
        for number in self.numbers:
            path = asked[number].path
            if path is not None:
                self.paths.setdefault(path, []).append(number)

    def of(self, place: Place, position: Position) -> Iterator[int]:
        """The numbers of those that speak of a place, maybe several times; the innermost of those by position first."""
        point = position[:2]
        at = bisect_right(self.begins, point) - 1
        while at >= 0 and self.last[at] > point:
            if self.ends[at] > point:
                yield self.numbers[at]
            at -= 1
        if self.paths:
            for length in range(len(place.path), -1, -1):
                yield from self.paths.get(place.path[:length], ())
        yield from self.whole
