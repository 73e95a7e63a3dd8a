"""The tree that crossplane read against the tree that was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from lblint.finding import Place
from lblint.proxy.directive import Directive, value
from lblint.records import NamedTuple


class Difference(NamedTuple):
    """A directive that reads otherwise than meant; "" where one side has none. `place` is that of the meant one, or of
    the block around it."""

    meant: str
    found: str
    place: Place | None


def differences(
    meant: Sequence[Directive], found: Sequence[Mapping[str, Any]] | None, around: Place | None = None
) -> Iterator[Difference]:
    """The first difference of each block, in the order of the file: what follows one in its block means nothing."""
    for want, have in zip_longest(meant, found or ()):
        if want is None:
            yield Difference("", _words(have), around)
            return
        words = [value(want.name), *map(value, want.args)]
        place = want.place or around
        if have is None or words != [have["directive"], *have["args"]] or (want.block is None) != ("block" not in have):
            yield Difference(" ".join(words), _words(have) if have else "", place)
            return
        if want.block is not None:
            yield from differences(want.block, have["block"], place)


def _words(found: Mapping[str, Any]) -> str:
    return " ".join([found["directive"], *found["args"]])
