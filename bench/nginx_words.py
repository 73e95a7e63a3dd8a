"""Whether nginx reads from a text what was meant, by its own reader: crossplane is not to be the only judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.proxy.directive import Directive, value
from lblint.proxy.nginx_lexer import read


def meant(tree: Sequence[Directive]) -> Iterator[tuple[str, ...]]:
    """The tree as the reader gives it."""
    for directive in tree:
        words = (value(directive.name), *map(value, directive.args))
        yield (*words, ";" if directive.block is None else "{")
        if directive.block is not None:
            yield from meant(directive.block)
            yield ("}",)


def as_meant(text: str, tree: Sequence[Directive]) -> bool:
    """Whether nginx reads from the text just what was meant."""
    plain = [tuple(word.encode(errors="replace").decode() for word in words) for words in meant(tree)]
    return read(text.encode(errors="replace").decode()) == plain
