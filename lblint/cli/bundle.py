"""All modules of lblint and crossplane in one file of compiled code, so that a start reads one file and not 250; and
what else earlier runs found out (lblint/kept.py).

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
from types import CodeType, ModuleType
from typing import Any

from lblint import kept

_PACKAGE = __name__.partition(".")[0]
PACKAGES = (_PACKAGE, "crossplane")
_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
Entry = tuple[str, bool, int, int, bytes]
"""Path of the source, whether it is a package, time of change in ns, size in bytes, the code as marshal writes it."""

_Kept = tuple[
    dict[tuple[str | bytes, int], kept.Program], dict[str, kept.Known], dict[str, tuple[int, int, bytes]]
]
"""What lblint.kept holds: patterns, rules, data."""


class Bundle:
    """A finder and loader for `sys.meta_path` (importlib.abc) that serves the modules it has the code of."""

    def __init__(self, path: str) -> None:
        self.path = path
        entries, (kept.PATTERNS, kept.RULES, kept.DATA) = _read(path)
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

    def load(self, name: str) -> bool:
        """Import a module as Python would, without its locks and its search, of which a process of one thread has no
        need; False where it has to be found elsewhere."""
        spec = self.find_spec(name)
        around = sys.modules.get(spec.parent) if spec else None
        if around is None:
            return False
        module: Any = ModuleType(name)
        module.__spec__, module.__loader__, module.__file__ = spec, self, spec.origin
        module.__package__ = spec.parent
        sys.modules[name] = module
        try:
            self.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        setattr(around, name.rpartition(".")[2], module)
        return True

    def save(self) -> None:
        """Add what Python itself had to find and compile in this run. Never raises."""
        names = [name for name in sys.modules if name.partition(".")[0] in PACKAGES and name not in self.served]
        if (names or kept.news) and not sys.dont_write_bytecode:
            from lblint.cli.bundled import add

            add(self.path, magic(), self.entries, names)


def install() -> Bundle:
    """Put the bundle in front of Python's finders."""
    path = os.path.join(_FOLDER, "__pycache__", f"{_PACKAGE}.{sys.implementation.cache_tag}.bundle")
    bundle = Bundle(path)
    sys.meta_path.insert(0, bundle)
    kept.load = bundle.load
    return bundle


def magic() -> bytes:
    """What the code was compiled for: this very build of Python, with its switches."""
    return f"{sys.version} {sys.flags.optimize}\0".encode()


def _read(path: str) -> tuple[dict[str, Entry], _Kept]:
    nothing: tuple[dict[str, Entry], _Kept] = {}, ({}, {}, {})
    try:
        with open(path, "rb") as file:
            content = file.read()
        read = marshal.loads(memoryview(content)[len(magic()) :]) if content.startswith(magic()) else None
        entries, (patterns, rules, data) = read or nothing
    except (OSError, ValueError, EOFError, TypeError):
        return nothing
    sound = all(type(part) is dict for part in (entries, patterns, rules, data))
    return (entries, (patterns, rules, data)) if sound else nothing
