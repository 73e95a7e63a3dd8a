"""The difference of two texts as `git apply` and `patch -p1` take it.

difflib compares each line with all that are alike, of which a stack of many services has many: 4,000 changed lines took
25 s. So the lines that each text has once are matched first (patience diff), and difflib gets what lies between them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

    Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]
    """What becomes of lines, as `SequenceMatcher.get_opcodes` tells it, and their ranges in both texts."""


def opcodes(old: Sequence[bytes], new: Sequence[bytes]) -> list[Opcode]:
    """Return how to turn the old lines into the new ones, in order and without gaps."""
    from difflib import SequenceMatcher

    codes: list[Opcode] = []
    old_at = new_at = 0
    for old_end, new_end in (*anchors(old, new), (len(old), len(new))):
        between = SequenceMatcher(None, old[old_at:old_end], new[new_at:new_end], autojunk=False)
        for tag, i1, i2, j1, j2 in between.get_opcodes():
            _append(codes, (tag, old_at + i1, old_at + i2, new_at + j1, new_at + j2))
        if old_end < len(old):
            _append(codes, ("equal", old_end, old_end + 1, new_end, new_end + 1))
        old_at, new_at = old_end + 1, new_end + 1
    return codes


AROUND = 3
"""Lines that are shown before and after a change."""


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
    for group in _groups(opcodes(old, new)):
        start, end = group[0], group[-1]
        yield b"@@ -%s +%s @@\n" % (_range(start[1], end[2]), _range(start[3], end[4]))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (b" " + line for line in old[i1:i2])
                continue
            yield from (b"-" + line for line in old[i1:i2])
            yield from (b"+" + line for line in new[j1:j2])


def _groups(codes: Sequence[Opcode]) -> Iterator[list[Opcode]]:
    """Yield the opcodes of each hunk, without the equal lines that are further from a change than `AROUND`."""
    group: list[Opcode] = []
    for number, (tag, i1, i2, j1, j2) in enumerate(codes):
        if tag != "equal":
            group.append((tag, i1, i2, j1, j2))
            continue
        first, last = number == 0, number == len(codes) - 1
        if i2 - i1 <= (AROUND if first or last else 2 * AROUND):
            group.append((tag, i1, i2, j1, j2))
            continue
        if not first:
            yield [*group, (tag, i1, i1 + AROUND, j1, j1 + AROUND)]
        group = [] if last else [(tag, i2 - AROUND, i2, j2 - AROUND, j2)]
    if any(code[0] != "equal" for code in group):
        yield group


def _range(start: int, end: int) -> bytes:
    """A range of lines: the first one, counted from 1, and how many; of none it is the line before."""
    count = end - start
    return b"%d" % (start + 1) if count == 1 else b"%d,%d" % (start + (count > 0), count)
