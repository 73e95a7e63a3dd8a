"""Values of the deployer's environment: no report shows one, wherever the stack file uses its variable."""

from __future__ import annotations

import os
import random
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from conftest import nginx
from editor import Editor
from fixture import FIXTURES, mains
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from stacks import GOOD

from lblint.cli import main
from lblint.finding import Edit, Fix, Hit, Place
from lblint.finding import Path as Steps
from lblint.lint.redaction import SHARED, Redactor
from lblint.report import FORMATS
from lblint.source import Source, read

Capture = pytest.CaptureFixture[str]
STACKS = [path for path in mains(FIXTURES / "rules", "*/*.yml") if path.stat().st_size < 4000]
SHAPES = (
    "${TOKEN}", "$TOKEN", "http://${TOKEN}", "https://u:${TOKEN}@h/x", "${TOKEN}.example.com", "a-${TOKEN}",
    "${TOKEN}:80", "{{.Node.${TOKEN}}}", "A=${TOKEN}", "/${TOKEN}/", "${TOKEN}${TOKEN}", " ${TOKEN}", "${TOKEN:-x}",
    "node.labels.${TOKEN}==1", "${TOKEN}==x", "x@sha256:${TOKEN}", '"${TOKEN}"', "${TOKEN};", "${TOKEN}\t{",
)  # fmt: skip
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def token_of(seed: int, parts: int, sign: str) -> str:
    """A secret of some words with a sign between them; by chance alone, which knows no word of a report."""
    chance = random.Random(seed)
    return sign.join("".join(chance.choices(LETTERS, k=chance.randint(10, 24))) for _ in range(parts))


TOKENS = st.builds(token_of, st.integers(0, 2**32), st.integers(1, 3), st.sampled_from("/+=.-_:@ \\\"'é"))


def scalars(source: Source, value: Any, path: Steps = ()) -> Iterator[Place]:
    """Yield the places of the values that are written in one line."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from scalars(source, inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from scalars(source, inner, (*path, index))
    elif value is not None:
        yield Place(source.name, path)


def planted(text: str, choices: list[tuple[int, str]]) -> str:
    """A stack file with the variable in the place of some of its values."""
    source = read(text.encode(), "stack.yml")
    places = list(scalars(source, source.data))
    if not places:
        return text
    spans = {source.position(places[at % len(places)]): shape for at, shape in choices}
    lines = text.splitlines()
    last = (len(lines) + 1, 0)
    for at, shape in sorted(spans.items(), reverse=True):
        if at.line == at.end_line and (at.end_line, at.end_column) <= last:
            line = lines[at.line - 1]
            quoted = "'" + shape.replace("'", "''") + "'"
            lines[at.line - 1] = line[: at.column - 1] + quoted + line[at.end_column - 1 :]
            last = (at.line, at.column)
    return "\n".join(lines) + "\n"


def leaks(token: str, shown: str, text: str) -> list[str]:
    """The parts of a token that are shown, and that the stack file does not have."""
    low, own = shown.lower(), text.lower()
    parts = (token.lower()[at : at + SHARED] for at in range(len(token) - SHARED + 1))
    return [part for part in parts if part in low and part not in own]


CHOICES = st.lists(st.tuples(st.integers(0, 200), st.sampled_from(SHAPES)), min_size=1, max_size=4)


def everything(words: list[str], capsys: Capture) -> str:
    """All that a check prints and writes, in every format."""
    capsys.readouterr()
    files = [f"out.{name}" for name in FORMATS]
    main(["check", "-v", "--color", "never", *words, *(w for n in FORMATS for w in ("--format", n, "-o", f"out.{n}"))])
    shown = "".join(capsys.readouterr())
    return shown + "".join(Path(name).read_text("utf-8", "replace") for name in files if os.path.exists(name))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(STACKS), CHOICES, TOKENS, st.sampled_from((["-n", "shop"], ["--diff"], ["--fix"])))
def test_no_format_shows_a_value(
    capsys: Capture, path: Path, choices: list[tuple[int, str]], token: str, words: list[str]
) -> None:
    text = planted(path.read_text("utf-8", "replace"), choices)
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"TOKEN": token}):
        before = os.getcwd()
        os.chdir(folder)
        try:
            Path("stack.yml").write_text(text, "utf-8")
            more = [] if words == ["-n", "shop"] else ["--unsafe-fixes"]
            shown = everything([*words, *more, "--no-config", "stack.yml"], capsys)
            assert leaks(token, shown, text) == []
            assert leaks(token, Path("stack.yml").read_text("utf-8"), text) == [], "no fix writes it into the file"
        finally:
            os.chdir(before)


@pytest.mark.skipif(nginx() is None, reason="no nginx")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHOICES, TOKENS)
@example([(5, "${TOKEN};")], "wJalrXUtnFEMI/K7MDENGbPxRfiCY")
def test_nginx_does_not_show_one(capsys: Capture, choices: list[tuple[int, str]], token: str) -> None:
    text = planted(GOOD, choices)
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"TOKEN": token}):
        before = os.getcwd()
        os.chdir(folder)
        try:
            Path("stack.yml").write_text(text, "utf-8")
            assert leaks(token, everything(["--nginx", str(nginx()), "stack.yml"], capsys), text) == []
        finally:
            os.chdir(before)


def test_an_editor_does_not_show_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "wJalrXUtnFEMI/K7MDENG"
    monkeypatch.setenv("TOKEN", token)
    text = GOOD.replace("shop.example.com", "http://${TOKEN}/").replace('"8080"', "${TOKEN}")
    (tmp_path / "stack.yml").write_text(text)
    editor = Editor(tmp_path)
    try:
        found = str(editor.shows("stack.yml", text))
    finally:
        editor.end()
    assert "${TOKEN}" in found
    assert leaks(token, found, text) == []


def check(tmp_path: Path, capsys: Capture, text: str, **files: str) -> str:
    """What a check of a stack prints."""
    (tmp_path / ".git").mkdir(exist_ok=True)
    for name, content in files.items():
        (tmp_path / name.replace("_", ".")).write_text(content)
    (tmp_path / "stack.yml").write_text(text)
    capsys.readouterr()
    main(["check", str(tmp_path / "stack.yml")])
    return "".join(capsys.readouterr())


HOSTS = GOOD.replace("shop.example.com", "http://${NAME}")


def test_the_variable_stands_for_its_value(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "wJalrXUtnFEMI")
    shown = check(tmp_path, capsys, HOSTS)
    assert '"http://${NAME}" is a URL' in shown
    assert "help:   write ${NAME}" in shown


def test_what_the_repository_says_is_shown(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAME", raising=False)
    assert '"http://web.example.org" is a URL' in check(
        tmp_path, capsys, HOSTS, _lblint_yml="env: {NAME: web.example.org}\n"
    )
    assert '"http://web.example.net" is a URL' in check(
        tmp_path, capsys, HOSTS, _lblint_yml="env-file: a.env\n", a_env="NAME=web.example.net\n"
    )
    monkeypatch.setenv("NAME", "wJalrXUtnFEMI")
    assert "wJalr" not in check(tmp_path, capsys, HOSTS), "the environment comes before the settings"
    text = HOSTS + "x-hosts: wJalrXUtnFEMI\n"
    assert '"http://wJalrXUtnFEMI" is a URL' in check(tmp_path, capsys, text), "the file says it itself"


def test_short_values_are_replaced_where_the_variable_is_used(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAME", "80x")
    shown = check(tmp_path, capsys, GOOD.replace('"8080"', "${NAME}"))
    assert '"${NAME}" is not a valid port' in shown
    assert "80x" not in shown


def test_config_prints_it_as_docker_does(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "wJalrXUtnFEMI")
    (tmp_path / "stack.yml").write_text(HOSTS)
    assert main(["config", str(tmp_path / "stack.yml")]) == 0
    assert "http://wJalrXUtnFEMI" in capsys.readouterr().out
    (tmp_path / "stack.yml").write_text(HOSTS.replace("    deploy:", "    deploy:\n      replicas: ${NAME}", 1))
    assert main(["config", str(tmp_path / "stack.yml")]) == 1
    assert "wJalr" not in capsys.readouterr().err


def test_a_value_of_an_env_file_is_not_quoted(tmp_path: Path, capsys: Capture) -> None:
    text = GOOD.replace("    image:", "    env_file: a.env\n    image:", 1)
    shown = check(tmp_path, capsys, text, a_env="SECRET={{wJalrXUtnFEMI\n")
    assert "cannot expand the template '${SECRET}'" in shown
    assert "wJalr" not in shown


@pytest.mark.parametrize(
    ("value", "text", "shown"),
    [
        ("hunter2", "the host hunter2 is", "the host ${A} is"),
        ("hunter2", "the host hunter22 is", "the host hunter22 is"),
        ("abcdefgh1234", "xabcdefgh1234x", "x${A}x"),
        ("abcdefgh1234", "ABCDEFGH1234", "${A}"),
        ("abcdefgh1234", "abcdefgh12…", "${A}…"),
        ("abcdefgh1234", "efgh1234", "${A}"),
        ("abcdefgh1234", "defgh12", "defgh12"),
        ('a"b\\c defgh', '"a\\"b\\\\c defgh"', '"${A}"'),
        ("top/secret/word", "the path /secret and secrets", "the path /${A} and secrets"),
        ("https://example.org", "use https://", "use https://"),
        ("one two three", "one two three", "${A}"),
        ("prod", "in production", "in production"),
        ("7", "7 days", "7 days"),
    ],
)
def test_texts(value: str, text: str, shown: str) -> None:
    assert Redactor({"A": value}).text(text) == shown


def test_the_longest_value_counts() -> None:
    assert Redactor({"A": "shop", "B": "shop.example.org"}).text("shop.example.org and shop") == "${B} and ${A}"


def test_names_of_files_and_stacks_are_shown(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "web-shop")
    monkeypatch.chdir(tmp_path)
    Path("web-shop-stack.yml").write_text(HOSTS.replace("front: {", "front: {name: web-shop_front, "))
    main(["check", "-n", "web-shop", "web-shop-stack.yml"])
    shown = capsys.readouterr().out
    assert "web-shop-stack.yml:" in shown
    assert '"http://web-shop" is a URL' in shown
    assert "${NAME}-" not in shown


def test_a_fix_that_would_write_a_value_is_none() -> None:
    redactor = Redactor({"A": "wJalrXUtnFEMI"}, [read(b"a: 8080\n", "stack.yml")])
    place = Place("stack.yml", ("a",))
    fixes = tuple(
        Fix(f"write {value}", (Edit("write", place, value),))
        for value in ("wjalrxutnfemi", "8080", {"a": ["wJalrXUtnFEMI"]})
    )
    hit = redactor.hit(Hit(place, "a", fixes=fixes))
    assert [fix.title for fix in hit.fixes] == ["write 8080"]


def test_work_does_not_grow_with_the_number_of_values() -> None:
    """Each text is looked at once, however many variables there are."""
    redactor = Redactor({f"A{n}": f"value-number-{n:06}-x" for n in range(2000)})
    text = "nothing of it is here " * 20
    assert redactor.text(text) == text
    assert re.fullmatch(r"\$\{A[0-9]+\}", redactor.text("value-number-000007-x"))
