"""Rules on variables: how they are written, and what becomes of those without a value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fault, Fix, Hit, Place, Severity, of_kind
from lblint.interlock import PREFIX
from lblint.lazy_re import pattern
from lblint.rules import _fixes, rule
from lblint.rules._spelling import shown
from lblint.rules._variables import unset
from lblint.stack import Stack
from lblint.stack.faults import (
    CastFailure,
    DollarInDefault,
    EmptyVariable,
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
from lblint.stack.gofmt import GrammarError
from lblint.stack.image_reference import parse_reference

_HASH = pattern(r"\$\$?(?:apr1|[1567y]|2[abxy]?|gy|argon2(?:i|d|id)|pbkdf2[a-z0-9-]*|scrypt)\$[^\s:,;\"'{}]+")
"""A password hash as crypt(3) and htpasswd write it: `$apr1$salt$sum`, `$2y$05$...`, `$6$...`."""
_WRITTEN = pattern(r"\$(?:\{[^}\s]{0,50}\}?|\S{0,20})")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def invalid_interpolation(stack: Stack) -> Iterator[Hit]:
    """A `$` that begins no variable.

    Docker replaces `$NAME`, `${NAME}` and `${NAME:-default}` in every value of the file, and refuses one with a `$`
    that is none of these: the end of a regular expression, `$1`, `$(…)`, `${a.b}`. A `$` that is meant is written `$$`.
    """
    for fault in of_kind(stack.faults, InvalidVariable):
        text = fault.template
        start = fault.place.chars[0] if fault.place.chars else 0
        written = _WRITTEN.match(text, start)
        piece = written[0] if written else "$"
        part = _hash_around(fault)
        if part is not None:
            yield _of_hash(fault, part, f"docker reads its `$` as variables; docker: {fault.docker}")
            continue
        said = f"the `$` of {shown(piece)} begins no variable; docker: {fault.docker}"
        advice = f"{_escaped(text)}  (a `$` that is meant stands twice)"
        if piece.startswith("${"):
            advice = f"a name of letters, digits and `_` in the braces, or {advice}"
        yield Hit(fault.place, said, advice, fixes=_fix(fault.place, piece))


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
    said = f"{shown(text[part[0] : part[1]])} is a password hash, and {what}"
    fixes = (Fix("write each $ of the hash twice", (Edit("write", place, escaped),)),)
    return Hit(place, said, escaped, severity, fixes=fixes)


def _fix(place: Place, piece: str) -> tuple[Fix, ...]:
    """The dollar sign twice, unless a variable was meant."""
    if place.chars is None or piece.startswith("${"):
        return ()
    dollar = place._replace(chars=(place.chars[0], place.chars[0] + 1))
    return (Fix("write $$", (Edit("write", dollar, "$$"),)),)


def _escaped(text: str) -> str:
    """The text with each `$` that begins no variable doubled; of a long one what to write for each."""
    if len(text) >= 100:  # before the search, which takes ever longer behind braces that nothing closes
        return "$$"
    out = re.sub(r"\$\$|\$(?:[_a-zA-Z]|\{[_a-zA-Z][_a-zA-Z0-9]*(?::?[-?][^}]*)?\})|\$",
                 lambda found: found[0] if len(found[0]) > 1 else "$$", text)  # fmt: skip
    return out if len(out) < 100 else "$$"


@rule(on=Stack, severity=Severity.ERROR, consequence="docker puts an empty string in its place, without a warning")
def unset_variable(stack: Stack) -> Iterator[Hit]:
    """A variable has no value, and no default: docker puts nothing in its place.

    Docker says no word of it: a host becomes empty, `web:$TAG` becomes `web:`. Each variable is reported once for a
    file, at its first use. Where the file is checked without the deployer's environment, set the variables there too,
    or give them defaults.

    `lblint check` only warns. `lblint deploy` runs in the very environment that docker will take: there a variable
    without value in a label `com.docker.lb.*` is an error, and nothing is deployed.
    """
    # What is refused for the empty text has an error that names the variable, and the version is not interpolated.
    other = {(fault.place.file, fault.place.path) for fault in stack.faults if _refuses_value(fault)}
    other |= {(file, ("version",)) for file in stack.files}
    if stack.deploying:
        for label in (label for service in stack.services for label in service.labels):
            if label.unset and label.key.startswith(PREFIX):
                other.add((label.place.file, label.place.path))
                names = " and ".join(dict.fromkeys(label.unset))
                said = f"{label.key}: {names} has no value here, where it is deployed: this becomes an empty text"
                yield Hit(label.place, said, f"set {names}, or write ${{{label.unset[0]}:-a default}}")
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
            what = f"docker reads its `$` as variables: without {names} it becomes another text"
            yield _of_hash(within[0], place.chars, what, Severity.WARNING)
    uses = Counter((fault.place.file, fault.variable) for fault in faults)
    for fault in faults:
        name = fault.variable
        count = uses.pop((fault.place.file, name), 0)
        if not count:
            continue
        empty = isinstance(fault, EmptyVariable)
        more = f" ({count - 1} more {'use' if count == 2 else 'uses'} in this file)" if count > 1 else ""
        becomes = _consequence(stack, fault.place)
        said = f"{name} is {'empty' if empty else 'not set'} and has no default: {becomes}{more}"
        advice = (
            f"${{{name}:-a default}}, or ${{{name}:?not set}} to stop docker; or set {name} where the file is checked"
        )
        yield Hit(fault.place, said, advice, Severity.INFO if empty else Severity.WARNING)


def _refuses_value(fault: Fault) -> bool:
    """Whether docker refuses the value that a variable leaves."""
    return isinstance(fault, CastFailure | InvalidFormat) or (isinstance(fault, RefusedValue) and not fault.panic)


def _consequence(stack: Stack, place: Place) -> str:
    """What docker does with a text in which a variable is empty."""
    service = next((one for one in stack.services if place.path[:2] == ("services", one.key)), None)
    key = place.path[2] if len(place.path) > 2 else ""
    if service is not None and key == "image":
        image = str(service.config.get("image") or "")
        read = parse_reference(image)
        if isinstance(read, GrammarError):
            return f'docker refuses the image "{image}", {read.told}'
    for fault in of_kind(stack.faults, UnreadableEnvFile) if key == "env_file" else ():
        if fault.place.path == place.path:
            return f"docker opens {fault.written}: {fault.reason.rpartition(': ')[2]}"
    return "this becomes an empty text"


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def required_variable_unset(stack: Stack) -> Iterator[Hit]:
    """A variable that the file requires has no value.

    `${NAME:?message}` makes docker stop when NAME is not set, or is empty; `${NAME?message}` when it is not set.
    Whoever deploys has to set it. Where the file is checked without the deployer's environment, give the variable a
    value there.
    """
    for fault in of_kind(stack.faults, RequiredVariable):
        match = re.match(r"required variable (\S*) ", fault.template)
        name = match[1] if match else ""
        said = f"{name} has no value in this environment; docker: {fault.docker}"
        yield Hit(fault.place, said, f"export {name}=… where the file is checked, and where it is deployed")


@rule(on=Stack, severity=Severity.WARNING, consequence="the variable is never asked for")
def required_becomes_default(stack: Stack) -> Iterator[Hit]:
    """A required variable has a dash in its message and is not required.

    Docker looks for `:-` and `-` first: `${DOMAIN:?must-set}` is a variable `DOMAIN:?must` with the default `set`. It
    has the value `set`, whatever DOMAIN is.
    """
    for fault in of_kind(stack.faults, RequiredWithDash):
        text, default = fault.expression, fault.default
        yield Hit(
            fault.place,
            f'"{text}" is always "{default}": the dash makes a default of what stands behind it',
            "the message without a dash",
        )


@rule(on=Stack, severity=Severity.WARNING, consequence="the variable's name ends up in the value")
def nested_variable(stack: Stack) -> Iterator[Hit]:
    """A default holds another variable, which is not substituted.

    `${A:-${B}}` gives the text `${B` and a `}` behind it: docker knows no nesting, and ends the
    variable at the first brace.
    """
    for fault in of_kind(stack.faults, NestedVariable):
        text, default = fault.expression, fault.default
        yield Hit(
            fault.place,
            f'"{text}" has the default "{default}" as it stands: docker does not substitute within it',
            "the variable alone, and set it where the deploy is started",
        )


@rule(on=Stack, severity=Severity.WARNING, consequence="the value has a dollar sign too many")
def dollar_in_default(stack: Stack) -> Iterator[Hit]:
    """A default holds `$$`, which stays as it is.

    Elsewhere in a text `$$` stands for one dollar sign. Within the default of a variable docker leaves both.
    """
    for fault in of_kind(stack.faults, DollarInDefault):
        yield Hit(
            fault.place,
            f'the default "{fault.default}" keeps both dollar signs',
            "the variable alone, and set it where the deploy is started",
        )


@rule(on=Stack, severity=Severity.WARNING, consequence="the value is another one than it looks")
def unbraced_default(stack: Stack) -> Iterator[Hit]:
    """A variable without braces swallows what stands behind it.

    `$FOO-bar` is not the value of FOO followed by `-bar`: docker reads the dash as that of a default, and the rest of
    the text, up to the next `}`, as the default itself.
    """
    for fault in of_kind(stack.faults, UnbracedDefault):
        name, text = fault.variable, fault.expression
        braced = "${" + name + "}" + text[len(name) + 1 :]
        role = "the message of an error" if "?" in fault.mark else "the default"
        yield Hit(
            fault.place,
            f'"{text}" is all one variable: {name}, with "{fault.rest}" as {role}',
            braced,
            fixes=_fixes.write(fault.place, braced, safe=False) if fault.place.chars else (),
        )


@rule(on=Stack, severity=Severity.WARNING, consequence="the file passes, with a part of the value missing")
def lost_interpolation_error(stack: Stack) -> Iterator[Hit]:
    """An error of interpolation is forgotten, since a later variable in the same text succeeds.

    Docker keeps one error per text and forgets it at the next variable that has a value: a required variable is not
    asked for, a lone `$` disappears.
    """
    for fault in of_kind(stack.faults, LostError):
        if fault.required:
            told = f"{fault.error}: docker forgets this, since a later variable in the text has a value"
            yield Hit(fault.place, told, "the required variable last in the text")
        else:
            told = "this dollar sign is invalid and lost: docker forgets the error at the next variable in the text"
            yield Hit(fault.place, told, "$$ for a dollar sign")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def variable_wrong_type(stack: Stack) -> Iterator[Hit]:
    """A variable's value is no number or boolean where docker needs one.

    Docker makes a number or a boolean of the text that a variable leaves in `replicas`, `published`, `external` and the
    like, and refuses the file where it cannot; an empty value is none either. `1` is no boolean here, `0440` is
    decimal.
    """
    for fault in of_kind(stack.faults, CastFailure):
        value, wanted = fault.value, fault.wanted
        became = shown(value) if value else "an empty text"
        why = unset(stack, fault.place.file, fault.place.path)
        said = f"{fault.expression} becomes {became}{why}; docker wants {wanted}: {fault.docker}"
        default = "true" if wanted == "a boolean" else "1"
        yield Hit(fault.place, said, f"a default: ${{NAME:-{default}}}, or {wanted} in the variable")


@rule(on=Stack, severity=Severity.WARNING, consequence="the container gets a value that depends on who deploys")
def environment_from_host(stack: Stack) -> Iterator[Hit]:
    """An empty environment value is taken from the deployer's environment.

    `X: ""` does not empty X: like a name without a value, it takes the value that X has where `docker stack deploy`
    runs, if it has one there.
    """
    for fault in of_kind(stack.faults, ReplacedEnvironment):
        name = fault.variable
        yield Hit(
            fault.place,
            f"{name} is not empty: docker takes the value of {name} from the environment of the deploy",
            "a value that means nothing to the program, or unset it for the deploy",
        )
