"""Facts of mounts that rules on a stack and rules on what runs both ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lblint.lazy_re import pattern

_PIPE = pattern(r"(?://|\\\\)[.?][/\\]pipe[/\\].", re.IGNORECASE)


def odd_pipes(mount: Mapping[str, object]) -> list[str]:
    """The source and the target of a mount of the type npipe, where they are not named pipes of Windows."""
    paths = (str(mount.get("source") or ""), str(mount.get("target") or "")) if mount.get("source") else ()
    return [text for text in paths if not _PIPE.match(text)]
