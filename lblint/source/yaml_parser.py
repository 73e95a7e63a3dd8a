"""The YAML parser, imported when a file is parsed: ruamel.yaml's in C (libyaml), or its own in Python without that.

`ruamel.yaml.clib` has no wheel for PyPy, free-threaded builds, the newest CPython, and some processors. Both classes
give the same events with the same marks, so that all that reads them has one path.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lblint.records import NamedTuple


class Parser(NamedTuple):
    """The parser's class, the module of its events, the errors that it raises, and whether it is the one in C."""

    parser: Any
    events: Any
    reader_error: type[Exception]
    parse_error: type[Exception]
    in_c: bool


@cache
def load() -> Parser:
    """Return the parser. Raises `ImportError` where ruamel.yaml itself is missing or broken."""
    from ruamel.yaml import CParser, events  # type: ignore[attr-defined]
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    if CParser is not None:
        return Parser(CParser, events, ReaderError, MarkedYAMLError, True)
    from lblint.source.python_parser import PythonParser

    return Parser(PythonParser, events, ReaderError, MarkedYAMLError, False)


def slower() -> str:
    """Return a sentence about why the parser in Python is used; "" where the one in C is."""
    if load().in_c:
        return ""
    try:
        import ruamel.yaml.cyaml  # noqa: F401
    except ImportError as error:
        absent = isinstance(error, ModuleNotFoundError)
        return "YAML is read with the slower parser in Python, because ruamel.yaml.clib " + (
            "is not installed" if absent else f"cannot be imported ({error})"
        )
    return ""
