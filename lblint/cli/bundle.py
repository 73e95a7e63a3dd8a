"""All modules of lblint in one file of compiled code, so that a start reads one file and not 250; and what else
earlier runs found out (lblint/kept.py).

Python finds, opens and checks every module by itself, which for a rule per module takes longer than running them. So
the `lblint` script keeps the code of the modules that it has used in `__pycache__`, beside Python's own .pyc files and
under the same conditions: made on the first run, silently left out where the folder cannot be written or
PYTHONDONTWRITEBYTECODE is set, and ignored for every module whose source has changed since (by size and time).
Only the script does this; whoever imports lblint gets Python's own import.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib import ModuleSpec  # importlib.machinery has it from there
from collections.abc import Sequence
from contextlib import suppress
from types import CodeType, ModuleType
from typing import Any

from lblint import kept

_PACKAGE = __name__.partition(".")[0]
_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_Entry = tuple[str, bool, int, int, bytes]
"""Path of the source, whether it is a package, time of change in ns, size in bytes, the code as marshal writes it."""

_Content = tuple[dict[str, _Entry], dict[tuple[str | bytes, int], kept.Program], dict[str, kept.Known]]
"""The modules by name, and what lblint.kept holds."""


class Bundle:
    """A finder and loader for `sys.meta_path` (importlib.abc) that serves the modules it has the code of."""

    def __init__(self, path: str, entries: dict[str, _Entry]) -> None:
        self.path = path
        self.entries = entries
        self.served: set[str] = set(sys.modules)

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        """The spec of a module whose source is as it was; None hands on to Python's own finders."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        source, is_package, changed, size, _ = entry
        try:
            now = os.stat(source)
        except OSError:
            return None
        if (now.st_mtime_ns, now.st_size) != (changed, size):
            return None
        self.served.add(name)
        spec = ModuleSpec(name, self, origin=source, is_package=is_package)  # type: ignore[arg-type]
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(source)]
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python to make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code."""
        exec(self.get_code(module.__name__), module.__dict__)

    def get_code(self, name: str) -> CodeType:
        """The compiled code of a module."""
        code: CodeType = marshal.loads(self.entries[name][4])
        return code

    def save(self) -> None:
        """Add the code of the modules that Python itself had to find in this run. Never raises."""
        if sys.dont_write_bytecode:
            return
        learnt = _learn()
        found = {
            name: entry
            for name, module in list(sys.modules.items())
            if name.partition(".")[0] == _PACKAGE and name not in self.served
            if (entry := _entry(name, module)) is not None
        }
        if not found and not learnt:
            return
        draft = f"{self.path}.{os.getpid()}"
        try:
            with open(draft, "wb") as file:
                file.write(_magic() + marshal.dumps(({**self.entries, **found}, kept.PATTERNS, kept.RULES)))
            os.replace(draft, self.path)
        except OSError:
            with suppress(OSError):
                os.unlink(draft)


def install() -> Bundle:
    """Put the bundle in front of Python's finders."""
    path = os.path.join(_FOLDER, "__pycache__", f"{_PACKAGE}.{sys.implementation.cache_tag}.bundle")
    entries, kept.PATTERNS, kept.RULES = _read(path)
    bundle = Bundle(path, entries)
    sys.meta_path.insert(0, bundle)
    return bundle


def _magic() -> bytes:
    """What the code was compiled for: this very build of Python, with its switches."""
    return f"{sys.version} {sys.flags.optimize}\0".encode()


def _read(path: str) -> _Content:
    magic = _magic()
    try:
        with open(path, "rb") as file:
            content = file.read()
        if not content.startswith(magic):
            return {}, {}, {}
        entries, patterns, rules = marshal.loads(memoryview(content)[len(magic) :])
    except (OSError, ValueError, EOFError, TypeError):
        return {}, {}, {}
    return (entries, patterns, rules) if {type(entries), type(patterns), type(rules)} == {dict} else ({}, {}, {})


def _learn() -> bool:
    """Keep what this run found out; whether it is anything new."""
    from lblint.pattern import programs

    made = programs()
    kept.PATTERNS.update(made)
    rules = sys.modules.get("lblint.rules")
    return bool(rules is not None and rules.learn()) or bool(made)


def _entry(name: str, module: ModuleType) -> _Entry | None:
    spec: Any = module.__spec__
    if name == f"{_PACKAGE}.__main__" or not spec or not spec.origin or not hasattr(spec.loader, "get_code"):
        return None
    try:
        before = os.stat(spec.origin)
        code = spec.loader.get_code(name)
    except (OSError, ImportError, SyntaxError):
        return None
    is_package = spec.submodule_search_locations is not None
    return spec.origin, is_package, before.st_mtime_ns, before.st_size, marshal.dumps(code)
