"""Regular expressions that are compiled when they are first used: most files need few of the hundred there are.

Compiling takes longer than a small file's check, so the `lblint` script keeps what comes of it (lblint/kept.py).
"""

from __future__ import annotations

import _sre  # type: ignore[import-not-found]
import re
from functools import cache
from typing import Any, cast

from lblint import kept
from lblint.kept import Program

_used: list[tuple[str | bytes, int]] = []


class _Lazy:
    """Stands for a compiled pattern; each of its methods is looked up once."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self._made = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        compiled = self.__dict__.get("_compiled")
        if compiled is None:
            compiled = self.__dict__["_compiled"] = _compile(*self._made)
        method = self.__dict__[name] = getattr(compiled, name)
        return method


@cache
def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile`, put off until the first match. Raises `re.error` then, and not here, if it does not compile."""
    return cast("re.Pattern[str]", _Lazy(text, flags))


def _compile(text: str | bytes, flags: int) -> Any:
    program = kept.PATTERNS.get((text, flags))
    if program is not None:
        return _sre.compile(text, *program)
    _used.append((text, int(flags)))
    kept.news.append("pattern")
    return re.compile(text, flags)


def programs() -> dict[tuple[str | bytes, int], Program]:
    """What the patterns that this run had to compile came to; none of them where this Python does it otherwise."""
    try:
        made = {key: _program(*key) for key in _used}
        same = all(_sre.compile(text, *program) == re.compile(text, flags) for (text, flags), program in made.items())
    except Exception:  # these are Python's own affairs, and may be others in its next version
        return {}
    return made if same else {}


def _program(text: str | bytes, flags: int) -> Program:
    """As `re.compile` does it, up to the call of `_sre.compile`."""
    internal: Any = re
    parsed = internal._parser.parse(text, flags)
    groups = parsed.state.groupdict
    names: list[str | None] = [None] * parsed.state.groups
    for name, index in groups.items():
        names[index] = name
    code = list(map(int, internal._compiler._code(parsed, flags)))
    return int(flags | parsed.state.flags), code, parsed.state.groups - 1, dict(groups), tuple(names)
