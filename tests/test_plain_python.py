"""lblint is plain Python: no private names of others, no module that it forges, no import system of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "lblint"
MODULES = [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in sorted(PACKAGE.rglob("*.py"))]

MODULE_NAMES = {"marshal", "_sre", "_frozen_importlib", "_frozen_importlib_external", "imp"}
CALLS = {"eval", "exec", "FunctionType", "CodeType", "ModuleType", "compile", "__import__"}
ATTRIBUTES = {"meta_path", "path_hooks", "path_importer_cache", "modules"}
"""Of `sys`; `sys.modules` may be read, which the check of writes below allows."""
SWITCHES = {"LBLINT_SLOW"}
"""Environment variables that once selected a second implementation."""

ALLOWED = {
    ("cli/__init__.py", "os._exit"),  # public, for all its underscore: it ends the process without taking it apart
}


def broken(path: Path) -> Iterator[tuple[int, str]]:
    """What a module has that is banned: line, and what stands there."""
    tree = ast.parse(path.read_text("utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("lblint"):
            imported |= {alias.asname or alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in MODULE_NAMES or any(_private(part) for part in alias.name.split(".")):
                    yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            own = module.partition(".")[0] == "lblint"
            for name in [*module.split("."), *(alias.name for alias in node.names)]:
                if name in MODULE_NAMES or name in {"FunctionType", "CodeType"} or (not own and _private(name)):
                    yield node.lineno, f"{module}.{name}"
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            plain = isinstance(node.func, ast.Name) or ast.unparse(node.func).split(".")[0] in ("types", "builtins")
            if name in CALLS and plain:
                yield node.lineno, f"{name}("
            if ast.unparse(node.func).startswith("sys.modules.") and name not in ("get", "keys", "items", "values"):
                yield node.lineno, ast.unparse(node.func)
        elif isinstance(node, ast.Attribute):
            of = ast.unparse(node.value)
            if of.partition(".")[0] in imported and _private(node.attr):
                yield node.lineno, f"{of}.{node.attr}"
            if of == "sys" and node.attr in ATTRIBUTES - {"modules"}:
                yield node.lineno, f"sys.{node.attr}"
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "sys.modules":
            if not isinstance(node.ctx, ast.Load):
                yield node.lineno, "sys.modules[...] ="
        elif isinstance(node, ast.Constant) and node.value in SWITCHES:
            yield node.lineno, str(node.value)


def _private(name: str) -> bool:
    """Whether a name is its owner's own affair."""
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


@pytest.mark.parametrize("path", MODULES)
def test_a_module_is_plain_python(path: Path) -> None:
    name = path.relative_to(PACKAGE).as_posix()
    assert [(line, what) for line, what in broken(path) if (name, what) not in ALLOWED] == []


def test_what_is_allowed_is_there() -> None:
    for name, what in ALLOWED:
        assert what in [said for _, said in broken(PACKAGE / name)], f"{name} has no {what} any more"


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nsys.modules['x'] = 1",
        "import sys\ndel sys.modules['x']",
        "import sys\nsys.modules.update(x=1)",
        "import sys\nsys.modules.pop('x')",
        "import sys\nsys.meta_path.insert(0, None)",
        "import _sre",
        "from _frozen_importlib import ModuleSpec",
        "import marshal",
        "from types import FunctionType",
        "import types\ntypes.FunctionType(None, {})",
        "import types\ntypes.ModuleType('x')",
        "from collections import _tuplegetter",
        "from ruamel.yaml import _x",
        "import _ruamel_yaml",
        "import re\nre._parser.parse('x')",
        "import os\nos._exit(0)",
        "eval('1')",
        "exec('1')",
        "import os\nos.environ.get('LBLINT_SLOW')",
    ],
)
def test_what_is_banned_is_seen(text: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(text)
    assert list(broken(module))
