"""Imports run one way: down the tree that README.md draws. And what is not needed is not imported."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "lblint"
TREE = re.compile(r"^[├└]── (?P<name>\w+)(?:\.py|/)  +(?P<what>\S.*)$", re.MULTILINE)
ENTRIES = {"__init__", "__main__"}
"""The package's own doors: they stand above every layer."""
FACADE = {"UncheckedError", "__version__"}
"""What lower layers may take from the package itself, as it needs nothing of theirs."""

LIBRARIES = {"click": "cli", "crossplane": "proxy", "docker": "swarm", "_ruamel_yaml": "source", "ruamel": "source"}
"""The layer that alone may import a library."""
HEAVY = {"asyncio", "crossplane", "ctypes", "dataclasses", "difflib", "docker", "importlib.metadata", "inspect", "json",
         "jsonschema", "logging", "pathlib", "ruamel", "subprocess", "tempfile", "tomllib", "urllib"}  # fmt: skip
"""What is imported only inside the function that needs it."""
INPUT_OUTPUT = {"io", "os", "pathlib", "shutil", "socket", "subprocess", "sys", "tempfile", "urllib"}
JUDGEMENT = {"Finding", "Hit"}
RULES = [path for path in sorted((PACKAGE / "rules").glob("*.py")) if path.stem != "__init__"]


def tree() -> list[str]:
    """The layers, lowest first, as README.md draws them below `lblint/`."""
    text = (ROOT / "README.md").read_text("utf-8")
    drawn = text.partition("\nlblint/\n")[2].partition("```")[0]
    return [match["name"] for match in TREE.finditer(drawn)]


LAYERS = tree()
MODULES = sorted(PACKAGE.rglob("*.py"))
EVERY = pytest.mark.parametrize("path", [pytest.param(p, id=str(p.relative_to(PACKAGE))) for p in MODULES])


def layer(path: Path) -> str:
    """The layer of a module: its folder, or its own name at the top."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path, top_only: bool = False) -> Iterator[tuple[str, str]]:
    """Every import of a module as (module, name); `name` is "" for `import module`."""
    module = ast.parse(path.read_text("utf-8"))
    nodes = module.body if top_only else list(ast.walk(module))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def layers_used(path: Path) -> Iterator[str]:
    """The layers that a module imports from."""
    for module, name in imports(path):
        parts = [*module.split("."), name]
        if parts[0] == "lblint" and parts[1] not in FACADE:
            yield parts[1]


def test_the_tree_is_drawn() -> None:
    assert LAYERS[0] == "finding"
    assert LAYERS[-1] == "cli"
    assert len(LAYERS) == len(set(LAYERS))


def test_the_tree_is_the_package() -> None:
    found = {layer(path) for path in MODULES} - ENTRIES
    assert sorted(LAYERS) == sorted(found)


@EVERY
def test_imports_run_down_the_tree(path: Path) -> None:
    own = layer(path)
    above = LAYERS[LAYERS.index(own) + 1 :] if own in LAYERS else []
    assert [used for used in layers_used(path) if used in above or used not in LAYERS] == []


@EVERY
def test_a_library_is_met_in_one_layer(path: Path) -> None:
    libraries = {module.partition(".")[0] for module, _ in imports(path)}
    assert {name for name in libraries if LIBRARIES.get(name, layer(path)) != layer(path)} == set()


@EVERY
def test_nothing_heavy_is_imported_at_module_level(path: Path) -> None:
    top = {name for module, _ in imports(path, top_only=True) for name in (module, module.partition(".")[0])}
    assert top & HEAVY == set()


@EVERY
def test_only_rules_judge(path: Path) -> None:
    own = layer(path)
    if own in LAYERS[1 : LAYERS.index("rules")]:
        assert {name for _, name in imports(path)} & JUDGEMENT == set()


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in RULES])
def test_a_rule_stands_alone_and_does_no_input_or_output(path: Path) -> None:
    others = {module for module, _ in imports(path) if module.startswith("lblint.rules.")}
    assert {name for name in others if not name.startswith("lblint.rules._")} == set()
    assert {module.partition(".")[0] for module, _ in imports(path)} & INPUT_OUTPUT == set()
    names = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
    assert names & {"eval", "exec", "input", "open", "print"} == set()


def loaded(code: str) -> set[str]:
    """The modules that a fresh interpreter holds after some code, without those it started with."""
    script = f"import sys\nbefore = set(sys.modules)\n{code}\nsys.stderr.write(' '.join(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_import_of_the_package_is_cheap() -> None:
    assert {name for name in loaded("import lblint") if name.startswith("lblint.")} == set()


def test_import_of_the_command_line_waits_for_its_command() -> None:
    assert {name for name in loaded("import lblint.cli") if name.startswith("lblint.")} == {"lblint.cli"}


CLEAN = """\
services:
  web:
    image: example/web:1.4
    networks: [front]
networks:
  front: {driver: overlay}
"""


def test_check_of_a_clean_file_loads_nothing_heavy(tmp_path: Path) -> None:
    file = tmp_path / "stack.yml"
    file.write_text(CLEAN)
    names = loaded(f"from lblint.cli import main\nassert main(['check', {str(file)!r}]) == 0")
    assert {"lblint.lint", "lblint.stack"} <= names
    unwanted = {"asyncio", "crossplane", "docker", "json", "jsonschema", "requests", "ruamel", "subprocess", "urllib3"}
    assert names & unwanted == set()
