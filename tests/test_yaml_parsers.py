"""ruamel.yaml's parser in Python gives what its parser in C gives: trees, positions, refusals, findings and fixes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from lblint.source import yaml_parser
from lblint.source.encoding import decode
from lblint.source.nodes import Node, compose
from lblint.source.python_parser import PythonParser

ROOT = Path(__file__).parent.parent
FIXTURES = sorted((ROOT / "fixtures").rglob("*.yml"))
HIDDEN = Path(__file__).parent / "hidden.py"
EXTENSIONS = "_ruamel_yaml,_ruamel_yaml_clibz"

in_c = pytest.mark.skipif(not yaml_parser.load().in_c, reason="no ruamel.yaml.clib for this Python: nothing to compare")


def flat(root: Node | None) -> list[Any]:
    """A tree as a list that can be compared, an aliased node by its number."""
    out: list[Any] = []
    seen: dict[int, int] = {}
    waiting = [] if root is None else [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            out.append(seen[id(node)])
            continue
        seen[id(node)] = len(seen)
        scalar = isinstance(node.value, str)
        out.append((node.kind, node.value if scalar else len(node.value), node.tag, node.plain, node.start, node.end))
        if not scalar:
            waiting += [part for item in node.value for part in (item if isinstance(item, tuple) else (item,))]
    return out


def read(text: str, dialect: str, parser: yaml_parser.Parser, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    with monkeypatch.context() as patch:
        patch.setattr(yaml_parser, "load", lambda: parser)
        document = compose(text, dialect)
    return flat(document.root), document.broken, document.more, document.aliased


def differences(
    texts: list[str], monkeypatch: pytest.MonkeyPatch, dialects: tuple[str, ...] = ("v3", "v2")
) -> list[Any]:
    c = yaml_parser.load()
    python = c._replace(parser=PythonParser, in_c=False)
    found = []
    for text in texts:
        for dialect in dialects:
            one, other = (read(text, dialect, parser, monkeypatch) for parser in (c, python))
            if one != other:
                found.append((text, one[1], other[1]))
    return found


@in_c
def test_files_are_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [decode(path.read_bytes()).text for path in FIXTURES]
    assert len(texts) > 500
    assert differences(texts, monkeypatch, ("v3",)) == []


TEXTS = [
    "a: |\n b\n\n c\n", "a: >-\n b\n\n  c\n d\n", "a: >2+\n   b\n\n\nc: |0\n d\n", "a: | # x\n  b\n", "a: |\tx\n b\n",
    "a: |\n\tb\n", "x: |2-\n    q\n\ty\n", "a: !!str x\nb: !x y\nc: !<q> z\nd: ! e\nf: !!\n",
    "a: !x &b c\nd: &e !f g\n", "a: &x b\nc: *x\n", "a: &é b\n", "a: *.x\n",
    "a: \"x\\u00e9 \\\n  y\"\nb: 'q''r\n\n s'\n", 'a: "\\ud800"\n', 'a: "\\q"\n', 'a: "\\U00110000"\n', 'a: "\\x1"\n',
    "a: \"\\'\"\n", 'a: "b\n', 'a: "\n---\n', "? a\n: b\n? [c,d]\n: {e: f, g}\n",
    "%YAML 1.1\n%TAG ! tag:x,1:\n---\na: !foo b\n...\n", "%YAML 1.2\n---\na: b\n", "%YAML 1111111111.1\n",
    "%x y\n---\n", "%TAG !\n", "%TAG !a b\n", "%TAG ! %\n", "- a\n-\n  - b\n- c: d\n  e:\n  - f\n  -\n",
    "a:\tb\t#c\n- \tx\n", "a: b\tc\n \td\n", "a:\n\tb: c\n", "{a: [1, 2,], b: {c: d,}, ? e : f}\n", "[a, ?, b, ?]\n",
    "[? : x]\n", "{? }\n", "{a: , b}\n", "[a: , b]\n", "a: [80:80, b]\n", "{a:1, b:[2]}\n",
    "a: x\n  y\n\n  z # c\nb: 'x'\t\n", "a: 1\nb\n", "{", "[x", "a: [\n", "a: b: c\n", "- a\nb\n", "a: - b\n",
    "a\x85b: c\n\u2028d\n", "a: \x07\n", "a: b\n...\nc\n", "a: b\n--- c\n", "---\n", "a: @b\n", "a: `b\n", "a: %b\n",
    "a: !%41 b\n", "a: !%zz b\n", "a: !é b\n", "a: [b]]\n", "a: }\n", "'a': \"b\"c\n", "a: 'b' #c\n", "\ufeffa: b\n",
    "a: b\ufeff\n", "x" * 1030 + ": b\n", "[" + "x" * 1030 + ": b]\n", "? |\n a\n: b\n", "a: ? b\n", "!!str : b\n",
    "&a : b\n", "a: &b\nc: !!str\n", "- &a\n- *a\n", "a: *b\n", "-\ta: b\n", "a: |1\n  b\n c\n", "|\n a\n",
    "--- |\na\n", "--- >\n a\n...\n",
]  # fmt: skip


@in_c
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_read_alike(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert differences([text], monkeypatch) == []


@in_c
@pytest.mark.parametrize("seed", range(8))
def test_damaged_texts_are_read_alike(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(seed)
    short = [text for path in FIXTURES if len(text := decode(path.read_bytes()).text) < 800]
    pieces = [
        *" \n\t:-?#&*!|>'\"%@`{}[],ab01\\.<\r\x85\u2028",
        ": ",
        "- ",
        "!!str ",
        "\\u",
        "---\n",
        "...\n",
        "<<: *a",
        "&a ",
    ]
    texts = []
    for _ in range(150):
        text = dice.choice(TEXTS if dice.random() < 0.6 else short)
        for _ in range(dice.choice((1, 1, 2, 3))):
            at = dice.randrange(len(text) + 1)
            text = (
                text[:at]
                + "".join(dice.choices(pieces, k=dice.choice((0, 1, 1, 2))))
                + text[at + dice.choice((0, 1)) :]
            )
        texts.append(text)
    assert differences(texts, monkeypatch) == []


def run(*arguments: str, hidden: str = "") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, str(HIDDEN), hidden, *arguments]
    return subprocess.run(command, capture_output=True, check=False, cwd=ROOT, env={**os.environ, "COLUMNS": "100"})


@in_c
@pytest.mark.parametrize(
    "options", [("--format", "json"), (), ("--diff", "--unsafe-fixes"), ("--client", "20.10", "--format", "json")]
)
def test_findings_and_fixes_of_the_fixtures_are_the_same(options: tuple[str, ...]) -> None:
    files = [str(path.relative_to(ROOT)) for path in FIXTURES if "bad" in path.name][::9]
    one, other = (run("check", "--no-config", *options, *files, hidden=hidden) for hidden in ("", EXTENSIONS))
    assert other.returncode == one.returncode
    assert other.stdout == one.stdout
    assert other.stderr == one.stderr
    assert len(one.stdout) > 20_000 or options[:1] == ("--diff",)


def test_the_slower_parser_is_told_once_and_only_to_who_asks() -> None:
    files = [str(path.relative_to(ROOT)) for path in FIXTURES if "good" in path.name][:60]
    quiet = run("check", "--no-config", *files, hidden=EXTENSIONS)
    verbose = run("check", "--no-config", "-v", *files, hidden=EXTENSIONS)
    told = b"YAML is read with the slower parser in Python, because ruamel.yaml.clib is not installed"
    assert told not in quiet.stderr + quiet.stdout
    assert (verbose.stderr + verbose.stdout).count(told) == 1


@in_c
def test_with_the_parser_in_c_nothing_is_told() -> None:
    assert b"slower parser" not in run("check", "--no-config", "-v", str(FIXTURES[0])).stderr


def test_json_says_nothing_of_the_parser() -> None:
    done = run("check", "--no-config", "--format", "json", str(FIXTURES[0]), hidden=EXTENSIONS)
    assert "findings" in json.loads(done.stdout)


@pytest.mark.parametrize(
    ("system", "machine", "python", "implementation", "wanted"),
    [
        ("linux", "x86_64", "3.11", "CPython", True),
        ("linux", "aarch64", "3.14", "CPython", True),
        ("linux", "i686", "3.12", "CPython", True),
        ("darwin", "arm64", "3.13", "CPython", True),
        ("darwin", "x86_64", "3.14", "CPython", True),
        ("win32", "AMD64", "3.14", "CPython", True),
        ("win32", "x86", "3.11", "CPython", True),
        ("linux", "x86_64", "3.15", "CPython", False),
        ("linux", "x86_64", "3.16", "CPython", False),
        ("linux", "x86_64", "3.11", "PyPy", False),
        ("linux", "s390x", "3.12", "CPython", False),
        ("linux", "armv7l", "3.12", "CPython", False),
        ("linux", "riscv64", "3.12", "CPython", False),
        ("win32", "ARM64", "3.13", "CPython", False),
        ("freebsd14", "amd64", "3.11", "CPython", False),
    ],
)
def test_the_parser_in_c_is_required_where_it_has_a_wheel(
    system: str, machine: str, python: str, implementation: str, wanted: bool
) -> None:
    """Wheels of ruamel.yaml.clib 0.2.15 as PyPI lists them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (clib,) = [Requirement(text) for text in project["dependencies"] if text.startswith("ruamel.yaml.clib")]
    assert clib.marker is not None
    where = {"sys_platform": system, "platform_machine": machine, "python_version": python}
    assert clib.marker.evaluate({**where, "platform_python_implementation": implementation}) is wanted
