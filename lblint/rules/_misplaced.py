"""Parts of a stack file that stand one level too deep or too high."""

from __future__ import annotations

from lblint.finding import Fault
from lblint.stack import Stack
from lblint.stack.faults import WrongType

SECTIONS = ("networks", "volumes", "secrets", "configs")
"""Keys that are both sections of a file and keys of a service."""


def is_section_in_services(fault: Fault) -> bool:
    """Whether a value of the wrong type is a section that stands inside `services:`, where docker takes it for a
    service."""
    path = fault.place.path
    return isinstance(fault, WrongType) and len(path) == 2 and path[0] == "services" and path[1] in SECTIONS


def lost_sections(stack: Stack) -> frozenset[str]:
    """The sections that stand inside `services:`: what services have of them cannot be known."""
    faults = (fault for fault in stack.faults if is_section_in_services(fault))
    return frozenset(str(fault.place.path[1]) for fault in faults)
