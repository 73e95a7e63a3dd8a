"""The difference of two texts as `git apply` and `patch -p1` take it.

difflib compares each line with all that are alike, of which a stack of many services has many: 4,000 changed lines took
25 s. So the lines that each text has once are matched first (patience diff), and difflib gets what lies between them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

    Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]
    """What becomes of lines, as `SequenceMatcher.get_opcodes` tells it, and their ranges in both texts."""


class Matcher(SequenceMatcher[bytes]):
    """A matcher of lines whose opcodes are found between lines that are unique."""

    def __init__(self, old: Sequence[bytes], new: Sequence[bytes]) -> None:
        super().__init__(None, old, ())
        self.old, self.new = old, new

    def get_opcodes(self) -> list[Opcode]:
        """Return how to turn the old lines into the new ones, in order and without gaps."""
        codes: list[Opcode] = []
        old_at = new_at = 0
        for old_end, new_end in (*anchors(self.old, self.new), (len(self.old), len(self.new))):
            between = SequenceMatcher(None, self.old[old_at:old_end], self.new[new_at:new_end], autojunk=False)
            for tag, i1, i2, j1, j2 in between.get_opcodes():
                _append(codes, (tag, old_at + i1, old_at + i2, new_at + j1, new_at + j2))
            if old_end < len(self.old):
                _append(codes, ("equal", old_end, old_end + 1, new_end, new_end + 1))
            old_at, new_at = old_end + 1, new_end + 1
        return codes


def anchors(old: Sequence[bytes], new: Sequence[bytes]) -> list[tuple[int, int]]:
    """Return the places of lines that both texts have exactly once, as many as are in the same order in both."""
    counts, others = Counter(old), Counter(new)
    places = {line: at for at, line in enumerate(new) if others[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(old) if counts[line] == 1 and line in places]
    ends: list[int] = []  # of the chains of each length, the least place in the new text that one ends with
    last: list[int] = []  # and the pair that it is of
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [place], [number]
    chain = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _append(codes: list[Opcode], code: Opcode) -> None:
    """Add an opcode, as a part of the last one where that is of the same kind."""
    tag, i1, i2, j1, j2 = code
    if codes and codes[-1][0] == tag == "equal":
        i1, j1 = codes[-1][1], codes[-1][3]
        codes.pop()
    codes.append((tag, i1, i2, j1, j2))


def hunks(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the hunks with three lines around each change; all lines but the last ones end with a line feed."""
    for group in Matcher(old, new).get_grouped_opcodes():
        start, end = group[0], group[-1]
        yield b"@@ -%s +%s @@\n" % (_range(start[1], end[2]), _range(start[3], end[4]))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (b" " + line for line in old[i1:i2])
                continue
            yield from (b"-" + line for line in old[i1:i2])
            yield from (b"+" + line for line in new[j1:j2])


def _range(start: int, end: int) -> bytes:
    """A range of lines: the first one, counted from 1, and how many; of none it is the line before."""
    count = end - start
    return b"%d" % (start + 1) if count == 1 else b"%d,%d" % (start + (count > 0), count)
