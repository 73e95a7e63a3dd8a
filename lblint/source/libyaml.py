"""The C parser of ruamel.yaml, without the rest of ruamel.yaml.

`ruamel.yaml.clib` imports the whole of ruamel.yaml, only for the classes of its events, tokens, nodes and errors: 25 ms
of a check that takes 30. Those classes are plain records, so a process that is lblint's own (`alone`) puts records of
its own in their place while the extension is loaded. As a library, and in a process that has ruamel.yaml already,
lblint uses the real ones: the extension can be loaded only once, and others would meet our records. The two behave
alike, which a test holds.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from lblint.record import NamedTuple

_PACKAGE = "ruamel.yaml"
_ERRORS = {
    "error": "YAMLError", "reader": "ReaderError", "scanner": "ScannerError", "parser": "ParserError",
    "composer": "ComposerError", "constructor": "ConstructorError", "emitter": "EmitterError",
    "serializer": "SerializerError", "representer": "RepresenterError",
}  # fmt: skip


class Event:
    """An event that says only where it stands."""

    __slots__ = ("anchor", "end_mark", "implicit", "start_mark", "tag")

    def __init__(self, *values: Any, **_more: Any) -> None:
        self.anchor = self.tag = self.implicit = None
        self.start_mark, self.end_mark = values[:2]


class CollectionStartEvent:
    """The start of a sequence or a mapping: anchor, tag, implicit, marks, flow style."""

    __slots__ = ("anchor", "end_mark", "implicit", "start_mark", "tag")

    def __init__(
        self, anchor: Any, tag: Any, implicit: Any, start_mark: Any, end_mark: Any, flow_style: Any = None
    ) -> None:
        self.anchor = anchor
        self.tag = tag
        self.implicit = implicit
        self.start_mark = start_mark
        self.end_mark = end_mark


class AliasEvent:
    """anchor, marks."""

    __slots__ = ("anchor", "end_mark", "start_mark")

    def __init__(self, anchor: Any, start_mark: Any, end_mark: Any) -> None:
        self.anchor = anchor
        self.start_mark = start_mark
        self.end_mark = end_mark


class ScalarEvent:
    """anchor, tag, (plain implicit, quoted implicit), value, marks, style."""

    __slots__ = ("anchor", "end_mark", "implicit", "start_mark", "style", "tag", "value")

    def __init__(
        self, anchor: Any, tag: Any, implicit: Any, value: Any, start_mark: Any, end_mark: Any, style: Any = None
    ) -> None:
        self.anchor = anchor
        self.tag = tag
        self.implicit = implicit
        self.value = value
        self.start_mark = start_mark
        self.end_mark = end_mark
        self.style = style


class ParseError(Exception):
    """What the scanner or the parser refuses: `problem` in its words, and a mark where it has one."""

    def __init__(
        self, context: Any = None, context_mark: Any = None, problem: Any = None, problem_mark: Any = None, *_: Any
    ) -> None:
        super().__init__(problem or context)
        self.context = context
        self.context_mark = context_mark
        self.problem = problem
        self.problem_mark = problem_mark


class ScannerError(ParseError):
    """What the scanner refuses: it counts lines in another way than the parser, see `node`."""


class ReaderError(Exception):
    """A character that YAML does not allow: `position` in the encoded text, `reason` in the parser's words."""

    def __init__(self, name: Any, position: Any, character: Any, encoding: Any, reason: Any) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


class Parser(NamedTuple):
    """The C parser's class and what it makes and raises."""

    parser: Any
    events: Any
    reader_error: type[Exception]
    parse_error: type[Exception]


_loaded: list[Parser] = []
_alone: list[bool] = []


def alone() -> None:
    """Say that this process is lblint's own, so that nobody else in it needs ruamel.yaml's C parser."""
    _alone.append(True)


def load() -> Parser:
    """The parser; the extension is loaded once. Raises ImportError where it is not installed."""
    if not _loaded:
        taken = _PACKAGE in sys.modules or "_ruamel_yaml" in sys.modules
        _loaded.append(_light() if _alone and not taken else _real())
    return _loaded[0]


def _real() -> Parser:
    from _ruamel_yaml import CParser
    from ruamel.yaml import events
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError as RealReaderError

    return Parser(CParser, events, RealReaderError, MarkedYAMLError)


class _StandIn(ModuleType):
    """A module of records: any class that is asked for and not given is a plain event."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (Event,), {"__slots__": ()})
        setattr(self, name, made)
        return made


def _light() -> Parser:
    before = {name: module for name, module in sys.modules.items() if name == "ruamel" or name.startswith("ruamel.")}
    modules = {name: _StandIn(name) for name in ("ruamel", _PACKAGE)}
    for short, error in _ERRORS.items():
        modules[f"{_PACKAGE}.{short}"] = module = _StandIn(f"{_PACKAGE}.{short}")
        setattr(module, error, {"reader": ReaderError, "scanner": ScannerError}.get(short, ParseError))
    for short in ("tokens", "events", "nodes"):
        modules[f"{_PACKAGE}.{short}"] = _StandIn(f"{_PACKAGE}.{short}")
    events = modules[f"{_PACKAGE}.events"]
    for made in (
        ScalarEvent,
        AliasEvent,
        type("SequenceStartEvent", (CollectionStartEvent,), {"__slots__": ()}),
        type("MappingStartEvent", (CollectionStartEvent,), {"__slots__": ()}),
    ):
        setattr(events, made.__name__, made)
    try:
        sys.modules.update(modules)
        from _ruamel_yaml import CParser
    finally:
        for name in modules:
            sys.modules.pop(name, None)
        sys.modules.update(before)
    return Parser(CParser, events, ReaderError, ParseError)
