"""What stands on a terminal: colour where it is wanted, snippets that fit and point at what they mean, nothing raw."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from stacks import BAD, GOOD
from terminal import on_a_terminal, shown

import lblint
from lblint.finding import Position
from lblint.report.snippet import snippet

COLOUR_VARIABLES = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "COLUMNS", "LBLINT_DEBUG")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a stack that has an error, without the variables that change the output."""
    for name in COLOUR_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(lblint.__file__).parent.parent))
    (tmp_path / "stack.yml").write_text(BAD)
    return tmp_path


def piped(*words: str) -> bytes:
    """What lblint prints into a pipe."""
    return subprocess.run([sys.executable, "-m", "lblint", *words], capture_output=True, check=False).stdout


COLOURED = b"\x1b[1;31m"


@pytest.mark.parametrize(
    ("words", "env", "terminal", "pipe"),
    [
        ("", "", True, False),
        ("--color never", "FORCE_COLOR=1", False, False),
        ("--color always", "NO_COLOR=1 TERM=dumb", True, True),
        ("", "NO_COLOR=1", False, False),
        ("", "NO_COLOR=", True, False),
        ("", "NO_COLOR=1 FORCE_COLOR=1 CLICOLOR_FORCE=1", False, False),
        ("", "FORCE_COLOR=1", True, True),
        ("", "FORCE_COLOR=3 TERM=dumb CLICOLOR=0", True, True),
        ("", "FORCE_COLOR=0 CLICOLOR_FORCE=1", False, False),
        ("", "FORCE_COLOR=false", False, False),
        ("", "FORCE_COLOR=", True, False),
        ("", "CLICOLOR_FORCE=1 TERM=dumb CLICOLOR=0", True, True),
        ("", "CLICOLOR_FORCE=0", True, False),
        ("", "TERM=dumb", False, False),
        ("", "CLICOLOR=0", False, False),
        ("", "CLICOLOR=1", True, False),
    ],
)
def test_who_decides_on_colour(
    monkeypatch: pytest.MonkeyPatch, words: str, env: str, terminal: bool, pipe: bool
) -> None:
    variables = dict(word.split("=") for word in env.split())
    assert (COLOURED in on_a_terminal("check", *words.split(), "stack.yml", **variables)) is terminal
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (COLOURED in piped("check", *words.split(), "stack.yml")) is pipe


NAMES = [
    pytest.param("shop.example.com", id="ascii"),
    pytest.param("日本.example.com", id="wide"),
    pytest.param("日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語.example.com", id="wide and long"),
    pytest.param("e\u0301te\u0301.example.com", id="combining"),
    pytest.param("e" + "\u0301" * 30 + ".example.com", id="many combining"),
    pytest.param("🚢🐳.example.com", id="emoji"),
    pytest.param("👩\u200d🚀.example.com", id="joined emoji"),
    pytest.param("a\u202eb.example.com", id="bidirectional"),
    pytest.param("한글.example.com", id="hangul"),
    pytest.param("x" * 400 + ".example.com", id="long"),
]


OTHERS = "".join(f"{at}.example.com," for at in range(30))
BEFORE = ["", "a.example.com," * 20, "文.example.com," * 20, "e\u0301," * 40, "\t"]


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("before", BEFORE, ids=["", "long", "wide", "combining", "tab"])
@pytest.mark.parametrize("name", NAMES)
def test_the_caret_stands_below_what_is_wrong(name: str, before: str, columns: int) -> None:
    """Held against the cells of an emulated screen. The bad host is marked by its ends, `!` and `?`."""
    raw = f'hosts: "{before}!{name}?"'
    lines = snippet(raw, Position(1, raw.index("!") + 1, 1, raw.index("?") + 2), columns)
    source, underline = shown("\r\n".join(lines).encode(), columns)
    start = source.index("!")
    assert underline.index("^") == start
    marked = "".join(underline).rstrip()
    assert marked[start:] == "^" + "~" * (len(marked) - start - 1)
    if "?" in source:
        assert len(marked) - 1 == source.index("?")
    else:
        end = len("".join(cell or " " for cell in source).rstrip())
        assert source[end - 1] == "…"
        assert end >= columns - 1, "all of the width is used"
        assert len(marked) == end - 1
        assert columns < 100 or len(name) > 100, "a name that fits is shown whole"


@pytest.mark.parametrize("columns", [1, 5, 20, 79])
def test_a_snippet_takes_one_row_of_each(folder: Path, columns: int) -> None:
    text = GOOD.replace("shop.example.com", '"' + OTHERS + 'http://b.example.com"')
    (folder / "stack.yml").write_text(text)
    out = on_a_terminal("check", "--select", "invalid-host", "--color", "never", "stack.yml", columns=columns)
    lines = out.decode().splitlines()
    source = next(line for line in lines if line.startswith("  7 | "))
    underline = lines[lines.index(source) + 1]
    assert max(len(source), len(underline)) <= max(columns, 26)
    assert source[underline.index("^") :].startswith("http:")


def test_the_last_word_of_a_line_is_shown_whole(folder: Path) -> None:
    (folder / "stack.yml").write_text(GOOD.replace("shop.example.com", '"' + OTHERS + 'a b"'))
    out = on_a_terminal("check", "--select", "invalid-host", "stack.yml", columns=80, NO_COLOR="1")
    source = next(line for line in out.decode().splitlines() if line.startswith("  7 | …"))
    assert source.endswith('a b"')
    assert len(source) == 80


HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\x08\x7f\u202e\u2066\u200b"
ESCAPED = '"' + "".join(f"\\U{ord(char):08x}" for char in HOSTILE) + '.example.com"'


@pytest.mark.parametrize(
    "words", ["check", "check --format github", "check -v", "check -q", "routes", "render", "config"]
)
def test_nothing_of_a_stack_reaches_the_terminal_raw(folder: Path, words: str) -> None:
    name = f"{HOSTILE.replace('/', '')}stack.yml"
    text = GOOD.replace("shop.example.com", ESCAPED).replace("services:\n", f"x-note: {ESCAPED}\nservices:\n")
    text = text.replace("    image:", f"    labels: {{{ESCAPED}: {ESCAPED}}}\n    image:")
    (folder / name).write_text(text)
    out = on_a_terminal(*words.split(), name, NO_COLOR="1").decode()
    assert out.strip()
    assert all(char.isprintable() or char in "\r\n" for char in out)


@pytest.mark.parametrize("words", [["check", f"--{HOSTILE}"], [HOSTILE], ["check", f"{HOSTILE}.yml"],
                                   ["explain", HOSTILE], ["labels", HOSTILE], ["check", "--select", HOSTILE],
                                   ["check", "--format", HOSTILE], ["check", "-n", HOSTILE, "stack.yml"],
                                   ["check", "-o", f"none/{HOSTILE}", "stack.yml"]])  # fmt: skip
def test_nothing_of_the_arguments_reaches_the_terminal_raw(words: list[str]) -> None:
    out = on_a_terminal(*words, NO_COLOR="1").decode()
    assert out.strip()
    assert all(char.isprintable() or char in "\r\n" for char in out)
