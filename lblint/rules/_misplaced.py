"""Parts of a stack file that are one level too deep or too high."""

from __future__ import annotations

from lblint.finding import Fault, Path
from lblint.stack import Stack
from lblint.stack.faults import UnknownKey, WrongType

SECTIONS = ("networks", "volumes", "secrets", "configs")
"""Keys that are both sections of a file and keys of a service."""


def is_section_in_services(fault: Fault) -> bool:
    """Whether a value of the wrong type is a section inside `services:`, where docker takes it for a service."""
    path = fault.place.path
    return isinstance(fault, WrongType) and len(path) == 2 and path[0] == "services" and path[1] in SECTIONS


def lost_sections(stack: Stack) -> frozenset[str]:
    """The sections inside `services:`: what services have of them cannot be known."""
    faults = (fault for fault in stack.faults if is_section_in_services(fault))
    return frozenset(str(fault.place.path[1]) for fault in faults)


def is_label(fault: UnknownKey) -> bool:
    """Whether an unknown key is a label that is directly in a service, or in its `deploy`."""
    path = fault.place.path
    return "." in fault.key and path[0] == "services" and (path[2:3] == ("deploy",) or len(path) == 3)


def labels_in_services(stack: Stack) -> bool:
    """Whether labels are under a `labels:` inside `services:`, where docker takes it for a service."""
    unknown = (fault for fault in stack.faults if isinstance(fault, UnknownKey))
    return any(fault.place.path[:-1] == ("services", "labels") and is_label(fault) for fault in unknown)


def emptied_labels(stack: Stack) -> frozenset[Path]:
    """The `deploy.labels` that are empty because the labels after them are not indented."""
    unknown = (fault for fault in stack.faults if isinstance(fault, UnknownKey) and is_label(fault))
    return frozenset((*fault.place.path[:-1], "labels") for fault in unknown if fault.place.path[2:3] == ("deploy",))
