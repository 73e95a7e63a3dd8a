"""`$VAR` and `${VAR…}` in one text, with all the traps of docker's own substitution.

Source: docker/cli cli/compose/template/template.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Place
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack.faults import (
    DollarInDefault,
    EmptyVariable,
    InterpolationFault,
    InvalidVariable,
    LostError,
    NestedVariable,
    RequiredVariable,
    RequiredWithDash,
    UnbracedDefault,
    UnsetVariable,
)

_NOWHERE = Place("")

# Go folds case by Unicode: long s and the Kelvin sign are letters of names, too.
_NAME = "[_a-zA-Z\u017f\u212a][_a-zA-Z0-9\u017f\u212a]*+"
_HEAD = pattern(rf"\$(?:(?P<escaped>\$)|(?P<brace>{{)?(?P<name>{_NAME})(?P<mark>:?[-?])?)?")
_MARKS = (":-", "-", ":?", "?")  # the order in which docker tries them, by containment


class Use(NamedTuple):
    """A variable that a text uses and that has no value and no default; `start` is its offset in the text."""

    variable: str
    start: int


class Text(NamedTuple):
    """What became of one text: the new value, docker's error (its template) if any, the faults, unset names.

    Where there is an error the last fault is that of it.
    """

    value: str
    error: str | None
    faults: tuple[InterpolationFault, ...]
    unset: tuple[Use, ...]


MOST_FAULTS = 50
"""Traps that are told of one text; a text of a million variables has no more to say."""


def substitute(text: str, env: Mapping[str, str], place: Place = _NOWHERE) -> Text:
    """Substitute the variables of one text. `error` is what docker quotes in its message, None where it succeeds.

    `place` is that of the text; each fault is at its characters.
    An error lives only until a later substitution in the same text succeeds: that is docker's behaviour, too.
    """
    error: str | None = None
    required_error, error_at = False, (0, 0)
    out: list[str] = []
    faults: list[InterpolationFault] = []
    unset: list[Use] = []
    end = 0
    for expression, braced, at in _expressions(text):
        out.append(text[end : at[0]])
        end = at[1]
        if expression == "$":
            out.append("$")
            continue
        if not expression:
            error, required_error, error_at = text, False, (at[0], at[0] + 1)
            continue
        mark = next((mark for mark in _MARKS if mark in expression), "")
        name, _, rest = expression.partition(mark) if mark else (expression, "", "")
        known = env.get(name)
        here, whole = place._replace(chars=at), text[at[0] : at[1]]
        if mark and not braced:
            faults.append(UnbracedDefault(place=here, text=text, variable=name, expression=whole, mark=mark, rest=rest))
        required = pattern(r"[_a-zA-Z][_a-zA-Z0-9]*:?\?").match(expression)
        if "-" in mark and required:
            faults.append(RequiredWithDash(place=here, text=text, expression=whole, default=rest))
        if mark == ":-":
            value = known or rest
        elif mark == "-":
            value = rest if known is None else known
        elif mark:
            if known is None or (mark == ":?" and not known):
                error = f"required variable {name} is missing a value: {rest}"
                required_error, error_at = True, at
                continue
            value = known
        else:
            value = known or ""
            if known is None:
                unset.append(Use(name, at[0]))
                faults.append(UnsetVariable(place=here, text=text, variable=name))
            elif not known:
                faults.append(EmptyVariable(place=here, text=text, variable=name))
        if "$$" in rest and value == rest:
            faults.append(DollarInDefault(place=here, text=text, default=rest))
        elif "${" in rest and value == rest:
            faults.append(NestedVariable(place=here, text=text, expression=whole, default=rest))
        if len(faults) > MOST_FAULTS:
            del faults[MOST_FAULTS:]
        if error is not None:
            lost = place._replace(chars=error_at)
            faults.append(LostError(place=lost, text=text, error=error, required=required_error))
            error = None
        out.append(value)
    if not end:
        return Text(text, None, (), ())
    out.append(text[end:])
    if error is not None:
        kind = RequiredVariable if required_error else InvalidVariable
        faults.append(kind(place=place._replace(chars=error_at), text=text, template=error))
    return Text("".join(out), error, tuple(faults), tuple(unset))


def _expressions(text: str) -> Iterator[tuple[str, bool, tuple[int, int]]]:
    """Yield each `$` that docker's pattern finds: the expression, whether it stood in braces, and its span.

    The expression is "$" for an escaped dollar and nothing for an invalid one. A default or message reaches to the
    next `}`, in braces or not; that brace is looked for only once, so that a long text takes no longer than its length.
    """
    at = text.find("$")
    close = -1
    while at >= 0:
        head = _HEAD.match(text, at)
        if head is None:
            return
        start, end = at + 1, at + 1
        braced = bool(head["brace"])
        expression = head["escaped"] or ""
        if expression:
            end = head.end()
        elif head["name"]:
            start = head.start("name")
            if head["mark"] or braced:
                close = text.find("}", head.end()) if close < head.end() else close
                close = len(text) if close < 0 else close
            stop = close if head["mark"] else head.end()
            if not braced:
                expression, end = text[start:stop], stop
            elif close < len(text) and close == stop:
                expression, end = text[start:stop], stop + 1
        yield expression, braced, (at, end)
        at = text.find("$", end)
