"""Placement constraints: `node.role == manager`."""

from __future__ import annotations

from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack.faults import GrammarError

_LETTERS = "a-zA-Z\u017f\u212a"
_KEY = pattern(rf"[{_LETTERS}_][{_LETTERS}0-9\-_.]+")
_VALUE = pattern(rf"[{_LETTERS}0-9:\-_\t\n\f\r .*()?+\[\]\\^$|/]+")
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

KEYS = ("node.id", "node.hostname", "node.ip", "node.role", "node.platform.os", "node.platform.arch")
"""The keys that a scheduler knows; besides them those that begin with one of PREFIXES."""

PREFIXES = ("node.labels.", "engine.labels.")


class Constraint(NamedTuple):
    """What a constraint says. `known` is False for a key that no scheduler knows: no node ever matches it."""

    key: str
    operator: str
    value: str

    @property
    def known(self) -> bool:
        """Whether a scheduler knows the key; it compares keys without case (swarmkit constraint.NodeMatches)."""
        key = self.key.lower()
        return key in KEYS or any(key.startswith(prefix) and len(key) > len(prefix) for prefix in PREFIXES)


def parse_constraint(text: str) -> Constraint | GrammarError:
    """Read one constraint as a manager does; `==` is looked for first, then `!=`, anywhere in the text.

    Source: swarmkit manager/constraint/constraint.go Parse. Its letters fold case as Go does, which takes in the long
    s and the Kelvin sign.
    """
    for operator in ("==", "!="):
        if operator not in text:
            continue
        before, _, after = text.partition(operator)
        key, value = before.strip(_SPACES), after.strip(_SPACES)
        if not _KEY.fullmatch(key):
            return GrammarError(f"key '{key}' is invalid")
        if not _VALUE.fullmatch(value):
            return GrammarError(f"value '{value}' is invalid")
        return Constraint(key, operator, value)
    return GrammarError("constraint expected one operator from ==, !=")
