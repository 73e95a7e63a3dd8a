"""Values that a variable spoils: what the readers behind the interpolation say of them is an echo."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Fault, File, Path, of_kind
from lblint.stack import Stack
from lblint.stack.faults import CastFailure, InvalidVariable, RequiredVariable, UnsetVariable


def sound(stack: Stack) -> Iterator[Fault]:
    """The faults of a stack, without those of values that docker could not interpolate in the first place."""
    refused = {(f.place.file, f.place.path) for f in stack.faults if _is_refused(f) and f.docker}
    for fault in stack.faults:
        if _is_refused(fault) or (fault.place.file, fault.place.path) not in refused:
            yield fault


def _is_refused(fault: Fault) -> bool:
    return isinstance(fault, InvalidVariable | RequiredVariable | CastFailure)


def unset(stack: Stack, file: File, path: Path) -> str:
    """A half sentence that names the variables without value in the text at `path`; nothing where there are none."""
    names = [
        fault.variable
        for fault in of_kind(stack.faults, UnsetVariable)
        if fault.place.path[: len(path)] == path and fault.place.file == file
    ]
    return (
        f", as {' and '.join(dict.fromkeys(names))} {'are' if len(set(names)) > 1 else 'is'} not set" if names else ""
    )
