"""Find the page that explains a message of docker, a manager or nginx.

Pages quote messages; a quote is a template, words in order with names left open. Templates are made of the `docker:`
and `nginx:` lines in the golden files of the rules, of what nginx says of their values (`nginx.txt`), and of the
messages that rule pages and topics quote in backticks. There is no other list: to have a message found, quote it on the
page that explains it.
"""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from lblint.installation import shipped
from lblint.records import NamedTuple

_SMALL = frozenset((
    "a", "an", "and", "as", "at", "be", "by", "for", "in", "is", "it", "of", "on", "or", "the", "this", "to", "with",
    "you",
))  # fmt: skip
_OPTIONAL = 0.15
"""What a word inside a name or value counts, where another word counts 1."""
_GAP = 0.3
_OPEN_GAP = 0.05
"""What each word of the message between two words of the template takes away: where the template has no name, and where
it has one."""
_LONGEST_GAP = 12
_COVERED = 0.82
"""How much of a template a message must have, or how much of the message must be in the template."""
_ENOUGH = 4.5
"""How much the words that match must say together: `is not allowed` alone leads nowhere."""
_RELATIVE = 0.6
"""A page is not shown that has less than this part of what the best one has."""
_OF_TOPIC = 0.9
"""What a match counts on a topic: a rule that quotes the same message says more of it."""
_GENERAL = frozenset({"nginx-refuses-config", "proxy-refuses-value", "proxy-config-changed"})
"""Rules on whatever nginx refuses: another rule that quotes the same message says more of it."""
_OF_GENERAL = 0.9
_OBJECT = re.compile(r"(?:create|update) (service|network|secret|config) ")
_SAME_OBJECT = 1.05
"""What a match counts if the page is on the kind of object that could not be created or updated."""
_WORDS = 2000
"""Words of a message that are looked at: one that is pasted with a whole log is found in its beginning."""


class Found(NamedTuple):
    """A page that explains a message: its id, "rule" or "topic", the message that it quotes, and how well that matches
    (more than 0; only good for comparing)."""

    id: str
    kind: str
    quoted: str
    score: float


def search(message: str, most: int = 5) -> list[Found]:
    """Return the pages that quote a message, best first, at most so many.

    Names and values differ, what stands before and after it does not count; empty if no page quotes a message like it.
    Raises `UncheckedError` where the pages are not installed.
    """
    known = templates()
    words = [match[0] for match in WORD.finditer(strip(message))][:_WORDS]
    worth = _worth(known)
    unknown = math.log(1 + len({template.page for template in known}))
    whole = sum(worth.get(word, unknown) for word in words)
    places: dict[str, list[int]] = {}
    for at, word in enumerate(words):
        places.setdefault(word, []).append(at)
    number = Counter((template.page, _required(template)) for template in known)
    objects = set(_OBJECT.findall(message.lower()))
    best: dict[str, tuple[float, int, Found]] = {}
    for template in known:
        score = _score(template, places, worth, whole)
        if score:
            score *= _OF_TOPIC if template.kind == "topic" else _OF_GENERAL if template.page in _GENERAL else 1
            score *= _SAME_OBJECT if objects & set(template.page.split("-")) else 1
            hit = Found(template.page, template.kind, template.text, score)
            ranked = round(score, 6), number[template.page, _required(template)], hit
            best[template.page] = max(best.get(template.page, ranked), ranked, key=lambda ranked_hit: ranked_hit[:2])
    order = sorted(best.values(), key=lambda ranked_hit: (-ranked_hit[0], -ranked_hit[1], ranked_hit[2].id))[:most]
    return [hit for score, _, hit in order if score >= _RELATIVE * order[0][0]]


def _required(template: Template) -> tuple[str, ...]:
    return tuple(token.word for token in template.tokens if not token.optional)


def _worth(known: Iterable[Template]) -> Mapping[str, float]:
    """How much each word says: the more the fewer pages have it."""
    pages: dict[str, set[str]] = {}
    for template in known:
        for token in template.tokens:
            pages.setdefault(token.word, set()).add(template.page)
    number = len({page for having in pages.values() for page in having})
    return {word: math.log(1 + number / len(having)) * (0.3 if word in _SMALL else 1)
            for word, having in pages.items()}  # fmt: skip


def _score(template: Template, places: Mapping[str, list[int]], worth: Mapping[str, float], whole: float) -> float:
    """How well a template matches the words of a message, 0 if it does not; `places` has where each word is, `whole`
    what all of them are worth."""
    total = sum(worth[token.word] for token in template.tokens if not token.optional)
    own = sum(worth[token.word] for token in template.tokens if not token.optional and token.word in places)
    if (own < _ENOUGH and own < total) or own < _COVERED * min(total, whole):
        return 0
    matched = max(_chains(template, places, worth), default=0.0)
    enough = matched >= _ENOUGH or len(places) == len(template.tokens) == 1
    covered = max(matched / total, matched / whole)
    return matched * min(matched / total, 1) if enough and covered >= _COVERED else 0


def _chains(template: Template, places: Mapping[str, list[int]], worth: Mapping[str, float]) -> Iterator[float]:
    """What each word of the message is worth that ends a row of the template's words, with the row before it."""
    ends: list[tuple[int, int, float]] = []  # names of the template so far, place in the message, worth of the row
    opens = 0
    for token in template.tokens:
        opens += token.open
        value = worth[token.word] * (_OPTIONAL if token.optional else 1)
        rows = []
        for at in places.get(token.word, ()):
            before = 0.0
            for names, place, row in ends:
                gap = at - place - 1
                if 0 <= gap <= _LONGEST_GAP:
                    before = max(before, row - gap * (_OPEN_GAP if opens > names else _GAP))
            rows.append((opens, at, before + value))
            yield before + value
        ends += rows


class Token(NamedTuple):
    """A word of a template. `optional`: part of a name or value, which a message may have or not. `open`: a name or
    value may come before it."""

    word: str
    optional: bool
    open: bool


class Template(NamedTuple):
    """A message: the page that quotes it (id, and "rule" or "topic"), its text, and its words."""

    page: str
    kind: str
    text: str
    tokens: tuple[Token, ...]


WORD = re.compile(r"[a-z]+(?:['_-]?[a-z0-9]+)*")
PREFIX = re.compile(
    r"(?:failed|unable) to (?:create|update) (?:service|network|secret|config) [^\s:]+:|error response from daemon:"
    r"|rpc error:|code = \w+|desc =|\b(?:container|endpoint|task)spec:|\btask:|\bservices? [^\s:]+:(?=\s)|nginx:"
    r"|docker:|\[(?:emerg|error|warn|crit|alert|notice|debug|info)\]|\bin /\S+:\d+|\blevel=\w+|\bmsg=|\berror="
)
"""What says who speaks, of which object and of which line, in lower case: not part of the message itself."""
_HIDDEN = re.compile(r"<[^>]*>|…|\.\.\.")
_QUOTED = re.compile(r"\"[^\"]*\"|`[^`]*`|(?<![a-z0-9])'[^']*'(?![a-z0-9])")
_PATH = re.compile(r"[^\s\"'`]*(?:[./\\\d=]|\[\])[^\s\"'`]*[^\s\"'`.,;:]|\S*\d\S*")
_LAST = re.compile(r"(?<=\w): (?:[^\s:]+ ?){1,2}$")
_BEFORE_LAST = 2
"""A last word or two after a colon are a name if at least so many words come before: not in `sethostname: invalid
argument`."""
_PROPERTY = re.compile(r"\S+(?= additional property)|(?<=property )\S.*(?= is not allowed)")
_HEAD = re.compile(r"\S.* \[(?P<rule>[a-z0-9-]+)\]$")
_SAID = re.compile(r"  (?P<text>(?:docker|nginx): +\S.*)$")
_SPAN = re.compile(r"(?<!`)`(?P<text>[^`]+)`(?!`)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?:docker|lblint|id|server|return|hash) |[#-]|[\w.-]+: ?\S*$|.*[{}$;]|[\w.]+ = ")


@cache
def templates() -> tuple[Template, ...]:
    """Return the templates of all pages. Raises `UncheckedError` where the pages are not installed."""
    from lblint import rules
    from lblint.report.topic_page import topic, topic_ids

    quoted: dict[tuple[str, str, str], None] = {}
    for rule in rules.load().values():
        for page, text in _of_fixtures(rule.id):
            quoted[page, "rule", text] = None
        for text in _messages(rule.doc):
            quoted[rule.id, "rule", text] = None
    for topic_page in map(topic, topic_ids()):
        for text in _messages(_FENCE.sub("", topic_page.text)):
            quoted[topic_page.id, "topic", text] = None
    parsed = (Template(*entry, parse(entry[2])) for entry in quoted)
    return tuple(template for template in parsed if not all(token.optional for token in template.tokens))


def _of_fixtures(rule: str) -> Iterator[tuple[str, str]]:
    """What docker and nginx say of the bad examples of a rule: the rule that quotes it, and the message. In examples of
    an ingress that runs, it is why a task died, which has many causes."""
    folder = os.path.join(shipped("fixtures/rules"), rule)
    names = sorted(os.listdir(folder))
    for name in names:
        if name.removesuffix(".out") + ".status.json" in names:
            continue
        if name == "nginx.txt":
            yield from ((rule, line.strip()) for line in _lines(os.path.join(folder, name)) if line.strip())
        elif name.endswith(".out"):
            page = rule
            for line in _lines(os.path.join(folder, name)):
                if head := _HEAD.match(line):
                    page = head["rule"]
                elif match := _SAID.match(line):
                    yield page, match["text"]


def _lines(path: str) -> list[str]:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().splitlines()


def _messages(text: str) -> Iterator[str]:
    """The messages that a page quotes in backticks: of its code, what is two words or more and neither a command nor a
    line of a file."""
    for span in _SPAN.finditer(text):
        words = " ".join(span["text"].split())
        if len(re.findall(r"(?<!\S)[A-Za-z']{2,}\b", words)) >= 2 and not _CODE.match(words):
            yield words


def parse(message: str) -> tuple[Token, ...]:
    """The words of a message, with names and values as optional ones: what is quoted, paths, numbers, the last word or
    two after a colon, and the name of a property."""
    text = strip(message)
    names = [match.span() for pattern in (_QUOTED, _PATH, _PROPERTY) for match in pattern.finditer(text)]
    names += [match.span() for match in _LAST.finditer(text) if len(text[: match.start()].split()) >= _BEFORE_LAST]
    of_nginx = message.startswith("nginx:")
    hidden = [match.span() for match in _HIDDEN.finditer(text)]
    opens = names + hidden
    tokens: list[Token] = []
    at = 0
    for match in WORD.finditer(text):
        begin = match.start()
        if any(start <= begin < end for start, end in hidden):
            continue
        name = ("_" in match[0] and not of_nginx) or text[begin - 1 : begin] == "_"
        optional = name or any(start <= begin < end for start, end in names)
        open_ = optional or any(at <= start < begin for start, _ in opens)
        tokens.append(Token(match[0], optional, open_))
        at = match.end()
    return tuple(tokens)


def strip(message: str) -> str:
    """A message in lower case without what says who speaks."""
    return PREFIX.sub(" ", " ".join(message.lower().split()))
