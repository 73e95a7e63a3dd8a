"""What docker does to a value before it decodes it: short syntax, list forms, durations, sizes.

Source: docker/cli cli/compose/loader/loader.go createTransformHook and the functions that it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lblint.finding import Place
from lblint.stack.duration import parse_duration
from lblint.stack.gonumber import sprint
from lblint.stack.grammar import GrammarError
from lblint.stack.made import At, Made, Mode, Noticed, Raw, done, go_type, is_text
from lblint.stack.pairs import hosts, maybe_pairs, pairs, text_map
from lblint.stack.ports import count_ports, parse_ports
from lblint.stack.shellwords import split
from lblint.stack.size import parse_size
from lblint.stack.volumes import parse_volume


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
                given = go_type(value.get(key)).replace("<nil>", "nil")
                return GrammarError(f"panic: interface conversion: interface {{}} is {given}, not int")
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
    noticed: list[Noticed] = []
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
            noticed.append(("port.address-ignored", spot, {"warning": ports[0].warning, "value": item}))
    return done(out, tuple(noticed))


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
    noticed: list[Noticed] = []
    if spec.ignored:
        noticed.append(("volume.options-ignored", place, {"options": list(spec.ignored), "value": value}))
    if spec.drive and not spec.source:
        noticed.append(("volume.drive-letter", place, {"letter": spec.drive, "target": spec.target, "value": value}))
    return done(fields, tuple(noticed))


def _network_list(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if not isinstance(value, list):
        return Made(value)
    out: dict[str, At] = {}
    for index, item in enumerate(value):
        if not is_text(item):
            given = go_type(item)
            return GrammarError(f"'Networks[]' expected type 'string', got unconvertible type '{given}'")
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
