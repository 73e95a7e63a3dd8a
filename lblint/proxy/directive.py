"""The tree of directives that nginx.conf is meant to hold, and its text. Both come from the same description."""

from __future__ import annotations

from collections.abc import Sequence

from lblint.finding import Place
from lblint.records import NamedTuple


class Arg(NamedTuple):
    """A word of a directive that is more than itself.

    `written` is what stands in nginx.conf, raw; `value` what it is meant to read as. `user` is the part that a label
    brought and `place` where; a word of the frame that needs quotes has no place.
    """

    written: str
    value: str
    user: str = ""
    place: Place | None = None


Word = str | Arg


class Directive(NamedTuple):
    """One directive. `block` is None for one that ends with a semicolon.

    `place` is the label that it is there for. `times` says how many such lines the proxy would have where one stands
    for many (upstream servers). `written` replaces the text where a setting brings its own quotes and semicolon.
    """

    name: Word
    args: tuple[Word, ...] = ()
    block: tuple[Directive, ...] | None = None
    place: Place | None = None
    times: int = 1
    written: str = ""


class Line(NamedTuple):
    """One line of nginx.conf and the label that it came from; None for the frame. `text` may hold line breaks that a
    label brought."""

    text: str
    origin: Place | None


def user(text: str, place: Place | None, before: str = "", after: str = "") -> Arg:
    """A word holding the user's text, put in raw, as Interlock's template does."""
    whole = before + text + after
    return Arg(whole, whole, text, place)


def quoted(value: str) -> Arg:
    """A word of the frame that needs double quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return Arg(f'"{escaped}"', value)


def written(word: Word) -> str:
    """The word as it stands in nginx.conf."""
    return word if isinstance(word, str) else word.written


def value(word: Word) -> str:
    """The word as nginx is meant to read it."""
    return word if isinstance(word, str) else word.value


def lines(tree: Sequence[Directive]) -> list[Line]:
    """The text of the tree, one line for each directive and each closing brace."""
    result: list[Line] = []
    _add(tree, "", result)
    return result


def _add(tree: Sequence[Directive], indent: str, result: list[Line]) -> None:
    for directive in tree:
        name, args, block, place, _, raw = directive
        text = raw or " ".join([written(name), *map(written, args)])
        if block is None:
            result.append(Line(f"{indent}{text}" if raw else f"{indent}{text};", place))
        else:
            result.append(Line(f"{indent}{text} {{", place))
            _add(block, indent + "    ", result)
            result.append(Line(f"{indent}}}", place))


def size(text: str) -> int:
    """The length of the text in nginx.conf, in bytes."""
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
