"""Messages of docker, the managers and nginx that pages quote, as templates: words in order, names left open.

The sources are the `docker:` and `nginx:` lines in the golden files of the rules, what nginx says of their values
(`nginx.txt`), and the messages that rule pages and topics quote in backticks. There is no other list: to have a message
found, quote it on the page that explains it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache

from lblint.installation import shipped
from lblint.records import NamedTuple


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
    for found in map(topic, topic_ids()):
        for text in _messages(_FENCE.sub("", found.text)):
            quoted[found.id, "topic", text] = None
    parsed = (Template(*one, parse(one[2])) for one in quoted)
    return tuple(found for found in parsed if not all(token.optional for token in found.tokens))


def _of_fixtures(rule: str) -> Iterator[tuple[str, str]]:
    """What docker and nginx say of the bad examples of a rule: the rule that quotes it, and the message."""
    folder = os.path.join(shipped("fixtures/rules"), rule)
    for name in sorted(os.listdir(folder)):
        if name == "nginx.txt":
            yield from ((rule, line.strip()) for line in _lines(os.path.join(folder, name)) if line.strip())
        elif name.endswith(".out"):
            page = rule
            for line in _lines(os.path.join(folder, name)):
                if head := _HEAD.match(line):
                    page = head["rule"]
                elif said := _SAID.match(line):
                    yield page, said["text"]


def _lines(path: str) -> list[str]:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().splitlines()


def _messages(text: str) -> Iterator[str]:
    """The messages that a page quotes in backticks: of its code, what is two words or more and neither a command nor a
    line of a file."""
    for span in _SPAN.finditer(text):
        said = " ".join(span["text"].split())
        if len(re.findall(r"(?<!\S)[A-Za-z']{2,}\b", said)) >= 2 and not _CODE.match(said):
            yield said


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
