"""Run lblint without something that other machines lack: a package, or names of modules of the standard library.

    python tests/hidden.py MODULE,MODULE:NAME,... ARGUMENT...

A module that is named cannot be imported; a NAME is deleted from its module before lblint is imported.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class Hider:
    """A finder before all others that says of some modules that they are not installed."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if any(name == hidden or name.startswith(hidden + ".") for hidden in self.names):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def hide(what: Sequence[str]) -> None:
    """Hide modules, and delete names from modules."""
    sys.meta_path.insert(0, Hider([name for name in what if ":" not in name]))
    for module, _, name in (item.partition(":") for item in what if ":" in item):
        loaded = importlib.import_module(module)
        if hasattr(loaded, name):
            delattr(loaded, name)


if __name__ == "__main__":
    hide([item for item in sys.argv[1].split(",") if item])
    from lblint.cli import main

    sys.exit(main(sys.argv[2:]))
