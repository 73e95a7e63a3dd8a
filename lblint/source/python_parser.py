"""ruamel.yaml's parser in Python, with the events, marks and error texts of the one in C.

The two have one author and one structure; they differ in tabs, anchors, tags, the marks of empty values, and the texts
of errors. Source of the facts: libyaml 0.1.7 scanner.c and parser.c, compared by tests/test_yaml_parsers.py.
"""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import DocumentEndEvent, ScalarEvent
from ruamel.yaml.loader import BaseLoader
from ruamel.yaml.reader import Reader, ReaderError
from ruamel.yaml.scanner import ScannerError
from ruamel.yaml.tokens import (
    AnchorToken,
    BlockEndToken,
    DirectiveToken,
    DocumentEndToken,
    FlowEntryToken,
    FlowSequenceEndToken,
    KeyToken,
    TagToken,
    ValueToken,
)

_BREAKS = "\r\n\x85\u2028\u2029"
_BREAK_OR_END = "\0" + _BREAKS
_BLANK_OR_END = " \t" + _BREAK_OR_END
_WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_")
_DIGITS = frozenset("0123456789")
_BLANKS = frozenset(" \t")
_URI = _WORD | frozenset(";/?:@&=+$,.!~*'()[]%")
_INDICATORS = re.compile(r"([+-]?)([0-9]?)([+-]?)")
_ESCAPE = re.compile(r"\\(?:x.{2}|u(.{4})|U(.{8})|.)", re.DOTALL)

_TEXTS = (
    (r"(mapping (?:keys|values)) are not allowed here", r"\1 are not allowed in this context"),
    (r"sequence entries are not allowed here", "block sequence entries are not allowed in this context"),
    (r"found character .* that cannot start any token", "found character that cannot start any token"),
    (r"found unknown escape character .*", "found unknown escape character"),
    (r"expected escape sequence of .*", "did not find expected hexdecimal number"),
    (r"found unexpected document separator", "found unexpected document indicator"),
    (r"expected indentation indicator in the range .*", "found an indentation indicator equal to 0"),
    (r"expected (?:chomping or indentation indicators|a comment or a line break), .*",
     "did not find expected comment or line break"),
    (r"expected ('.' or '.'), but got .*", r"did not find expected \1"),
    (r"expected the node content, .*", "did not find expected node content"),
    (r"expected '<document start>', .*", "did not find expected <document start>"),
    (r"found undefined tag handle .*", "found undefined tag handle"),
    (r"duplicate tag handle .*", "found duplicate %TAG directive"),
    (r"found duplicate YAML directive", "found duplicate %YAML directive"),
    (r"found incompatible YAML document .*", "found incompatible YAML document"),
    (r"expected URI escape sequence .*", "did not find URI escaped octet"),
    (r"expected URI, .*", "did not find expected tag URI"),
    (r"'utf-8' codec can't decode .*", "found an incorrect leading UTF-8 octet"),
)  # fmt: skip
_BLOCK_END = {"while parsing a block collection": "did not find expected '-' indicator"}


class PythonParser(BaseLoader):
    """Gives events and tokens of a text as `ruamel.yaml.cyaml.CParser` does."""

    top_level_block_style_scalar_no_indent_error_1_1 = True  # a block scalar is indented, at the top, too
    processing_version = (1, 1)  # whatever a directive says
    forward = Reader.forward_1_1  # counts the lines that NEL and the Unicode separators end

    def __init__(self, text: str) -> None:
        self._tag_mark: Any = None
        self._block_start: Any = None
        super().__init__(text, version=(1, 1))

    def get_event(self) -> Any:
        """The next event. Raises `MarkedYAMLError` with the text of libyaml."""
        try:
            return super().get_event()
        except MarkedYAMLError as error:
            _reword(error)
            raise

    def get_token(self) -> Any:
        """The next token. An anchor behind a tag has the tag's mark, for there its node starts.

        Raises `MarkedYAMLError` with the text of libyaml."""
        try:
            token = super().get_token()
        except MarkedYAMLError as error:
            _reword(error)
            raise
        if type(token) is AnchorToken and self._tag_mark is not None:
            token.start_mark = self._tag_mark
        self._tag_mark = token.start_mark if type(token) is TagToken else None
        return token

    def check_printable(self, data: Any) -> None:
        """Raises `ReaderError` for a character that YAML does not allow."""
        try:
            super().check_printable(data)
        except ReaderError as error:
            error.reason = "control characters are not allowed"
            raise

    def scan_to_next_token(self) -> None:
        """Go to the next token: a tab is a blank where no key can start."""
        while True:
            while self.peek() == " " or (self.peek() == "\t" and (self.flow_level or not self.allow_simple_key)):
                self.forward()
            if self.peek() == "#":
                while self.peek() not in _BREAK_OR_END:
                    self.forward()
            if not self.scan_line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_plain_spaces(self, indent: int, start_mark: Any) -> list[str] | None:
        """What stands between two parts of a plain scalar; None where a document indicator ends it."""
        blanks = self._run(_BLANKS)
        if self.peek() not in _BREAKS:
            return [blanks] if blanks else []
        first = self.scan_line_break()
        self.allow_simple_key = True
        breaks: list[str] = []
        while True:
            if self.check_document_start() or self.check_document_end():
                return None
            if self.peek() == "\t" and self.column < indent:
                problem = "found a tab character that violates indentation"
                raise self._error("while scanning a plain scalar", start_mark, problem)
            if self.peek() in " \t":
                self.forward()
            elif self.peek() in _BREAKS:
                breaks.append(self.scan_line_break())
            else:
                return [*([first] if first != "\n" else [] if breaks else [" "]), *breaks]

    def scan_anchor(self, TokenClass: Any) -> Any:  # noqa: N803 - the name of the base class
        """An anchor or an alias: ASCII letters, digits, `-` and `_`."""
        name = "alias" if self.peek() == "*" else "anchor"
        start_mark = self.get_mark()
        self.forward()
        value = self._run(_WORD)
        if not value or self.peek() not in _BLANK_OR_END + "?:,]}%@`":
            problem = "did not find expected alphabetic or numeric character"
            raise self._error(f"while scanning an {name}", start_mark, problem)
        return TokenClass(value, start_mark, self.get_mark())

    def scan_tag(self) -> Any:
        """A tag, as its handle (None for none) and the rest."""
        start_mark = self.get_mark()
        handle: str | None
        if self.peek(1) == "<":
            self.forward(2)
            handle, suffix = None, self.scan_tag_uri("tag", start_mark)
            if self.peek() != ">":
                raise self._error("while scanning a tag", start_mark, "did not find the expected '>'")
            self.forward()
        else:
            length = 1
            while self.peek(length) in _WORD:
                length += 1
            if self.peek(length) == "!":
                handle = self.prefix(length + 1)
                self.forward(length + 1)
                suffix = self.scan_tag_uri("tag", start_mark)
            else:
                handle = "!"
                self.forward()
                suffix = self.scan_tag_uri("tag", start_mark) if self.peek() in _URI else ""
                if not suffix:
                    handle, suffix = None, "!"
        if self.peek() not in _BLANK_OR_END:
            problem = "did not find expected whitespace or line break"
            raise self._error("while scanning a tag", start_mark, problem)
        return TagToken((handle, suffix), start_mark, self.get_mark())

    def fetch_stream_end(self) -> None:
        """The end of the text, which is at the start of a line."""
        if self.column:
            self.line, self.column = self.line + 1, 0
        self.stale_possible_simple_keys()
        super().fetch_stream_end()

    def scan_directive(self) -> Any:
        """A line that starts with `%`: only YAML and TAG are known."""
        start_mark = self.get_mark()
        self.forward()
        name = self._run(_WORD)
        if not name:
            raise self._error("while scanning a directive", start_mark, "could not find expected directive name")
        if self.peek() not in _BLANK_OR_END:
            raise self._error("while scanning a directive", start_mark, "found unexpected non-alphabetical character")
        value: tuple[Any, Any]
        if name == "YAML":
            self._run(_BLANKS)
            value = self._version(start_mark)
        elif name == "TAG":
            self._run(_BLANKS)
            value = self._tag_directive(start_mark)
        else:
            raise self._error("while scanning a directive", start_mark, "found unknown directive name")
        end_mark = self.get_mark()
        self._run(_BLANKS)
        if self.peek() == "#":
            while self.peek() not in _BREAK_OR_END:
                self.forward()
        if self.peek() not in _BREAK_OR_END:
            raise self._error("while scanning a directive", start_mark, "did not find expected comment or line break")
        self.scan_line_break()
        return DirectiveToken(name, value, start_mark, end_mark)

    def _run(self, characters: frozenset[str]) -> str:
        """Take the characters of a set that come next."""
        length = 0
        while self.peek(length) in characters:
            length += 1
        taken: str = self.prefix(length)
        self.forward(length)
        return taken

    def _error(self, context: str, start_mark: Any, problem: str) -> ScannerError:
        return ScannerError(context, start_mark, problem, self.get_mark())

    def _version(self, start_mark: Any) -> tuple[int, int]:
        numbers = []
        for part in range(2):
            length = 0
            while self.peek(length) in _DIGITS and length < 10:
                length += 1
            if length == 10:
                self.forward(length - 1)
                raise self._error("while scanning a %YAML directive", start_mark, "found extremely long version number")
            if not length:
                raise self._error(
                    "while scanning a %YAML directive", start_mark, "did not find expected version number"
                )
            numbers.append(int(self.prefix(length)))
            self.forward(length)
            if not part and self.peek() != ".":
                problem = "did not find expected digit or '.' character"
                raise self._error("while scanning a %YAML directive", start_mark, problem)
            if not part:
                self.forward()
        return numbers[0], numbers[1]

    def _tag_directive(self, start_mark: Any) -> tuple[str, str]:
        if self.peek() != "!":
            raise self._error("while scanning a tag directive", start_mark, "did not find expected '!'")
        self.forward()
        handle = "!" + self._run(_WORD)
        if self.peek() == "!":
            self.forward()
            handle += "!"
        elif handle != "!":
            raise self._error("while parsing a tag directive", start_mark, "did not find expected '!'")
        if self.peek() not in _BLANKS:
            raise self._error("while scanning a %TAG directive", start_mark, "did not find expected whitespace")
        self._run(_BLANKS)
        prefix: str = self.scan_tag_uri("directive", start_mark)
        if self.peek() not in _BLANK_OR_END:
            problem = "did not find expected whitespace or line break"
            raise self._error("while scanning a %TAG directive", start_mark, problem)
        return handle, prefix

    def scan_block_scalar_indicators(self, start_mark: Any) -> Any:
        """Chomping and indentation of a block scalar; a tab may follow them."""
        match = _INDICATORS.match(self.prefix(3))
        assert match is not None
        before, digit, behind = match.groups()
        chomping = before or (behind if digit else "")
        if digit == "0":
            self.forward(len(before))
            problem = "found an indentation indicator equal to 0"
            raise self._error("while scanning a block scalar", start_mark, problem)
        self.forward(len(before) + len(digit) + (len(behind) if digit and not before else 0))
        while self.peek() == "\t" or (self.peek() == " " and self.peek(1) in " \t"):
            self.forward()
        return {"+": True, "-": False, "": None}[chomping], int(digit) if digit else None

    def scan_block_scalar_indentation(self) -> tuple[list[str], int, Any]:
        """The empty lines at the start of a block scalar, its indentation, and the mark behind them."""
        breaks, end_mark, deepest = self._block_breaks(None)
        return breaks, deepest, end_mark

    def scan_block_scalar_breaks(self, indent: int) -> tuple[list[str], Any]:
        """Empty lines of a block scalar, and the mark behind them."""
        breaks, end_mark, _ = self._block_breaks(indent)
        return breaks, end_mark

    def _block_breaks(self, indent: int | None) -> tuple[list[str], Any, int]:
        breaks: list[str] = []
        end_mark, deepest = self.get_mark(), 0
        while True:
            while (indent is None or self.column < indent) and self.peek() == " ":
                self.forward()
            deepest = max(deepest, self.column)
            if (indent is None or self.column < indent) and self.peek() == "\t":
                problem = "found a tab character where an indentation space is expected"
                raise self._error("while scanning a block scalar", self._block_start, problem)
            if self.peek() not in _BREAKS:
                return breaks, end_mark, deepest
            breaks.append(self.scan_line_break())
            end_mark = self.get_mark()

    def scan_block_scalar(self, style: str, rt: bool | None = False) -> Any:
        """A block scalar."""
        self._block_start = self.get_mark()
        return super().scan_block_scalar(style, rt)

    def scan_flow_scalar(self, style: str) -> Any:
        """A quoted scalar. An escape for what is not a character is an error."""
        start_mark = self.get_mark()
        try:
            token = super().scan_flow_scalar(style)
        except ValueError:  # beyond Unicode
            token = None
        if token is not None and not any("\ud800" <= character <= "\udfff" for character in token.value):
            return token
        for match in _ESCAPE.finditer(self.buffer, start_mark.index):
            digits = match[1] or match[2]
            if digits and (0xD800 <= int(digits, 16) <= 0xDFFF or int(digits, 16) > 0x10FFFF):
                mark = self.get_mark()
                mark.index = match.start() + 2
                lines = re.split("\r\n|[" + _BREAKS + "]", self.buffer[: mark.index])
                mark.line, mark.column = len(lines) - 1, len(lines[-1])
                raise ScannerError("while parsing a quoted scalar", start_mark,
                                   "found invalid Unicode character escape code", mark)  # fmt: skip
        return token

    def parse_document_end(self) -> Any:
        """The end of a document. What follows its marker is another document's."""
        token = self.peek_token()
        start_mark = end_mark = token.start_mark
        explicit = self.check_token(DocumentEndToken)
        if explicit:
            end_mark = self.get_token().end_mark
        self.state = self.parse_document_start
        return DocumentEndEvent(start_mark, end_mark, explicit=explicit)

    def parse_flow_sequence_entry_mapping_key(self) -> Any:
        """The key of a pair in a list. libyaml skips what follows a `?` without a key."""
        self.get_token()
        if not self.check_token(ValueToken, FlowEntryToken, FlowSequenceEndToken):
            self.states.append(self.parse_flow_sequence_entry_mapping_value)
            return self.parse_flow_node()
        end_mark = self.get_token().end_mark
        self.state = self.parse_flow_sequence_entry_mapping_value
        return self.process_empty_scalar(end_mark)

    def process_empty_scalar(self, mark: Any, comment: Any = None) -> Any:
        """An empty value. In a mapping in brackets it stands where the next token does."""
        if self.state in (
            self.parse_flow_mapping_value,
            self.parse_flow_mapping_key,
            self.parse_flow_sequence_entry_mapping_end,
        ):
            mark = self.peek_token().start_mark
        return ScalarEvent(None, None, (True, False), "", mark, mark)

    def parse_block_mapping_value(self) -> Any:
        """A value of a mapping. An empty one stands behind its colon."""
        if self.check_token(ValueToken):
            end_mark = self.get_token().end_mark
            if not self.check_token(KeyToken, ValueToken, BlockEndToken):
                self.states.append(self.parse_block_mapping_key)
                return self.parse_block_node_or_indentless_sequence()
            self.state = self.parse_block_mapping_key
            return self.process_empty_scalar(end_mark)
        self.state = self.parse_block_mapping_key
        return self.process_empty_scalar(self.peek_token().start_mark)


def _reword(error: MarkedYAMLError) -> None:
    """Give an error libyaml's text and mark, if it does not have them."""
    problem = str(error.problem or "")
    if problem.startswith("expected <block end>"):
        error.problem = _BLOCK_END.get(str(error.context), "did not find expected key")
        return
    if problem.startswith(("found unknown escape character ", "expected URI escape sequence")):
        error.problem_mark.index -= 1
        error.problem_mark.column -= 1
    for pattern, text in _TEXTS:
        match = re.fullmatch(pattern, problem, re.DOTALL)
        if match is not None:
            error.problem = match.expand(text)
            return
