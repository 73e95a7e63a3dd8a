"""Records are what `typing.NamedTuple` makes, only sooner."""

from __future__ import annotations

import ast
import copy
import pickle
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lblint import records

PACKAGE = Path(__file__).parent.parent / "lblint"


class Quick(records.NamedTuple):
    """A doc."""

    name: str
    count: int = 3
    words: tuple[str, ...] = ()

    @property
    def doubled(self) -> int:
        return self.count * 2

    def longer(self) -> Quick:
        return self._replace(name=self.name + "!")


class Slow(typing.NamedTuple):
    """A doc."""

    name: str
    count: int = 3
    words: tuple[str, ...] = ()

    @property
    def doubled(self) -> int:
        return self.count * 2

    def longer(self) -> Slow:
        return self._replace(name=self.name + "!")


USES: list[Callable[[Any], object]] = [
    lambda made: made("a"),
    lambda made: made(name="a", words=("b",)),
    lambda made: made("a", 1, ("b",)),
    lambda made: made("a") == ("a", 3, ()),
    lambda made: hash(made("a")),
    lambda made: made("a").doubled,
    lambda made: made("a").longer(),
    lambda made: made("a")._replace(count=7),
    lambda made: made("a")._asdict(),
    lambda made: made._make(["a", 1, ()]),
    lambda made: (made._fields, made._field_defaults, made.__match_args__, made.__doc__, made.__slots__),
    lambda made: made.__annotations__.keys(),
    lambda made: made.__mro__[-2:],
    lambda made: repr(made("a", 1.5)).partition("(")[2],
    lambda made: pickle.loads(pickle.dumps(made("a"))),
    lambda made: copy.deepcopy(made("a")),
    lambda made: [name for name in ("x", "name") if hasattr(made("a"), name)],
]
MISTAKES: list[Callable[[Any], object]] = [
    lambda made: made(),
    lambda made: made("a", 1, (), 2),
    lambda made: made("a", other=1),
    lambda made: made("a")._replace(other=1),
    lambda made: made._make(["a"]),
    lambda made: setattr(made("a"), "name", "b"),
    lambda made: setattr(made("a"), "other", "b"),
]


@pytest.mark.parametrize("use", USES)
def test_it_does_what_a_named_tuple_does(use: Callable[[Any], object]) -> None:
    assert use(Quick) == use(Slow)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_refuses_what_a_named_tuple_refuses(mistake: Callable[[Any], object]) -> None:
    for made in (Quick, Slow):  # which of the errors it is depends on the version of Python
        with pytest.raises((TypeError, ValueError, AttributeError)):
            mistake(made)


def test_no_module_makes_the_slow_kind() -> None:
    def slow(path: Path) -> bool:
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        return any(isinstance(node, ast.ImportFrom) and node.module in ("typing", "collections")
                   and any(alias.name.lower() == "namedtuple" for alias in node.names) for node in nodes)  # fmt: skip

    assert [path.name for path in PACKAGE.rglob("*.py") if slow(path)] == ["records.py"]
