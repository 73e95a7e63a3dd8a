"""Which comments a finding falls under, without asking each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from lblint.finding import Path, Place, Position
from lblint.source.suppressions import Suppression


def covers(asked: Sequence[Suppression]) -> dict[tuple[str, str], Cover]:
    """The suppressions that count, by file and rule."""
    by_rule: dict[tuple[str, str], list[int]] = {}
    for number, one in enumerate(asked):
        for name in one.rules if one.counts else ():
            by_rule.setdefault((one.place.file, name), []).append(number)
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
