"""Rules on variables: how they are written, and what those without a value become."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fault, Fix, Hit, Place, Severity, of_kind
from lblint.interlock import PREFIX
from lblint.lazy_re import pattern
from lblint.rules import _fixes, rule
from lblint.rules._variables import unset
from lblint.rules._wording import shown
from lblint.stack import Stack
from lblint.stack.faults import (
    CastFailure,
    DollarInDefault,
    EmptyVariable,
    GrammarError,
    InterpolationFault,
    InvalidFormat,
    InvalidVariable,
    LostError,
    NestedVariable,
    RefusedValue,
    ReplacedEnvironment,
    RequiredVariable,
    RequiredWithDash,
    UnbracedDefault,
    UnreadableEnvFile,
    VariableWithoutValue,
)
from lblint.stack.image_reference import parse_reference

_HASH = pattern(r"\$\$?(?:apr1|[1567y]|2[abxy]?|gy|argon2(?:i|d|id)|pbkdf2[a-z0-9-]*|scrypt)\$[^\s:,;\"'{}]+")
"""A password hash as crypt(3) and htpasswd write it: `$apr1$salt$sum`, `$2y$05$...`, `$6$...`."""
_WRITTEN = pattern(r"\$(?:\{[^}\s]{0,50}\}?|\S{0,20})")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def invalid_interpolation(stack: Stack) -> Iterator[Hit]:
    """A `$` does not begin a variable.

    Docker replaces `$NAME`, `${NAME}` and `${NAME:-default}` in every value of the file, and refuses a value with any
    other `$`: the end of a regular expression, `$1`, `$(…)`, `${a.b}`. A literal `$` is written `$$`.
    """
    for fault in of_kind(stack.faults, InvalidVariable):
        text = fault.template
        start = fault.place.chars[0] if fault.place.chars else 0
        written = _WRITTEN.match(text, start)
        piece = written[0] if written else "$"
        part = _hash_around(fault)
        if part is not None:
            yield _of_hash(fault, part, "docker reads each $ in it as a variable")._replace(docker=fault.docker)
            continue
        help = _LITERAL
        if piece.startswith("${"):
            help = f"use only letters, digits and _ in the name, or {help}"
        fixes = _fix(fault.place, piece)
        yield Hit(fault.place, f"{shown(piece)} is not a variable", help, fixes=fixes, docker=fault.docker)


_LITERAL = "write $$ for a literal $"


def _hash_around(fault: InterpolationFault) -> tuple[int, int] | None:
    """Where the password hash is that a `$` belongs to, in the text of its value; None where it is part of none."""
    at = fault.place.chars[0] if fault.place.chars else 0
    for match in _HASH.finditer(fault.text):
        if match.start() <= at < match.end():
            return match.span()
    return None


def _of_hash(fault: InterpolationFault, part: tuple[int, int], what: str, severity: Severity | None = None) -> Hit:
    """A hit for a hash as a whole: all of its `$` are doubled, or none."""
    text = fault.text
    escaped = re.sub(r"\$+", "$$", text[part[0] : part[1]])
    place = fault.place._replace(chars=part)
    message = f"{shown(text[part[0] : part[1]])} is a password hash, and {what}"
    help = f"write $$ for each $ of the hash: {escaped}"
    return Hit(place, message, help, severity, fixes=(Fix(help, (Edit("write", place, escaped),)),))


def _fix(place: Place, piece: str) -> tuple[Fix, ...]:
    """The dollar sign twice, unless a variable was meant."""
    if place.chars is None or piece.startswith("${"):
        return ()
    dollar = place._replace(chars=(place.chars[0], place.chars[0] + 1))
    return (Fix(_LITERAL, (Edit("write", dollar, "$$"),)),)


@rule(on=Stack, severity=Severity.ERROR, consequence="docker replaces it with an empty string without a warning")
def unset_variable(stack: Stack) -> Iterator[Hit]:
    """A variable is not set and has no default, so it becomes an empty string.

    Docker does not warn: a host becomes empty, `web:$TAG` becomes `web:`. Each variable of a stack is one finding with
    all its places. A file is often checked without the environment of the deploy: set the variables there as well, or
    give them defaults.

    `lblint check` only warns. `lblint deploy` has the same environment as docker: there an unset variable in a label
    `com.docker.lb.*` is an error, and nothing is deployed.
    """
    # What is refused for the empty text has an error that names the variable, and the version is not interpolated.
    other = {(fault.place.file, fault.place.path) for fault in stack.faults if _refuses_value(fault)}
    other |= {(file, ("version",)) for file in stack.files}
    if stack.deploying:
        for label in (label for service in stack.services for label in service.labels):
            if label.unset and label.key.startswith(PREFIX):
                other.add((label.place.file, label.place.path))
                names = " and ".join(dict.fromkeys(label.unset))
                message = f"{label.key}: {names} is not set in this deploy, and becomes an empty string"
                yield Hit(label.place, message, f"set {names}, or write a default: ${{{label.unset[0]}:-...}}")
    without_value = of_kind(stack.faults, VariableWithoutValue)
    faults = [fault for fault in without_value if (fault.place.file, fault.place.path) not in other]
    refused = {(fault.place.file, fault.place.path) for fault in of_kind(stack.faults, InvalidVariable)}
    hashes: dict[Place, list[VariableWithoutValue]] = {}
    for fault in faults:
        part = _hash_around(fault)
        if part is not None:
            hashes.setdefault(fault.place._replace(chars=part), []).append(fault)
    for place, within in hashes.items():
        faults = [fault for fault in faults if fault not in within]
        if (place.file, place.path) not in refused and place.chars is not None:
            names = " and ".join(dict.fromkeys(fault.variable for fault in within))
            what = f"docker reads {names} in it as a variable"
            if len({fault.variable for fault in within}) > 1:
                what = f"docker reads {names} in it as variables"
            yield _of_hash(within[0], place.chars, what, Severity.WARNING)
    uses: dict[str, list[VariableWithoutValue]] = {}
    for fault in faults:
        uses.setdefault(fault.variable, []).append(fault)
    for name, (first, *others) in uses.items():
        empty = isinstance(first, EmptyVariable)
        yield Hit(
            first.place,
            f"{name} is {'empty' if empty else 'not set'} and has no default{_consequence(stack, first.place)}",
            f"set {name} for the check, write a default (${{{name}:-...}}), or require it (${{{name}:?...}})",
            Severity.INFO if empty else Severity.WARNING,
            related=tuple(fault.place for fault in others),
            each=True,
        )


def _refuses_value(fault: Fault) -> bool:
    """Whether docker refuses the value that a variable leaves."""
    return isinstance(fault, CastFailure | InvalidFormat) or (isinstance(fault, RefusedValue) and not fault.panic)


def _consequence(stack: Stack, place: Place) -> str:
    """What docker refuses because a variable is empty; "" where it becomes an empty string and no more."""
    service = next((candidate for candidate in stack.services if place.path[:2] == ("services", candidate.key)), None)
    key = place.path[2] if len(place.path) > 2 else ""
    if service is not None and key == "image":
        image = str(service.config.get("image") or "")
        read = parse_reference(image)
        if isinstance(read, GrammarError):
            return f', so docker refuses the image "{image}" ({read.told})'
    for fault in of_kind(stack.faults, UnreadableEnvFile) if key == "env_file" else ():
        if fault.place.path == place.path:
            return f", so docker opens {fault.written} ({fault.reason.rpartition(': ')[2]})"
    return ""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def required_variable_unset(stack: Stack) -> Iterator[Hit]:
    """A variable that the file requires has no value.

    `${NAME:?message}` makes docker stop when NAME is not set or empty, `${NAME?message}` when it is not set. Whoever
    deploys must set it. Where the file is checked without the environment of the deploy, set the variable there, too.
    """
    for fault in of_kind(stack.faults, RequiredVariable):
        match = re.match(r"required variable (\S*) ", fault.template)
        name = match[1] if match else ""
        help = f"set {name} where you check the file and where you deploy it"
        yield Hit(fault.place, f"{name} is required and not set", help, docker=fault.docker)


@rule(on=Stack, severity=Severity.WARNING, consequence="docker never requires the variable")
def required_becomes_default(stack: Stack) -> Iterator[Hit]:
    """A required variable has a dash in its message, so it is not required.

    Docker looks for `:-` and `-` first: `${DOMAIN:?must-set}` is a variable `DOMAIN:?must` with the default `set`. Its
    value is `set`, whatever DOMAIN is.
    """
    for fault in of_kind(stack.faults, RequiredWithDash):
        text, default = fault.expression, fault.default
        yield Hit(
            fault.place,
            f'"{text}" is always "{default}": docker reads what follows the dash as a default',
            "write the message without a dash",
        )


@rule(on=Stack, severity=Severity.WARNING, consequence="the variable's name becomes part of the value")
def nested_variable(stack: Stack) -> Iterator[Hit]:
    """A default contains another variable, which docker does not replace.

    `${A:-${B}}` becomes `${B}` where A is not set: docker does not nest variables, and ends the outer one at the first
    brace.
    """
    for fault in of_kind(stack.faults, NestedVariable):
        text = fault.expression
        yield Hit(
            fault.place,
            f'docker does not replace the variable in the default of "{text}"',
            "remove the default, and set the variable where you deploy",
        )


@rule(on=Stack, severity=Severity.WARNING, consequence="the value has two dollar signs instead of one")
def dollar_in_default(stack: Stack) -> Iterator[Hit]:
    """A default contains `$$`, which docker does not replace.

    In a value, `$$` is a literal dollar sign. In the default of a variable docker keeps both dollar signs.
    """
    for fault in of_kind(stack.faults, DollarInDefault):
        yield Hit(
            fault.place,
            f'the default "{fault.default}" keeps both dollar signs',
            "remove the default, and set the variable where you deploy",
        )


@rule(on=Stack, severity=Severity.WARNING, consequence="the value is not what it looks like")
def unbraced_default(stack: Stack) -> Iterator[Hit]:
    """A variable without braces takes the text after it as its default.

    `$FOO-bar` is not the value of FOO followed by `-bar`: docker reads what follows the dash, up to the next `}`, as a
    default of FOO.
    """
    for fault in of_kind(stack.faults, UnbracedDefault):
        name, text = fault.variable, fault.expression
        braced = "${" + name + "}" + text[len(name) + 1 :]
        role = "its error message" if "?" in fault.mark else "its default"
        yield Hit(
            fault.place,
            f'docker reads "{text}" as the variable {name} with "{fault.rest}" as {role}',
            f"write {braced}",
            fixes=_fixes.write(fault.place, braced, safe=False) if fault.place.chars else (),
        )


@rule(on=Stack, severity=Severity.WARNING, consequence="docker deploys the file with a part of the value missing")
def lost_interpolation_error(stack: Stack) -> Iterator[Hit]:
    """Docker loses an interpolation error, because a later variable in the same value is set.

    Docker keeps one error for each value and drops it at the next variable that is set: a required variable is then not
    required, and a lone `$` disappears.
    """
    for fault in of_kind(stack.faults, LostError):
        if fault.required:
            message = "docker does not require this variable, because a later one in the same value is set"
            yield Hit(fault.place, message, "move the required variable to the end of the value")
        else:
            message = "docker drops this invalid $, because a later variable in the same value is set"
            yield Hit(fault.place, message, _LITERAL)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def variable_wrong_type(stack: Stack) -> Iterator[Hit]:
    """The value of a variable is not a number or boolean where docker needs one.

    After it has replaced the variables in `replicas`, `published`, `external` and the like, docker reads a number or a
    boolean there, and refuses the file where it cannot, even for an empty value. `1` is not a boolean here, and `0440`
    is decimal.
    """
    for fault in of_kind(stack.faults, CastFailure):
        value, wanted = fault.value, fault.wanted
        became = shown(value) if value else "an empty string"
        why = unset(stack, fault.place.file, fault.place.path)
        message = f"{fault.expression} becomes {became}{why}, not {wanted}"
        yield Hit(fault.place, message, f"set it to {wanted}, or give it a default", docker=fault.docker)


@rule(on=Stack, severity=Severity.WARNING, consequence="the value depends on the environment of the deploy")
def environment_from_host(stack: Stack) -> Iterator[Hit]:
    """An empty environment value is taken from the environment of the deploy.

    `X: ""` does not make X empty: like a name without a value, it takes the value that X has where
    `docker stack deploy` runs, if X is set there.
    """
    for fault in of_kind(stack.faults, ReplacedEnvironment):
        name = fault.variable
        yield Hit(
            fault.place,
            f"{name} is not empty: docker takes its value from the environment of the deploy",
            f"unset {name} where you deploy, or write a value that the program ignores",
        )
