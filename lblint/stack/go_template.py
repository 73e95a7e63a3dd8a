"""Go templates in environment, hostname and mounts: whether a manager can expand them.

A manager expands `{{.Task.Slot}}` and the like once on trial when a service is created, with made-up names and without
labels, and refuses the service if that fails (swarmkit template/, manager/controlapi/service.go
validateContainerSpec). Only what surely fails is called refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum

from lblint.lazy_re import pattern
from lblint.records import NamedTuple


class Verdict(Enum):
    """Whether a template expands: SOUND it does, REFUSED it cannot, UNDECIDED it is too clever to tell."""

    SOUND = "sound"
    REFUSED = "refused"
    UNDECIDED = "undecided"


class Template(NamedTuple):
    """The verdict, and where it is REFUSED what Go's text/template says."""

    verdict: Verdict
    told: str = ""


_SOUND = Template(Verdict.SOUND)
_UNDECIDED = Template(Verdict.UNDECIDED)

Fields = Mapping[str, "Fields | str"]

_FIELDS: Fields = {
    "Service": {"ID": "string", "Name": "string", "Labels": "map"},
    "Node": {"ID": "string", "Hostname": "string", "Platform": {"Architecture": "string", "OS": "string"}},
    "Task": {"ID": "string", "Name": "string", "Slot": "string"},
}
_TYPES = {
    (): "*template.Context",
    ("Service",): "struct { ID string; Name string; Labels map[string]string }",
    ("Node",): "struct { ID string; Hostname string; Platform template.Platform }",
    ("Node", "Platform"): "template.Platform",
    ("Task",): "struct { ID string; Name string; Slot string }",
}
_OPENING = ("if", "range", "with", "define", "block")
_KEYWORDS = (*_OPENING, "end", "else", "template", "break", "continue", "nil", "true", "false")
_OF_TEXT = ("join", "print", "println", "html", "js", "urlquery")
_FUNCTIONS = frozenset(
    (*_OF_TEXT, "printf", "and", "call", "index", "slice", "len", "not", "or", "eq", "ge", "gt", "le", "lt", "ne")
)

_TOKEN = pattern(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<string>"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`)
    |(?P<number>[-+]?\.?\d[\w.]*)
    |(?P<field>(?:\.\w+)+)
    |(?P<name>[^\W\d]\w*)
    |(?P<variable>\$\w*)
    |(?P<char>'(?:[^'\\\n]|\\[^\n])*')
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_TERMINATORS = " \t\r\n.,|:)("

Token = tuple[str, str]


def judge(text: str) -> Template:
    """Say whether a manager can expand a text. Plain text without `{{` is sound."""
    depth = 0
    doubtful = False
    actions: list[list[Token]] = []
    for action in _actions(text):
        if isinstance(action, Template):
            return action
        words = [value for _, value in action[:1]]
        if words and words[0] in _OPENING:
            depth += 1
        elif words == ["end"]:
            depth -= 1
            if depth < 0:
                return Template(Verdict.REFUSED, "unexpected {{end}}")
        elif action == [("name", "nil")]:
            return Template(Verdict.REFUSED, "nil is not a command")
        doubtful = doubtful or bool(words and words[0] in _KEYWORDS)
        for kind, value in action:
            if kind == "name" and value not in _FUNCTIONS and value not in _KEYWORDS:
                return Template(Verdict.REFUSED, f'function "{value}" not defined')
        actions.append(action)
    if depth:
        return Template(Verdict.REFUSED, "unexpected EOF")
    if doubtful:
        return _UNDECIDED
    verdicts = [_executed(action) for action in actions]
    for verdict in (Verdict.REFUSED, Verdict.UNDECIDED):
        for template in verdicts:
            if template.verdict is verdict:
                return template
    return _SOUND


def _actions(text: str) -> Iterator[list[Token] | Template]:
    """The tokens of each `{{…}}` that is not a comment; a Template where the text cannot be read."""
    at = text.find("{{")
    while at >= 0:
        at += 2
        if text[at : at + 1] == "-" and text[at + 1 : at + 2] in (" ", "\t", "\r", "\n"):
            at += 2
        if text.startswith("/*", at):
            end = text.find("*/", at)
            if end < 0:
                yield Template(Verdict.REFUSED, "unclosed comment")
                return
            if not text.startswith("}}", end + 2) and not re.compile(r"[ \t\r\n]-}}").match(text, end + 2):
                yield Template(Verdict.REFUSED, "comment ends before closing delimiter")
                return
            at = text.find("{{", text.find("}}", end) + 2)
            continue
        tokens: list[Token] = []
        while not text.startswith("}}", at):
            match = _TOKEN.match(text, at)
            if match is None:
                yield Template(Verdict.REFUSED, "unclosed action")
                return
            kind, value = str(match.lastgroup), match[0]
            at = match.end()
            if kind == "space":
                if text.startswith("-}}", at):
                    at += 1
                continue
            if kind == "other" and value in "\"`'":
                yield Template(Verdict.REFUSED, "unterminated quoted string")
                return
            if kind in ("field", "name") and text[at : at + 1] not in _TERMINATORS and not text.startswith("}}", at):
                yield Template(Verdict.REFUSED, f"bad character U+{ord(text[at]):04X} '{text[at]}'")
                return
            tokens.append((kind, value))
        if not tokens:
            yield Template(Verdict.REFUSED, "missing value for command")
            return
        yield tokens
        at = text.find("{{", at + 2)


def _executed(tokens: list[Token]) -> Template:
    """The verdict on one action of no keyword: a field, a literal, or a function with fields and texts."""
    (kind, value), rest = tokens[0], tokens[1:]
    if not rest and (kind in ("string", "char") or value == "."):
        return _SOUND
    if kind == "field" and not rest:
        result = _looked_up(value)
        return result if isinstance(result, Template) else _SOUND
    if kind != "name" or value in ("and", "or") or any(kind not in ("field", "string") for kind, _ in rest):
        return _UNDECIDED
    if value == "index" and [rest[:1], [kind for kind, _ in rest[1:]]] == [[("field", ".Service.Labels")], ["string"]]:
        return _SOUND
    types = [_looked_up(text) if kind == "field" else "string" for kind, text in rest]
    for result in types:
        if isinstance(result, Template):
            return result
    return _SOUND if value in _OF_TEXT and types and set(types) == {"string"} else _UNDECIDED


def _looked_up(field: str) -> str | Template:
    """The type of `.Service.Name`; a Template where there is no such field on trial."""
    names = field[1:].split(".")
    if names[0] == "Expand":
        return _UNDECIDED
    fields: Fields | str = _FIELDS
    for depth, name in enumerate(names):
        if fields == "map":
            return Template(Verdict.REFUSED, f'map has no entry for key "{name}"')
        if isinstance(fields, str) or name not in fields:
            of = fields if isinstance(fields, str) else _TYPES[tuple(names[:depth])]
            return Template(Verdict.REFUSED, f"can't evaluate field {name} in type {of}")
        fields = fields[name]
    return fields if isinstance(fields, str) else "struct"
