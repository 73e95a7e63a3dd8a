"""The classes of faults of a layer, and instances of them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from lblint.finding import Fault, Place, Position

PLACE = Place("stack.yml", ("services", "web", "image"), chars=(0, 1), at=Position(1, 1, 1, 2))

VALUES: dict[str, Any] = {
    "allowed": ["image"], "bucket": 64, "character": "\a", "connections": 1024, "elsewhere": [], "empty": False,
    "expected": ["string"], "first": 1, "fit": 60, "format": "ports", "given": "boolean", "hosts": 5, "inner": [],
    "kept": True, "key": "devices", "kilobytes": 64, "length": 50, "limit": 46, "lost": ["driver"], "minimum": 0,
    "offset": None, "options": ["z"], "other": Place("b.yml", ("services", "b")), "panic": False, "reason": "invalid",
    "required": True, "same_text": True, "servers": 70, "services": ((PLACE, 5),), "since": "3.5", "size": 600,
    "sockets": 1000, "tag": "!reset", "template": "$", "test": ["CMD", "a"], "value": True, "version": "3.4",
    "word": "on", "written": True,
}  # fmt: skip
"""Values of the right type for fields of these names; those of other names are the string "x"."""


def kinds_of(module: ModuleType) -> list[type[Fault]]:
    """The classes of faults that a module defines and that are not families of others."""
    classes = [cls for _, cls in inspect.getmembers(module, inspect.isclass) if cls.__module__ == module.__name__]
    return [cls for cls in classes if issubclass(cls, Fault) and not cls.__subclasses__()]


def fields_of(cls: type[Fault]) -> Iterator[str]:
    """The names of all fields of a class."""
    for base in cls.__mro__:
        yield from vars(base).get("__annotations__", {})


def instance(cls: type[Fault], **given: Any) -> Any:
    """A fault as a reader would make it."""
    values = {name: VALUES.get(name, "x") for name in fields_of(cls)}
    for name, annotation in (item for base in cls.__mro__ for item in vars(base).get("__annotations__", {}).items()):
        if annotation == "str" and not isinstance(values[name], str):
            values[name] = "x"
    return cls(**{**values, "place": PLACE, "docker": "", **given})
