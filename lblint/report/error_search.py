"""Words of docker, a manager or nginx -> the pages that speak of them: for who has a message, and not yet a rule."""

from __future__ import annotations

import itertools
import math
import os
import re
from collections import Counter
from collections.abc import Iterator

from lblint.installation import shipped
from lblint.records import NamedTuple

_WORD = re.compile(r"[a-z]+(?:[-_.'][a-z0-9]+)*|[0-9]+")
_RARE = 0.5
"""A page is not shown that has less than this part of what the best one of its kind has: topics are long, and have more
words than rules."""


class Found(NamedTuple):
    """A page: its id, what kind it is, its first sentence, and how much of the message stands on it, from 0 to 1."""

    id: str
    kind: str
    summary: str
    share: float


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _pairs(text: str) -> Counter[str]:
    """The words of a text, and each two that follow each other."""
    words = _words(text)
    return Counter([*words, *(f"{one} {two}" for one, two in itertools.pairwise(words))])


def search(message: str, most: int = 4) -> list[Found]:
    """The pages that speak of a message, best first, at most so many of each kind. Names in it that no page knows do
    not count.

    A word counts the more the fewer pages have it, and so do two words in a row.
    """
    pages = list(_pages())
    on = {(id_, kind): _pairs(text) for id_, kind, _, text in pages}
    number = Counter(word for words in on.values() for word in words)
    worth = {word: math.log(1 + len(pages) / number[word]) for word in _pairs(message) if number[word]}
    whole = sum(worth.values())
    found = []
    for id_, kind, summary, _ in pages:
        share = sum(value for word, value in worth.items() if word in on[id_, kind]) / whole if whole else 0
        found.append(Found(id_, kind, summary, share))
    found.sort(key=lambda one: (-one.share, one.kind, one.id))
    shown = []
    for kind in ("rule", "topic"):
        best = [one for one in found if one.kind == kind and one.share > 0][:most]
        shown += [one for one in best if one.share >= _RARE * best[0].share]
    return sorted(shown, key=found.index)


def _pages() -> Iterator[tuple[str, str, str, str]]:
    """All pages: id, kind, summary, and text: for a rule what it is, and what it and nginx say of its bad examples."""
    from lblint import rules
    from lblint.report.rule_page import prose
    from lblint.report.topic_page import topic, topic_ids

    for rule in rules.load().values():
        folder = os.path.join(shipped("fixtures/rules"), rule.id)
        names = [name for name in sorted(os.listdir(folder)) if name.endswith((".out", ".txt"))]
        said = [_read(os.path.join(folder, name)) for name in names]
        yield rule.id, "rule", rule.summary, "\n".join((rule.id, rule.summary, prose(rule), *_messages(said)))
    for found in map(topic, topic_ids()):
        text = found.text.partition("\n## How to see it")[0]
        yield found.id, "topic", found.summary, text


def _messages(outputs: list[str]) -> Iterator[str]:
    """What a rule says, without the snippets."""
    for output in outputs:
        yield from (line for line in output.splitlines() if " | " not in line)


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
