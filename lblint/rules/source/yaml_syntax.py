"""The file is no YAML that docker can read.

Docker refuses it before it looks at anything in it. The position is where the parser stopped; what is wrong is there or
on the lines before: an indentation that fits nothing, a colon without a space after it, a quote or a bracket that is
never closed, a text that begins with a character that YAML keeps for itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Fault, Hit, Severity
from lblint.rules import rule
from lblint.source import Source

_MEANT = {
    "mapping values are not allowed in this context": (
        "a second ':' where no mapping can begin",
        (
            "a space after the colon of the key above; the same indentation as the keys beside it; "
            "quotes around a text that holds ': '"
        ),
    ),
    "could not find expected ':'": ("no ':' follows this key", "`key: value`, with a space after the colon"),
    "did not find expected key": (
        "this fits neither the mapping around it nor an outer one",
        "it indented like the keys beside it, and nothing left open before it",
    ),
    "did not find expected '-' indicator": (
        "this stands at the level of a list, and is no item of it",
        "`- ` in front of it, or the indentation of the key that it belongs to",
    ),
    "did not find expected ',' or ']'": (
        "a list in brackets goes on here without a comma",
        "`,` between the items, or `]` at the end",
    ),
    "did not find expected ',' or '}'": (
        "a map in braces goes on here without a comma",
        "`,` between the keys, or `}` at the end",
    ),
    "did not find expected node content": ("a value is expected here", "the value, or quotes around it"),
    "block sequence entries are not allowed in this context": (
        "`- ` begins a list where none can begin",
        "the list on lines of its own below the key; quotes around a text that begins with `- `",
    ),
    "found unexpected end of stream": ("this quote is never closed", "the closing quote"),
    "found unexpected document indicator": (
        "a quote is still open at this line",
        "the closing quote, before this line",
    ),
    "found unknown escape character": (
        "a backslash in double quotes that begins no known escape",
        "single quotes, or the backslash twice",
    ),
    "did not find expected alphabetic or numeric character": (
        "`*` and `&` begin the name of an anchor",
        "quotes around a text that begins with `*` or `&`",
    ),
    "found undefined tag handle": (
        "`!…!` is the handle of a tag that is not declared",
        "quotes around a text that begins with `!`",
    ),
    "found incompatible YAML document": ("docker reads YAML 1.1 only", "no %YAML line"),
}


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("yaml.syntax",))
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind == "yaml.syntax":
            said, advice = _meant(fault)
            yield Hit(fault.place, f"{said}; docker: {fault.told}", advice)


def _meant(fault: Fault) -> tuple[str, str]:
    problem = str(fault.facts.get("problem", ""))
    if problem == "found character that cannot start any token":
        character = str(fault.facts.get("character", ""))
        return f"no value can begin with '{character}'", "quotes around the text"
    if problem in _MEANT:
        return _MEANT[problem]
    return "not YAML", "this line, and the ones before it, as YAML"
