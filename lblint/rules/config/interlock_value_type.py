"""A value of Interlock's config that is not of the type of its key.

A number in quotes is a text, `true` in quotes too, and a list stands in brackets even if it has one item. The core
decodes the file into fixed types, and stops at a value that does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.interlock import keys
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule
from lblint.rules._interlock import CORE_STOPS


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for fault in config.faults:
        if fault.kind == "config.type":
            facts = fault.facts
            says = f"{facts['key']} is {facts['wanted']}, and this is {facts['found']}"
            yield Hit(fault.place, says, _help(facts), fixes=_fix(facts, fault.place))


def _help(facts: Mapping[str, object]) -> str:
    wanted, value = facts["wanted"], facts["value"]
    text = value.strip() if isinstance(value, str) else ""
    if wanted == keys.NUMBER and text.isascii() and text.isdecimal():
        return text.lstrip("0") or "0"
    if wanted == keys.FLAG and text.lower() in ("true", "false"):
        return text.lower()
    if wanted in (keys.TEXT, keys.TABLE) and isinstance(value, bool | int | float):
        return f'"{str(value).lower() if isinstance(value, bool) else value}"'
    if wanted == keys.TEXTS and isinstance(value, str):
        return '["…"]'
    return ""


def _fix(facts: Mapping[str, object], place: Place) -> tuple[Fix, ...]:
    """The same as a number, as true or false, as a text, or as a list."""
    wanted, value = facts["wanted"], facts["value"]
    text = value.strip() if isinstance(value, str) else ""
    new: object = None
    if wanted == keys.NUMBER and text.isascii() and text.isdecimal() and len(text) < 10:
        new = int(text)
    elif wanted == keys.FLAG and text.lower() in ("true", "false"):
        new = text.lower() == "true"
    elif wanted == keys.TEXT and isinstance(value, bool | int):
        new = str(value).lower()
    elif wanted == keys.TEXTS and isinstance(value, str) and value:
        new = [value]
    return (Fix(f"write {_help(facts)}" if new != [value] else "write it in brackets", (Edit("write", place, new),)),) \
        if new is not None else ()
