"""ruamel.yaml's parser that is written in C (libyaml), imported when a file is parsed."""

from __future__ import annotations

from functools import cache
from typing import Any

from lblint.records import NamedTuple


class Parser(NamedTuple):
    """The C parser's class, the module of its events, and the errors that it raises."""

    parser: Any
    events: Any
    reader_error: type[Exception]
    parse_error: type[Exception]


@cache
def load() -> Parser:
    """Return the parser. Raises `ImportError` where ruamel.yaml was installed without it."""
    from ruamel.yaml import CParser, events  # type: ignore[attr-defined]
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    return Parser(CParser, events, ReaderError, MarkedYAMLError)
