"""crossplane, or as much of it as a parse needs.

`import crossplane` also imports a builder, a formatter, a lexer for Lua blocks, JSON and glob: longer than a small
config takes to parse. A process of lblint's own imports the lexer and the parser alone, from their own files and
unchanged; what they import and never call here (`single` opens no other file) is a stand-in while they are imported.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from lblint import kept

_UNUSED = ("crossplane.compat", "glob")


def whole() -> Any:
    """The package as its authors start it."""
    if "crossplane" in sys.modules and "crossplane.builder" not in sys.modules:
        for name in [name for name in sys.modules if name.partition(".")[0] == "crossplane"]:
            del sys.modules[name]
    import crossplane

    return crossplane


def lexer_and_parser() -> tuple[Any, Any]:
    """Its modules of these names. Whether Lua blocks are known to the lexer is not said."""
    if kept.load is not None and "crossplane" not in sys.modules:
        return _alone()
    from crossplane import lexer, parser

    return lexer, parser


def _alone() -> tuple[Any, Any]:
    spec = next(found for finder in sys.meta_path if (found := finder.find_spec("crossplane", None)) is not None)
    package: Any = ModuleType("crossplane")
    package.__spec__, package.__path__ = spec, spec.submodule_search_locations
    unused = {name: ModuleType(name) for name in _UNUSED if name not in sys.modules}
    for module in unused.values():
        vars(module)["fix_pep_479"] = lambda generator: generator
    sys.modules.update(unused, crossplane=package)
    try:
        from crossplane import lexer, parser
    finally:
        for name in unused:
            del sys.modules[name]
    return lexer, parser
