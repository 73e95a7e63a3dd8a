"""Where go-yaml reads on and the C parser stops: stand-ins that let it pass, character for character.

libyaml 0.1.7 is older than the copy that go-yaml was made of, and three things differ: a colon inside a plain scalar
of a flow collection (`[80:80]`, `{image: web:1.2}`), a tab in front of a comment that follows another comment, and a
byte order mark inside the text. Each is replaced by a character of the same length that means nothing, and put back
into the values. Source of the facts: go.yaml.in/yaml/v3 scannerc.go (yaml_parser_scan_plain_scalar,
yaml_parser_scan_comments, is_bom), compared with the docker client by tests/test_source_oracle.py.
"""

from __future__ import annotations

import re
from typing import Any

from lblint.lazy_re import pattern

BOM = "\ufeff"
_PRIVATE = range(0xE000, 0xF8FF)
_BUDGET = 4_000_000
"""Characters that are parsed again, all repairs of a file together: each repair starts the parser anew."""
_WINDOW = 65_536
"""How far back the comment before a tab is looked for, in characters."""
# A colon between two characters of a word means nothing, wherever it stands, but in tags, anchors and directives.
_INNER_COLON = pattern(
    r"^%.*|!<[^>\n]*>|[*&!%][^\s,\]}]*|(?<=[^\s,\[\]{}\"'?:]):(?=[^\s\x85\u2028\u2029])", re.MULTILINE
)
_COMMENT_LINES = pattern(r"(?:[ \t\r\n]*#[^\r\n]*)+")
_BREAK = pattern("\r\n|[\r\n\x85\u2028\u2029]")
_VERSION = pattern(r"^%YAML[ \t]+([0-9]{1,2})\.([0-9]{1,2})", re.M)
_INDENT = pattern(r"(?<![^\r\n])[ \t]+")


class Shadow:
    """A text with stand-ins: `text` is what the C parser gets; offsets are those of the file."""

    __slots__ = ("_bom", "_budget", "_colon", "dialect", "text")

    def __init__(self, text: str, dialect: str) -> None:
        self.text = text
        self.dialect = dialect
        self._colon = self._bom = ""
        self._budget = _BUDGET
        if BOM in text:
            self._bom = self._free()
            self.text = text.replace(BOM, self._bom)

    def mend(self, problem: str, offset: int) -> bool:
        """Try to get the parser past what it stopped at; False where go-yaml stops there too."""
        self._budget -= len(self.text)
        if problem == "found unexpected ':'" and self.text[offset : offset + 1] == ":" and self._budget > 0:
            return self._mend_colon(offset)
        if problem == "found character that cannot start any token" and self.text[offset : offset + 1] == "\t":
            return self._budget > 0 and self.dialect == "v3" and self._mend_tab(offset)
        return False

    def restore(self, value: str) -> str:
        """The text of a value as the file has it."""
        if self._colon:
            value = value.replace(self._colon, ":")
        return value.replace(self._bom, BOM) if self._bom else value

    @property
    def changed(self) -> bool:
        """Whether values need `restore`."""
        return bool(self._colon or self._bom)

    def _mend_colon(self, offset: int) -> bool:
        text = self.text
        if not self._colon:
            self._colon = colon = self._free()
            text = _INNER_COLON.sub(lambda match: colon if match[0] == ":" else match[0], text)
        if self._colon:
            self.text = text[:offset] + self._colon + text[offset + 1 :]
        return bool(self._colon)

    def _mend_tab(self, offset: int) -> bool:
        """go-yaml v3 reads comment lines that follow one another in one go, whatever stands in front of them."""
        text = self.text
        start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
        before = re.split(r"[\r\n]", text[max(0, start - _WINDOW) : start].rstrip(" \t\r\n"))[-1]
        comments = _COMMENT_LINES.match(text, start)
        if comments is None or not before.lstrip(" \t").startswith("#"):
            return False
        blanks = _INDENT.sub(lambda match: " " * len(match[0]), comments[0])
        self.text = text[:start] + blanks + text[comments.end() :]
        return True

    def _free(self) -> str:
        """A private-use character that the text does not hold; nothing where it holds them all."""
        return next((chr(code) for code in _PRIVATE if chr(code) not in self.text), "")


def beyond(parser: Any, text: str, offset: int) -> int | None:
    """Where the first document ends at `offset` but not the text: the offset of what is ignored, None for nothing.

    go-yaml v3 scans two tokens further than it needs, so it stops at what is wrong with those: raises what `parser`
    raises, with marks that count from `offset`.
    """
    tail = parser(text[offset:])
    names: list[str] = []
    for _ in range(4):  # the start of the stream, the token that ended the document, and two more
        token = tail.get_token()
        if token is None:
            break
        names.append(type(token).__name__)
    names.append("StreamEndToken")
    marker = names[1]
    if marker in ("DocumentStartToken", "DocumentEndToken") and names[2] == "StreamEndToken":
        return None
    if marker == "DocumentEndToken" and names[2:4] == ["DocumentStartToken", "StreamEndToken"]:
        return None
    return None if marker == "StreamEndToken" else offset


def line_breaks(text: str, end: int) -> int:
    """How many lines go-yaml counts before `end`: NEL and the Unicode separators end one too."""
    return len(_BREAK.findall(text, 0, end))


def other_version(text: str, end: int) -> tuple[int, int] | None:
    """Offset and line (from 0) of a `%YAML` directive for anything but 1.1, which go-yaml refuses, before `end`."""
    for match in _VERSION.finditer(text, 0, end):
        if (int(match[1]), int(match[2])) != (1, 1):
            return match.start(), line_breaks(text, match.start())
    return None
