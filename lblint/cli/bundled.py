"""What a run has found out, written into the bundle for the next one."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import ModuleType
from typing import Any

from lblint import kept
from lblint.cli.bundle import Entry
from lblint.pattern import programs


def add(path: str, magic: bytes, entries: Mapping[str, Entry], names: Iterable[str]) -> None:
    """Write the bundle with these modules besides those that it has, if there is anything new. Never raises."""
    found = {name: entry for name in names if (entry := _entry(name, sys.modules[name])) is not None}
    made = programs()
    kept.PATTERNS.update(made)
    rules = sys.modules.get("lblint.rules")
    learnt = rules is not None and rules.learn()
    if not (found or made or learnt or "data" in kept.news):
        return
    content = magic + marshal.dumps(({**entries, **found}, (kept.PATTERNS, kept.RULES, kept.DATA)))
    draft = f"{path}.{os.getpid()}"
    try:
        # as Python writes .pyc files: nobody else may write what is run, whatever the umask allows
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.write(content)
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            os.unlink(draft)


def _entry(name: str, module: ModuleType) -> Entry | None:
    spec: Any = module.__spec__
    if name == "lblint.__main__" or not spec or not spec.origin or not hasattr(spec.loader, "get_code"):
        return None
    try:
        before = os.stat(spec.origin)
        code = spec.loader.get_code(name)
    except (OSError, ImportError, SyntaxError):
        return None
    is_package = spec.submodule_search_locations is not None
    return spec.origin, is_package, before.st_mtime_ns, before.st_size, marshal.dumps(code)
