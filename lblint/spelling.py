"""How far one word is from another, and which of some words is nearest to it: the word that was meant."""

from __future__ import annotations

from collections.abc import Iterable


def distance(text: str, other: str, limit: int) -> int:
    """How many single edits (delete, insert, replace, swap of neighbours) lead from one text to the other; anything
    above `limit` where it is more than that (optimal string alignment)."""
    if abs(len(text) - len(other)) > limit:
        return limit + 1
    letters, others = set(text), set(other)
    if len(letters - others) > limit or len(others - letters) > limit:  # each edit brings or takes one letter at most
        return limit + 1
    start = _alike(text, other)
    text, other = text[start:], other[start:]
    end = _alike(text[::-1], other[::-1])
    text, other = text[: len(text) - end], other[: len(other) - end]
    if not text or not other:
        return max(len(text), len(other))
    far = limit + 1  # what lies further from the diagonal than `limit` needs more edits than that
    before: list[int] = []
    row = [min(j, far) for j in range(len(other) + 1)]
    for i, a in enumerate(text):
        above, row, oldest = row, [min(i + 1, far)] + [far] * len(other), before
        for j in range(max(0, i - limit), min(len(other), i + limit + 1)):
            b = other[j]
            cost = min(above[j] + (a != b), above[j + 1] + 1, row[j] + 1)
            if i and j and a == other[j - 1] and b == text[i - 1]:
                cost = min(cost, oldest[j - 1] + 1)
            row[j + 1] = cost
        if min(row) > limit:
            return far
        before = above
    return min(row[-1], far)


def _alike(text: str, other: str) -> int:
    """How many characters the two begin with in common."""
    for at, (a, b) in enumerate(zip(text, other, strict=False)):
        if a != b:
            return at
    return min(len(text), len(other))


def nearest(word: str, known: Iterable[str], limit: int = 2) -> str:
    """The known word with the fewest edits to `word`, the first of several; "" where all need more than `limit`, or
    than 1 for words of up to four letters."""
    limit = min(limit, 1) if len(word) <= 4 else limit
    best, closest = limit + 1, ""
    for candidate in known:
        edits = distance(word, candidate, best - 1)
        if edits < best:
            best, closest = edits, candidate
    return closest
