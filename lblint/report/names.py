"""Names and text as other programs take them: a file relative to the folder that lblint runs in, or as a URI."""

from __future__ import annotations

import os


def relative(file: str) -> str:
    """The name of a file as a pipeline knows it: without `./`, relative where it lies below the current folder. Names
    outside of it, and `-` for stdin, stay as they are. Bytes that are not UTF-8 are lone surrogates still."""
    if os.path.isabs(file):
        below = os.path.relpath(file, os.path.realpath("."))
        name = file if below == os.pardir or below.startswith(os.pardir + os.sep) else below
    else:
        name = os.path.normpath(file)
    return name if os.sep == "/" else name.replace(os.sep, "/")


def uri(file: str) -> str:
    """The name as a URI (RFC 3986): relative, or `file://` for an absolute one. Its bytes are percent-encoded but for
    letters, digits, `-._~` and the slash, so that it can be nothing else: no scheme, no query, no line break."""
    from urllib.parse import quote_from_bytes

    name = relative(file)
    try:
        encoded = quote_from_bytes(os.fsencode(name), safe="/")
    except UnicodeEncodeError:  # no name of a file: surrogates that stand for no byte
        encoded = quote_from_bytes(text(file).encode(), safe="/")
    return f"file://{'' if encoded.startswith('/') else '/'}{encoded}" if os.path.isabs(name) else encoded


def text(file: str) -> str:
    """The relative name as Unicode that every reader of JSON takes: bytes that are not UTF-8 become U+FFFD."""
    return relative(file).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain(text: str) -> str:
    """Text in which nothing is a link: `[text](target)` would be one (SARIF 3.11.6), and a label may hold it."""
    return text.replace("[", "\\[") if "](" in text else text
