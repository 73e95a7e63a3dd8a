"""What a file is read with."""

from __future__ import annotations

from collections.abc import Mapping

from lblint.records import NamedTuple
from lblint.stack.made import Mode


class Context(NamedTuple):
    """What the sections of one file are read with."""

    file: str
    version: str
    base: str
    env: Mapping[str, str]
    mode: Mode
