"""What docker does to a value before it decodes it: short syntax, lists of pairs, command lines, durations, sizes.

Source: docker/cli cli/compose/loader/loader.go createTransformHook and the functions that it names; google/shlex Split
for command lines, which are not a shell's: no variables, no operators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lblint.finding import Fault, Place
from lblint.records import NamedTuple
from lblint.source import Timestamp
from lblint.stack.faults import DriveLetter, GrammarError, IgnoredAddress, IgnoredMountOptions
from lblint.stack.go_printing import sprint
from lblint.stack.ports import count_ports, parse_ports
from lblint.stack.units import parse_duration, parse_size
from lblint.stack.volumes import parse_volume

BUDGET = 100_000
"""Most ports and variables that short entries and env files of a stack may stand for: far above what Swarm takes."""


class Mode(NamedTuple):
    """How hooks work: with the words of clients before 23 (`legacy`), whether errors are told with their number
    (`counts`), and how much may still be expanded."""

    legacy: bool
    counts: bool
    budget: list[int]

    def spend(self, count: int) -> bool:
        """Take from the budget; False where too little is left."""
        self.budget[0] -= count
        return self.budget[0] >= 0


DONE = object()
"""In place of plain data that is still to be decoded: the hook has decoded it all."""


class At(NamedTuple):
    """A decoded part that stands somewhere else than the whole."""

    value: Any
    place: Place


class Raw(NamedTuple):
    """A part that is still to be decoded, by the shape of the elements."""

    value: Any
    place: Place


class Made(NamedTuple):
    """What a hook makes of a value: plain data to decode further, or what is `ready` when `plain` is DONE."""

    plain: Any
    ready: Any = None
    faults: tuple[Fault, ...] = ()


def done(ready: Any, faults: tuple[Fault, ...] = ()) -> Made:
    return Made(DONE, ready, faults)


def go_type(value: Any) -> str:
    """The Go type of plain data, as docker's messages name it."""
    if isinstance(value, Timestamp):
        return "time.Time"
    if isinstance(value, int) and not isinstance(value, bool) and value >= 2**63:
        return "uint64"
    names = {str: "string", bool: "bool", int: "int", float: "float64", list: "[]interface {}"}
    for kind, name in ((bool, "bool"), *names.items()):
        if isinstance(value, kind):
            return name
    return "map[string]interface {}" if isinstance(value, dict) else "<nil>"


def go_kind(value: Any) -> str:
    """The kind of Go's type of plain data, as docker's messages name it."""
    name = go_type(value)
    return {"time.Time": "struct", "[]interface {}": "slice", "map[string]interface {}": "map"}.get(name, name)


def is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Timestamp)


_SPACES = " \t\r\n"


def split(text: str) -> list[str] | GrammarError:
    """Split at spaces; quotes, backslashes and `#` comments work as in google/shlex."""
    words: list[str] = []
    word: list[str] | None = None
    at, size = 0, len(text)
    while at < size:
        char = text[at]
        at += 1
        if char in _SPACES:
            if word is not None:
                words.append("".join(word))
                word = None
        elif char == "#" and word is None:
            end = text.find("\n", at)
            at = size if end < 0 else end + 1
        elif char == "\\":
            if at == size:
                return GrammarError("EOF found after escape character")
            word = _put(word or [], text[at])
            at += 1
        elif char == "'":
            end = text.find("'", at)
            if end < 0:
                return GrammarError("EOF found when expecting closing quote")
            word = _put(word or [], text[at:end])
            at = end + 1
        elif char == '"':
            word = word or []
            while True:
                if at == size:
                    return GrammarError("EOF found when expecting closing quote")
                if text[at] == '"':
                    at += 1
                    break
                if text[at] == "\\":
                    at += 1
                    if at == size:
                        return GrammarError("EOF found after escape character")
                word.append(text[at])
                at += 1
        else:
            word = _put(word or [], char)
    if word is not None:
        words.append("".join(word))
    return words


def _put(word: list[str], text: str) -> list[str]:
    word.append(text)
    return word


def text_map(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if isinstance(value, dict):
        return done({key: At(_text(item), place.child(key)) for key, item in value.items()})
    return GrammarError(f"invalid type {go_type(value)} for map[string]string")


def _text(value: Any) -> str:
    return "" if value is None else sprint(value)


def pairs(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    return _mapping(value, place, _text, "")


def maybe_pairs(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    return _mapping(value, place, lambda item: None if item is None else sprint(item), None)


def _mapping(value: Any, place: Place, text: Callable[[Any], str | None], bare: str | None) -> Made | GrammarError:
    """A mapping, or a list of `key=value`: the first `=` splits, the last entry of a key wins."""
    if isinstance(value, dict):
        return done({key: At(text(item), place.child(key)) for key, item in value.items()})
    if not isinstance(value, list):
        return GrammarError(f"panic: expected a map or a list, got {go_type(value)}")
    out: dict[str, At] = {}
    for index, item in enumerate(value):
        if not is_text(item):
            return GrammarError(f"panic: interface conversion: interface {{}} is {go_type(item)}, not string")
        key, sign, rest = item.partition("=")
        start = len(key) + 1 if sign else len(key)
        spot = place.child(index)._replace(chars=(start, len(item)))
        out[key] = At(rest if sign else bare, spot)
    return done(out)


def hosts(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if isinstance(value, dict):
        lines = sorted((f"{key}:{_as_s(item)}", key) for key, item in value.items() if item is not None)
        return done([At(_without_brackets(line), place.child(key)) for line, key in lines])
    if isinstance(value, list):
        if mode.legacy:
            return Made(value)
        return done([At(line, place.child(index)) for index, line in _host_lines(value)])
    return GrammarError(f"panic: expected a map or a list, got {go_type(value)}")


def _host_lines(value: list[Any]) -> Iterator[tuple[int, str]]:
    for index, item in enumerate(value):
        text = sprint(item)
        for sign in "=:":
            host, separator, address = text.partition(sign)
            if separator:
                yield index, _without_brackets(f"{host}:{address}")
                break


def _without_brackets(line: str) -> str:
    host, _, address = line.partition(":")
    if len(address) > 2 and address[0] == "[" and address[-1] == "]":
        address = address[1:-1]
    return f"{host}:{address}"


def _as_s(value: Any) -> str:
    """Go's %s, which marks numbers as a mistake."""
    if isinstance(value, str):
        return str(value)
    return f"%!s({go_type(value)}={sprint(value)})"


def _string_list(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if is_text(value):
        return done([value])
    return Made(value) if isinstance(value, list) else GrammarError(f"invalid type {go_type(value)} for string list")


def _command(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if not is_text(value):
        return Made(value)
    words = split(value)
    return words if isinstance(words, GrammarError) else done(words)


def _health_test(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if is_text(value):
        return done(["CMD-SHELL", value])
    if isinstance(value, list):
        return Made(value)
    return GrammarError(f"invalid type {go_type(value)} for healthcheck.test")


def _ulimit(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    kind = go_type(value)
    if kind == "int":
        return done({"single": value})
    if isinstance(value, dict):
        for key in ("soft", "hard"):
            if go_type(value.get(key)) != "int":
                go_name = go_type(value.get(key)).replace("<nil>", "nil")
                return GrammarError(f"panic: interface conversion: interface {{}} is {go_name}, not int")
        return done({key: At(value[key], place.child(key)) for key in ("soft", "hard")})
    return GrammarError(f"invalid type {kind} for ulimits")


def _size(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if go_type(value) == "int":
        return done(value)
    if not is_text(value):
        return GrammarError(f"panic: invalid type for size {go_type(value)}")
    size = parse_size(value, mode.legacy)
    return size if isinstance(size, GrammarError) else done(size)


def _duration(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if not is_text(value):
        return GrammarError(f"invalid type {go_type(value)} for duration")
    duration = parse_duration(value)
    return duration if isinstance(duration, GrammarError) else done(duration)


def _ports(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if not isinstance(value, list):
        return GrammarError(f"invalid type {go_type(value)} for port")
    out: list[Any] = []
    faults: list[Fault] = []
    for index, item in enumerate(value):
        spot = place.child(index)
        kind = go_type(item)
        if isinstance(item, dict):
            out.append(Raw(item, spot))
            continue
        if kind not in ("int", "string"):
            return GrammarError(f"invalid type {kind} for port")
        if not mode.spend(count_ports(str(item))):
            break
        ports = parse_ports(str(item), mode.legacy)
        if isinstance(ports, GrammarError):
            return ports
        for port in ports:
            fields = {"mode": port.mode, "target": port.target, "published": port.published, "protocol": port.protocol}
            out.append(At(fields, spot))
        if ports and ports[0].warning:
            faults.append(IgnoredAddress(place=spot, value=item, warning=ports[0].warning))
    return done(out, tuple(faults))


def _source(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if is_text(value):
        return done({"source": value})
    return Made(value) if isinstance(value, dict) else GrammarError(f"invalid type {go_type(value)} for secret")


def _build(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if is_text(value):
        return done({"context": value})
    return Made(value) if isinstance(value, dict) else GrammarError(f"invalid type {go_type(value)} for service build")


def _mount(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if isinstance(value, dict):
        return Made(value)
    if not is_text(value):
        return GrammarError(f"invalid type {go_type(value)} for service volume")
    spec = parse_volume(value)
    if isinstance(spec, GrammarError):
        return spec
    fields: dict[str, Any] = {"type": spec.type, "source": spec.source, "target": spec.target}
    fields["read_only"] = spec.read_only
    if spec.propagation:
        fields["bind"] = {"propagation": spec.propagation}
    if spec.nocopy:
        fields["volume"] = {"nocopy": True}
    faults: list[Fault] = []
    if spec.ignored:
        faults.append(IgnoredMountOptions(place=place, options=spec.ignored))
    if spec.drive and not spec.source:
        faults.append(DriveLetter(place=place, letter=spec.drive, target=spec.target))
    return done(fields, tuple(faults))


def _network_list(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if not isinstance(value, list):
        return Made(value)
    out: dict[str, At] = {}
    for index, item in enumerate(value):
        if not is_text(item):
            kind = go_type(item)
            return GrammarError(f"'Networks[]' expected type 'string', got unconvertible type '{kind}'")
        out[item] = At(None, place.child(index))
    return done(out)


def _external(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if isinstance(value, bool):
        return done({"external": value})
    if isinstance(value, dict):
        return Made({"external": True, "name": value.get("name")})
    return GrammarError(f"invalid type {go_type(value)} for external")


HOOKS: Mapping[str, Callable[[Any, Place, Mode], Made | GrammarError]] = {
    "build": _build,
    "command": _command,
    "duration": _duration,
    "external": _external,
    "health-test": _health_test,
    "hosts": hosts,
    "maybe-pairs": maybe_pairs,
    "mount": _mount,
    "network-list": _network_list,
    "pairs": pairs,
    "ports": _ports,
    "size": _size,
    "source": _source,
    "string-list": _string_list,
    "text-map": text_map,
    "text-or-number": lambda value, place, mode: (
        done([At(sprint(item), place.child(index)) for index, item in enumerate(value)])
        if isinstance(value, list)
        else GrammarError(f"panic: interface conversion: interface {{}} is {go_type(value)}, not []interface {{}}")
    ),
    "ulimit": _ulimit,
}
