"""Records: `typing.NamedTuple`, without the time that it takes to import `typing` and to compile the annotations.

A check makes some eighty classes of this kind before it reads a line. For type checkers this is the standard library's
own; at run time `collections.namedtuple` makes the classes, as it does for `typing.NamedTuple`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple

    class _RecordType(type):
        """Turns the body of a class, its annotated fields and their defaults, into a named tuple with its methods."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            return type(name, (made,), {"__slots__": (), **body})

    class NamedTuple(metaclass=_RecordType):
        """The base to name in a class statement."""
