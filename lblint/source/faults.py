"""The kinds of faults in the text of a file: what makes go-yaml or tomllib refuse it, and what they read differently.

A fault of a YAML file with words in `docker` makes docker refuse the file; one without is read in a way that its author
hardly meant.
"""

from __future__ import annotations

from lblint.finding import Fault


class InvalidYaml(Fault):
    """Text that go-yaml's parser refuses: its `problem`, and the `character` at which it stopped."""

    problem: str
    character: str


class TabIndent(Fault):
    """A line that is indented with a tab."""


class ForbiddenCharacter(Fault):
    """A control character, which YAML refuses wherever it stands; "" where the text ends."""

    character: str


class UndecodableByte(Fault):
    """A byte (`0x80`) that is not valid in the `encoding` of the file."""

    byte: str
    encoding: str


class UnknownAlias(Fault):
    """An alias whose anchor is not defined above it."""


class NestedTooDeep(Fault):
    """A file that nobody can tell anything about: it has more levels than lblint reads."""


class AliasBomb(Fault):
    """Aliases that repeat aliases until the file is larger than docker reads."""


class InvalidMerge(Fault):
    """A merge key `<<` whose value is not a mapping or a list of mappings."""


class KeyFault(Fault):
    """A fault of a mapping key. `offset` leads to a key that has no path, or shares it with its twin."""

    key: str = ""
    offset: int | None = None


class DuplicateKey(KeyFault):
    """A key that its mapping already has, on the line `first`."""

    first: int


class NonStringKey(KeyFault):
    """A key that YAML does not read as a string; `kind` is the name of its type, or that of its node."""

    kind: str


class TagMismatch(KeyFault):
    """A value (or key) that does not fit the YAML `tag` in front of it."""

    tag: str
    value: str


class ForeignTag(Fault):
    """A YAML `tag` that docker ignores."""

    tag: str


class BooleanWord(Fault):
    """A bare `word` such as `yes` that docker clients read as a string from 28.0 on, before that as a boolean."""

    word: str


class SecondDocument(Fault):
    """What follows the first document; `marker` is `---`, `...` or "" where neither separates them."""

    marker: str


class InvalidToml(Fault):
    """Text that tomllib refuses. `line` is the text of the line; `first` the line that has the key already, or 0."""

    problem: str
    line: str
    first: int = 0
