"""No fault of a reader is lost: every kind is picked up by exactly one rule, what docker refuses as an error."""

from __future__ import annotations

import re

import pytest

import lblint.source
from lblint import rules
from lblint.finding import Breaks, Fault, Place, Position, Severity
from lblint.rules import Rule
from lblint.source import Source, read
from lblint.stack import Stack, load
from lblint.stack.faults import KINDS

FILE = "stack.yml"
TEXT = b"services: {web: {image: nginx, ports: ['80:80']}}\n"
SOURCE_KINDS = sorted(set(re.findall(r"`(yaml\.[a-z-]+)`", lblint.source.__doc__ or "")))
UNCHECKED = {"yaml.deep"}
"""Kinds that end the run with "could not check" instead of a finding."""

FACTS: dict[str, object] = {
    "allowed": ["image"], "character": "\a", "elsewhere": [], "empty": False, "expected": ["string"], "first": 1,
    "format": "ports", "given": "boolean", "inner": [], "lost": ["driver"], "minimum": 0, "options": ["z"],
    "reason": "invalid", "second": 2, "since": "3.5", "tag": "!reset", "template": "$", "value": True, "version": "3.4",
    "word": "on",
}  # fmt: skip
"""Facts of the right type for every kind; what is missing is the text "x"."""


KEYS = {"unsupported.key": "devices", "deprecated.key": "container_name"}
"""Kinds that mean something only for some keys."""


def fault(kind: str, refuses: bool, facts: tuple[str, ...]) -> Fault:
    """A fault as a reader would make it, at a place of its own."""
    place = Place(FILE, ("services", "web", "image"), chars=(0, 1), at=Position(1, 1, 1, 2))
    values = {name: FACTS.get(name, "x") for name in (*facts, *FACTS, "variable", "expression", "type")}
    return Fault(kind, place, "docker: no" if refuses else "", {**values, "key": KEYS.get(kind, "x")})


def takers(subject: Source | Stack, plain: Source | Stack) -> list[tuple[Rule, Severity]]:
    """The rules that say something of the subject that they do not say of the same without its fault."""
    found = []
    for rule in rules.load().values():
        if rule.on is type(subject):
            before = {(hit.place, hit.message) for hit in rule.check(plain)}
            new = [hit for hit in rule.check(subject) if (hit.place, hit.message) not in before]
            if new:
                found.append((rule, new[0].severity or rule.severity))
    return found


def of_source(kind: str, refuses: bool) -> list[tuple[Rule, Severity]]:
    plain, subject = read(TEXT, FILE), read(TEXT, FILE)
    subject.faults = (fault(kind, refuses, ()),)
    return takers(subject, plain)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind) for kind in SOURCE_KINDS if kind not in UNCHECKED])
def test_a_fault_of_a_file_has_one_rule(kind: str) -> None:
    found = of_source(kind, refuses=True)
    assert len(found) == 1, [rule.id for rule, _ in found]
    if kind not in ("yaml.several-documents", "yaml.dialect", "yaml.tag"):
        assert found[0][1] is Severity.ERROR
        assert found[0][0].breaks is Breaks.DEPLOY


def test_what_an_older_client_takes_in_silence_is_a_warning() -> None:
    [(rule, severity)] = of_source("yaml.duplicate-key", refuses=False)
    assert (rule.id, severity) == ("duplicate-key", Severity.WARNING)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind) for kind in KINDS])
def test_a_fault_of_a_stack_has_one_rule(kind: str) -> None:
    plain = load([read(TEXT, FILE)], env={})
    meant = KINDS[kind]
    found = takers(plain._replace(faults=(fault(kind, meant.refuses, meant.facts),)), plain)
    assert len(found) == 1, [rule.id for rule, _ in found]
    if meant.refuses:
        assert found[0][1] is Severity.ERROR
        assert found[0][0].breaks is Breaks.DEPLOY
