"""Records whose classes are quick to make: `NamedTuple`, as typing has it, and `Record`, with fields by keyword.

`NamedTuple` leaves out the time that it takes to import `typing` and to compile the annotations.
A check makes some eighty classes of this kind before it reads a line. For type checkers this is the standard library's
own; at run time `collections.namedtuple` makes the classes, as it does for `typing.NamedTuple`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
    from typing import dataclass_transform
else:
    from collections import namedtuple

    def dataclass_transform(**_):
        """Return a decorator that does nothing: only type checkers need typing's own."""
        return lambda cls: cls

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


@dataclass_transform(kw_only_default=True)
class Record:
    """The base of records whose annotated fields are given by keyword; the value in the class is a field's default.

    To type checkers a subclass is a dataclass. At run time nothing is generated for it: a reader has some fifty classes
    of this kind, and most files need none of them.
    """

    if not TYPE_CHECKING:

        def __init__(self, **fields):
            self.__dict__.update(fields)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"
