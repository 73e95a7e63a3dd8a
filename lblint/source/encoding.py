"""Bytes -> text by the rules of go-yaml's reader: UTF-8, or UTF-16 with a byte order mark; no control characters.

Source of the facts: go.yaml.in/yaml/v3 readerc.go.
"""

from __future__ import annotations

import codecs

from lblint.lazy_re import pattern
from lblint.records import NamedTuple

_FORBIDDEN = pattern("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Decoded(NamedTuple):
    """The text, without its byte order mark. `told` is what go-yaml says where it is no text; `byte` is at fault."""

    text: str
    encoding: str
    told: str = ""
    offset: int = 0
    byte: int = 0


def decode(content: bytes) -> Decoded:
    """Read the bytes of a file; what cannot be read is replaced, so that the place of it can be shown."""
    skip, encoding = next(((len(bom), name) for bom, name in _BOMS if content.startswith(bom)), (0, "utf-8"))
    content = content[skip:]
    try:
        return Decoded(content.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        offset = len(content[: error.start].decode(encoding, "replace"))
        message = _utf8(content[error.start :]) if encoding == "utf-8" else _utf16(content[error.start :], encoding)
        text = content.decode(encoding, "replace")
        return Decoded(text, encoding, f"yaml: {message}", offset, content[error.start])


def encode(text: str, like: bytes) -> bytes:
    """A text as the bytes of a file that was encoded like another one, with a byte order mark if that has one. Raises
    `UnicodeEncodeError` for a lone surrogate."""
    bom, encoding = next(((bom, name) for bom, name in _BOMS if like.startswith(bom)), (b"", "utf-8"))
    return bom + text.encode(encoding)


def forbidden(text: str) -> int | None:
    """The offset of the first character that YAML does not allow; None where there is none."""
    match = _FORBIDDEN.search(text)
    return match.start() if match else None


def _utf8(rest: bytes) -> str:
    lead = rest[0]
    width = next((n for n, mask, bits in ((2, 0xE0, 0xC0), (3, 0xF0, 0xE0), (4, 0xF8, 0xF0)) if lead & mask == bits), 0)
    if not width:
        return "invalid leading UTF-8 octet"
    if len(rest) < width:
        return "incomplete UTF-8 octet sequence"
    if any(byte & 0xC0 != 0x80 for byte in rest[1:width]):
        return "invalid trailing UTF-8 octet"
    value = lead & (0xFF >> (width + 1))
    for byte in rest[1:width]:
        value = value << 6 | byte & 0x3F
    short = value < {2: 0x80, 3: 0x800, 4: 0x10000}[width]
    return "invalid length of a UTF-8 sequence" if short else "invalid Unicode character"


def _utf16(rest: bytes, encoding: str) -> str:
    if len(rest) < 2:
        return "incomplete UTF-16 character"
    if int.from_bytes(rest[:2], "little" if encoding.endswith("le") else "big") & 0xFC00 == 0xDC00:
        return "unexpected low surrogate area"
    return "incomplete UTF-16 surrogate pair" if len(rest) < 4 else "expected low surrogate area"
