"""Find the rules and topics that speak of a few words, such as "proxy flapping"."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from functools import cache

from lblint.installation import shipped
from lblint.records import NamedTuple

_WORD = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_SMALL = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "has", "have", "how", "i", "in",
    "into", "is", "it", "its", "my", "no", "not", "of", "on", "or", "that", "the", "this", "to", "was", "what", "when",
    "which", "why", "with",
))  # fmt: skip
_ALL = 3
"""Of so few words a passage must have all, of more `_SHARE`."""
_SHARE = 0.7
_APART = 3
"""How many other words may stand among so few; none in a single word such as network_mode."""
_MOST = 12
"""More words are a sentence from somewhere, and not what somebody looks for."""
_CODE = re.compile(r"^```.*?^```$|^<!--.*?-->$", re.MULTILINE | re.DOTALL)
_FINDING = re.compile(r"\S.*?: (?:error|warning|info): (?P<message>.*) \[(?P<rule>[a-z0-9-]+)\]$")
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
    words: tuple[str, ...]

    def has(self, wanted: tuple[str, ...], apart: int) -> bool:
        """Whether it has all these words with at most so many others among them; if with none, in this order."""
        size = len(wanted) + apart
        parts = (self.words[at : at + size] for at in range(max(1, len(self.words) - size + 1)))
        return any(set(wanted) <= set(part) if apart else part == wanted for part in parts)


def stem(word: str) -> str:
    """A word without the usual endings of English: flaps, flapped and flapping are one."""
    short = re.sub(r"(?<=\w{3})(?:ing|ed|s)$", "", re.sub(r"(?<=\w\w)ies$", "y", word))
    return re.sub(r"([bdgmnprt])\1$", r"\1", short).removesuffix("e")


def stems(text: str, parts: bool = True) -> list[str]:
    """The words of a text that say something, without their endings. A key such as network_mode is one word, and with
    `parts` those that it is made of follow."""
    found = []
    for word in _WORD.findall(text.lower()):
        found += [word] if "_" in word else []
        found += [stem(one) for one in word.split("_") if one not in _SMALL] if parts or "_" not in word else []
    return found


def search(words: str, most: int = 4) -> list[Found]:
    """Return the pages with a passage that has these words, best first, at most so many; none for a whole sentence.

    Raises `UncheckedError` where the pages are not installed.
    """
    wanted = frozenset(stems(words, parts=False))
    if not wanted or len(wanted) > _MOST:
        return []
    passages = _passages()
    pages = len({passage.id for passage in passages})
    having = {word: len({passage.id for passage in passages if word in passage.words}) for word in wanted}
    worth = {word: math.log(1 + pages / (number or 0.5)) for word, number in having.items()}
    whole = sum(worth.values())
    best: dict[tuple[str, str], Found] = {}
    for passage in passages:
        both = wanted & set(passage.words)
        share = sum(worth[word] for word in both) / whole
        if share < (1 if len(wanted) <= _ALL else _SHARE) - 1e-9:
            continue
        ordered = tuple(stems(words, parts=False))
        if len(wanted) <= _ALL and not passage.has(ordered, _APART if " " in words.strip() else 0):
            continue
        score = passage.weight * share * (1 + len(both) / len(set(passage.words)))
        page = passage.id, passage.kind
        if page not in best or best[page].score < score:
            best[page] = Found(*page, score)
    return sorted(best.values(), key=lambda found: (-found.score, found.kind != "topic", found.id))[:most]


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
        for message in _findings(rule.id):
            yield from _split(rule.id, "rule", _TEXT, message)
    for found in map(topic, topic_ids()):
        for name in (found.id, found.title):
            yield from _split(found.id, "topic", _NAME, name)
        yield from _split(found.id, "topic", _SUMMARY, found.summary)
        for part in _CODE.sub("", found.text).split("\n## ")[1:]:
            seen = part.startswith("What you see")
            yield from _split(found.id, "topic", _SYMPTOM if seen else _TEXT, part)
            if seen:  # two of the things that one sees
                yield _Passage(found.id, "topic", _TEXT, tuple(stems(part)))


def _findings(rule: str) -> Iterator[str]:
    """What the rule says of its bad examples."""
    folder = os.path.join(shipped("fixtures/rules"), rule)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".out"):
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                for line in file:
                    if found := _FINDING.match(line):
                        yield found["message"] if found["rule"] == rule else ""


def _split(id_: str, kind: str, weight: float, text: str) -> Iterator[_Passage]:
    for part in _BREAK.split(text):
        if words := tuple(stems(part)):
            yield _Passage(id_, kind, weight, words)
