"""Values that a variable spoils: what the readers behind the interpolation say of them is an echo."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Fault, Path
from lblint.stack import Stack

_REFUSED = ("interpolation.invalid", "interpolation.required", "cast")


def sound(stack: Stack) -> Iterator[Fault]:
    """The faults of a stack, without those of values that docker could not interpolate in the first place."""
    refused = {(f.place.file, f.place.path) for f in stack.faults if f.kind in _REFUSED and f.told}
    for fault in stack.faults:
        if fault.kind in _REFUSED or (fault.place.file, fault.place.path) not in refused:
            yield fault


def unset(stack: Stack, file: str, path: Path) -> str:
    """A half sentence that names the variables without value in the text at `path`; nothing where there are none."""
    names = [
        str(fault.facts["variable"])
        for fault in stack.faults
        if fault.kind == "interpolation.unset" and fault.place.path[: len(path)] == path and fault.place.file == file
    ]
    return (
        f", as {' and '.join(dict.fromkeys(names))} {'are' if len(set(names)) > 1 else 'is'} not set" if names else ""
    )
