"""No fault of a reader is lost: every kind is picked up by exactly one rule, what docker refuses as an error."""

from __future__ import annotations

import pytest
from faultkinds import instance, kinds_of

import lblint.interlock.config_faults
import lblint.source.faults
from lblint import rules
from lblint.finding import Breaks, Fault, Severity
from lblint.interlock.config import InterlockConfig, read_config
from lblint.rules import Rule
from lblint.source import Source, read
from lblint.source.faults import BooleanWord, DuplicateKey, ForeignTag, InvalidToml, NestedTooDeep, SecondDocument
from lblint.source.toml import read_toml
from lblint.stack import Stack, faults, load

FILE = "stack.yml"
TEXT = b"services: {web: {image: nginx, ports: ['80:80']}}\n"
UNCHECKED = {NestedTooDeep}
"""Kinds that end the run with "could not check" instead of a finding."""
HARMLESS = {SecondDocument, BooleanWord, ForeignTag}
"""Kinds of a file's text that docker says nothing of."""
OF_CONFIG = {InvalidToml}
TRAPS = {
    faults.IgnoredKey, faults.NestedExternalName, faults.UnsetVariable, faults.EmptyVariable, faults.UnbracedDefault,
    faults.RequiredWithDash, faults.LostError, faults.DollarInDefault, faults.NestedVariable, faults.IgnoredAddress,
    faults.IgnoredMountOptions, faults.DriveLetter, faults.HomeUnset, faults.SpecialEnvFile,
    faults.ReplacedEnvironment, faults.KeptValue, faults.LostEntry, faults.AppendedHealthcheck,
    faults.LostNetworkOptions, faults.LostLogOptions, faults.ReplacedDefinition, faults.DroppedExtension,
}  # fmt: skip
"""Kinds of a stack with which docker deploys."""


def takers(
    subject: Source | Stack | InterlockConfig, plain: Source | Stack | InterlockConfig
) -> list[tuple[Rule, Severity]]:
    """The rules that say something of the subject that they do not say of the same without its fault."""
    found = []
    for rule in rules.load().values():
        if rule.on is type(subject):
            before = {(hit.place, hit.message) for hit in rule.check(plain)}
            new = [hit for hit in rule.check(subject) if (hit.place, hit.message) not in before]
            if new:
                found.append((rule, new[0].severity or rule.severity))
    return found


def of_source(kind: type[Fault], docker: str) -> list[tuple[Rule, Severity]]:
    plain, subject = read(TEXT, FILE), read(TEXT, FILE)
    subject.faults = (instance(kind, docker=docker),)
    return takers(subject, plain)


SOURCE_KINDS = [kind for kind in kinds_of(lblint.source.faults) if kind not in UNCHECKED | OF_CONFIG]


@pytest.mark.parametrize("kind", SOURCE_KINDS, ids=lambda kind: kind.__name__)
def test_a_fault_of_a_file_has_one_rule(kind: type[Fault]) -> None:
    takes = of_source(kind, "docker: no")
    assert len(takes) == 1, [rule.id for rule, _ in takes]
    if kind not in HARMLESS:
        assert takes[0][1] is Severity.ERROR
        assert takes[0][0].breaks is Breaks.DEPLOY


def test_what_an_older_client_takes_in_silence_is_a_warning() -> None:
    [(rule, severity)] = of_source(DuplicateKey, "")
    assert (rule.id, severity) == ("duplicate-key", Severity.WARNING)


@pytest.mark.parametrize("kind", kinds_of(faults), ids=lambda kind: kind.__name__)
def test_a_fault_of_a_stack_has_one_rule(kind: type[Fault]) -> None:
    plain = load([read(TEXT, FILE)], env={})
    refuses = kind not in TRAPS
    takes = takers(plain._replace(faults=(instance(kind, docker="docker: no" if refuses else ""),)), plain)
    assert len(takes) == 1, [rule.id for rule, _ in takes]
    if refuses:
        assert takes[0][1] is Severity.ERROR
        assert takes[0][0].breaks is Breaks.DEPLOY


@pytest.mark.parametrize("kind", kinds_of(lblint.interlock.config_faults), ids=lambda kind: kind.__name__)
def test_a_fault_of_a_config_has_one_rule(kind: type[Fault]) -> None:
    plain = read_config(read_toml(b"[Extensions.default]\nProxyReplicas = 2\n", "config.toml"))
    subject = plain._replace(faults=(instance(kind, key="x", table="x"),))
    assert len(takers(subject, plain)) == 1
