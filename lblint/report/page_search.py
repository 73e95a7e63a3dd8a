"""Find the rules and topics that speak of a few words, such as "proxy flapping"."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache

from lblint.records import NamedTuple

_WORD = re.compile(r"[a-z0-9]+")
_SMALL = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "has", "have", "how", "i", "in",
    "into", "is", "it", "its", "my", "no", "not", "of", "on", "or", "that", "the", "this", "to", "was", "what", "when",
    "which", "why", "with",
))  # fmt: skip
_ALL = 3
"""Of so few words a passage must have all, of more `_SHARE`."""
_SHARE = 0.7
_MOST = 12
"""More words are a sentence from somewhere, and not what somebody looks for."""
_CODE = re.compile(r"^```.*?^```$|^<!--.*?-->$", re.MULTILINE | re.DOTALL)
_BREAK = re.compile(r"\n\s*\n|\n(?=[-|#]|\d\. )|(?<=[.:!?]) (?=[A-Z`])")
_NAME, _SUMMARY, _SYMPTOM, _TEXT = 4.0, 2.0, 1.5, 1.0
"""What a passage counts: the name of a page, its first sentence, what a topic says that one sees, other text."""


class Found(NamedTuple):
    """A page that speaks of the words: its id, "rule" or "topic", and how well it matches (only good for comparing)."""

    id: str
    kind: str
    score: float


class _Passage(NamedTuple):
    id: str
    kind: str
    weight: float
    words: frozenset[str]


def stem(word: str) -> str:
    """A word without the usual endings of English: flaps, flapped and flapping are one."""
    short = re.sub(r"(?<=\w{3})(?:ing|ed|s)$", "", re.sub(r"(?<=\w\w)ies$", "y", word))
    return re.sub(r"([bdgmnprt])\1$", r"\1", short).removesuffix("e")


def stems(text: str) -> list[str]:
    """The words of a text that say something, without their endings."""
    return [stem(word) for word in _WORD.findall(text.lower()) if word not in _SMALL]


def search(words: str, most: int = 4) -> list[Found]:
    """Return the pages with a passage that has these words, best first, at most so many; none for a whole sentence.

    Raises `UncheckedError` where the pages are not installed.
    """
    wanted = frozenset(stems(words))
    if not wanted or len(wanted) > _MOST:
        return []
    passages = _passages()
    pages = len({passage.id for passage in passages})
    having = {word: len({passage.id for passage in passages if word in passage.words}) for word in wanted}
    worth = {word: math.log(1 + pages / (number or 0.5)) for word, number in having.items()}
    whole = sum(worth.values())
    best: dict[tuple[str, str], Found] = {}
    for passage in passages:
        both = wanted & passage.words
        share = sum(worth[word] for word in both) / whole
        if share < (1 if len(wanted) <= _ALL else _SHARE) - 1e-9:
            continue
        score = passage.weight * share * (1 + len(both) / len(passage.words))
        page = passage.id, passage.kind
        if page not in best or best[page].score < score:
            best[page] = Found(*page, score)
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.kind != "topic", hit.id))[:most]


@cache
def _passages() -> tuple[_Passage, ...]:
    """The sentences, items and names of all pages."""
    return tuple(_read())


def _read() -> Iterator[_Passage]:
    from lblint import rules
    from lblint.report.rule_page import prose
    from lblint.report.topic_page import topic, topic_ids

    for rule in rules.load().values():
        for weight, text in ((_NAME, rule.id), (_SUMMARY, rule.summary), (_TEXT, prose(rule))):
            yield from _split(rule.id, "rule", weight, text)
    for page in map(topic, topic_ids()):
        for name in (page.id, page.title):
            yield from _split(page.id, "topic", _NAME, name)
        yield from _split(page.id, "topic", _SUMMARY, page.summary)
        for part in _CODE.sub("", page.text).split("\n## ")[1:]:
            seen = part.startswith("What you see")
            yield from _split(page.id, "topic", _SYMPTOM if seen else _TEXT, part)
            if seen:  # two of the things that one sees
                yield _Passage(page.id, "topic", _TEXT, frozenset(stems(part)))


def _split(id_: str, kind: str, weight: float, text: str) -> Iterator[_Passage]:
    for part in _BREAK.split(text):
        if words := frozenset(stems(part)):
            yield _Passage(id_, kind, weight, words)
