"""Imports run one way: down the tree that README.md draws. And what is not needed is not imported."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "lblint"
TREE = re.compile(r"^[├└]── (?P<name>\w+)(?:\.py|/)  +(?P<what>\S.*)$", re.MULTILINE)
ENTRIES = {"__init__", "__main__"}
"""The package's own doors: they stand above every layer."""
FACADE = {"UncheckedError", "__version__"}
"""What lower layers may take from the package itself, as it needs nothing of theirs."""

LIBRARIES = {"click": "cli", "crossplane": "proxy", "docker": "swarm", "h11": "guard", "jsonschema": "stack",
             "lsprotocol": "cli", "prometheus_client": "guard", "pygls": "cli", "ruamel": "source",
             "tomlkit": "interlock"}  # fmt: skip
"""The layer that alone may import a library."""
HEAVY = {"asyncio", "crossplane", "ctypes", "dataclasses", "difflib", "docker", "importlib.metadata", "inspect", "json",
         "jsonschema", "logging", "pathlib", "ruamel", "subprocess", "tempfile", "tomlkit", "tomllib",
         "urllib"}  # fmt: skip
"""What is imported only inside the function that needs it."""
INPUT_OUTPUT = {"io", "os", "pathlib", "shutil", "socket", "subprocess", "sys", "tempfile", "urllib"}
PURE = {"os.path"}
"""Of those, what works on names alone."""
JUDGEMENT = {"Finding", "Hit"}


def tree() -> list[str]:
    """The layers, lowest first, as README.md draws them below `lblint/`."""
    text = (ROOT / "README.md").read_text("utf-8")
    drawn = text.partition("\nlblint/\n")[2].partition("```")[0]
    return [match["name"] for match in TREE.finditer(drawn)]


LAYERS = tree()
MODULES = sorted(PACKAGE.rglob("*.py"))


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
    assert LAYERS[:2] == ["records", "finding"]
    assert LAYERS[-1] == "cli"
    assert len(LAYERS) == len(set(LAYERS))


def test_the_tree_is_the_package() -> None:
    found = {layer(path) for path in MODULES} - ENTRIES
    assert sorted(LAYERS) == sorted(found)


def broken(law: Callable[[Path], set[str]]) -> dict[str, set[str]]:
    """The modules that break a law, each with what breaks it."""
    return {str(path.relative_to(PACKAGE)): wrong for path in MODULES if (wrong := law(path))}


def test_imports_run_down_the_tree() -> None:
    def upward(path: Path) -> set[str]:
        own = layer(path)
        allowed = LAYERS[: LAYERS.index(own) + 1] if own in LAYERS else LAYERS
        return set(layers_used(path)) - set(allowed)

    assert broken(upward) == {}


def test_a_library_is_met_in_one_layer() -> None:
    def elsewhere(path: Path) -> set[str]:
        libraries = {module.partition(".")[0] for module, _ in imports(path)}
        return {name for name in libraries if LIBRARIES.get(name, layer(path)) != layer(path)}

    assert broken(elsewhere) == {}


def test_nothing_heavy_is_imported_at_module_level() -> None:
    def heavy(path: Path) -> set[str]:
        modules = {module for module, _ in imports(path, top_only=True)}
        if path.name == "python_parser.py":  # a class made of ruamel's, imported by yaml_parser.py where it is needed
            modules -= {module for module in modules if module.startswith("ruamel")}
        return HEAVY & (modules | {module.partition(".")[0] for module in modules})

    assert broken(heavy) == {}


def test_only_rules_judge() -> None:
    def judges(path: Path) -> set[str]:
        reader = layer(path) in LAYERS[1 : LAYERS.index("rules")]
        return JUDGEMENT & {name for _, name in imports(path)} if reader else set()

    assert broken(judges) == {}


def test_rules_stand_alone() -> None:
    """They share words through modules with an underscore, which are no rules."""

    def others(path: Path) -> set[str]:
        used = {module for module, _ in imports(path)} | {f"{module}.{name}" for module, name in imports(path)}
        rules = {p for p in MODULES if layer(p) == "rules" and not p.stem.startswith("_")}
        modules = {".".join(p.relative_to(ROOT).with_suffix("").parts) for p in rules}
        return used & modules if layer(path) == "rules" else set()

    assert broken(others) == {}


def test_rules_do_no_input_or_output() -> None:
    def meets_the_world(path: Path) -> set[str]:
        if layer(path) != "rules" or path.stem == "__init__":
            return set()
        names = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
        libraries = {module.partition(".")[0] for module, _ in imports(path) if module not in PURE}
        return names & {"eval", "exec", "input", "open", "print"} | libraries & INPUT_OUTPUT

    assert broken(meets_the_world) == {}


def loaded(code: str) -> set[str]:
    """The modules that a fresh interpreter holds after some code, without those it started with."""
    script = f"import sys\nbefore = set(sys.modules)\n{code}\nsys.stderr.write(' '.join(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_import_of_the_package_is_cheap() -> None:
    assert {name for name in loaded("import lblint") if name.startswith("lblint.")} == set()


def test_import_of_the_command_line_waits_for_its_command() -> None:
    assert {name for name in loaded("import lblint.cli") if name.startswith("lblint.")} == {
        "lblint.cli", "lblint.cli.exit_codes",
    }  # fmt: skip


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
    sys_argv = ["lblint", "check", str(file)]
    names = loaded(f"from lblint.cli import run\nsys.argv = {sys_argv}\nassert run() == 0")
    assert {"lblint.lint", "lblint.stack"} <= names
    unwanted = {"asyncio", "crossplane", "docker", "jsonschema", "requests", "subprocess", "urllib3"}
    assert names & unwanted == set()
