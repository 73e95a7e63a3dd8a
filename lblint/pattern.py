"""Regular expressions that are compiled when they are first used: most files need few of the hundred there are."""

from __future__ import annotations

import re
from typing import Any, cast


class _Lazy:
    """Stands for a compiled pattern; each of its methods is looked up once."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._made = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        compiled = self.__dict__.get("_compiled")
        if compiled is None:
            compiled = self.__dict__["_compiled"] = re.compile(*self._made)
        method = self.__dict__[name] = getattr(compiled, name)
        return method


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile`, put off until the first match. Raises `re.error` then, and not here, if it does not compile."""
    return cast("re.Pattern[str]", _Lazy(text, flags))
