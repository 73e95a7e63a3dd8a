"""Regular expressions that are compiled when they are first used: most files need few of the hundred there are."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, cast


class _Lazy:
    """Stands for a compiled pattern; each of its methods is looked up once."""

    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        method = self.__dict__[name] = getattr(re.compile(self._text, self._flags), name)
        return method


@cache
def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile`, put off until the first match. Raises `re.error` then, and not here, if it does not compile."""
    return cast("re.Pattern[str]", _Lazy(text, flags))
