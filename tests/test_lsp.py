"""`lblint lsp` as an editor meets it: the real process, the protocol, and texts that are half typed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from editor import Editor
from fixture import ROOT
from stacks import BAD, GOOD

from lblint.cli import main

STACK = """\
services:
  web:
    image: example/web:1.4
    networks: [front]
    deploy:
      labels: {"com.docker.lb.port": "8080", "note": "🐳", "com.docker.lb.hosts": "http://shop.example.org"}
networks:
  front: {external: true}
"""
FIXED = STACK.replace("http://", "")


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    made = Editor(tmp_path)
    yield made
    made.end()


def applied(text: str, edit: dict[str, Any]) -> str:
    """A text after an edit; the editor counts in UTF-16."""
    lines = text.split("\n")

    def offset(at: dict[str, int]) -> int:
        line = lines[at["line"]].encode("utf-16-le")[: 2 * at["character"]].decode("utf-16-le")
        return sum(len(one) + 1 for one in lines[: at["line"]]) + len(line)

    return text[: offset(edit["range"]["start"])] + edit["newText"] + text[offset(edit["range"]["end"]) :]


def actions(editor: Editor, name: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    """What can be done about a finding."""
    params = {"textDocument": {"uri": editor.uri(name)}, "range": found["range"], "context": {"diagnostics": [found]}}
    given = editor.ask("textDocument/codeAction", params)
    assert isinstance(given, list)
    return given


def test_findings_come_and_go_with_the_text(editor: Editor) -> None:
    (found,) = editor.shows("stack.yml", STACK)
    assert (found["code"], found["severity"], found["source"]) == ("invalid-host", 1, "lblint")
    assert found["message"].endswith("\nhelp: write shop.example.org")
    line = STACK.split("\n")[5]
    start, end = (found["range"][edge] for edge in ("start", "end"))
    units = line.encode("utf-16-le")
    assert start["line"] == end["line"] == 5
    assert units[2 * start["character"] : 2 * end["character"]].decode("utf-16-le") == "http://shop.example.org"
    assert editor.shows("stack.yml", FIXED) == []
    assert [one["code"] for one in editor.shows("stack.yml", STACK)] == ["invalid-host"]
    assert editor.close() == 0


def test_a_fix_is_offered_and_does_what_it_says(editor: Editor) -> None:
    (found,) = editor.shows("stack.yml", STACK)
    fix, silence = actions(editor, "stack.yml", found)
    assert fix["isPreferred"] is True
    (edit,) = fix["edit"]["changes"][editor.uri("stack.yml")]
    assert applied(STACK, edit) == FIXED
    assert editor.shows("stack.yml", FIXED) == []
    assert "silence invalid-host" in silence["title"]


def test_a_comment_is_offered_where_it_silences(editor: Editor) -> None:
    (found,) = editor.shows("stack.yml", STACK)
    silence = actions(editor, "stack.yml", found)[-1]
    (edit,) = silence["edit"]["changes"][editor.uri("stack.yml")]
    silent = applied(STACK, edit)
    assert "  # lblint: ignore[invalid-host] reason\n" in silent
    assert editor.shows("stack.yml", silent) == []
    block = GOOD.replace(
        "com.docker.lb.hosts: shop.example.com", "com.docker.lb.hosts: |\n          http://shop.example.com"
    )
    assert block != GOOD
    for found in editor.shows("block.yml", block):
        for action in actions(editor, "block.yml", found):
            (edit,) = action["edit"]["changes"][editor.uri("block.yml")]
            assert not applied(block, edit).count("example.com  #"), "in a block of text it is no comment"


def test_all_line_ends(editor: Editor) -> None:
    for newline in ("\n", "\r\n", "\r"):
        (found,) = editor.shows("stack.yml", STACK.replace("\n", newline))
        assert found["range"]["start"]["line"] == 5
        (edit,) = actions(editor, "stack.yml", found)[0]["edit"]["changes"][editor.uri("stack.yml")]
        assert edit["range"]["start"]["line"] == 5
        assert newline not in edit["newText"]


def test_the_page_of_a_label_and_of_a_rule(editor: Editor) -> None:
    text = FIXED.replace("1.4", "1.4 # lblint: ignore[shared-host] canary")
    editor.shows("stack.yml", text)

    def hover(word: str) -> str:
        line, at = next((n, one.index(word)) for n, one in enumerate(text.split("\n")) if word in one)
        units = len(text.split("\n")[line][:at].encode("utf-16-le")) // 2
        place = {"line": line, "character": units + 1}
        params = {"textDocument": {"uri": editor.uri("stack.yml")}, "position": place}
        said = editor.ask("textDocument/hover", params)
        return "" if said is None else str(said["contents"]["value"])

    assert hover("com.docker.lb.hosts").startswith("# hosts\n")
    assert hover("com.docker.lb.port").startswith("# port\n")
    assert hover("shared-host").startswith("# shared-host\n")
    assert hover("image") == ""
    far = {"textDocument": {"uri": editor.uri("stack.yml")}, "position": {"line": 900, "character": 70}}
    assert editor.ask("textDocument/hover", far) is None


def test_labels_are_completed_where_a_key_is_typed(editor: Editor) -> None:
    text = "services:\n  web:\n    deploy:\n      labels:\n        com.docker.lb.ss\n        image: com.doc\n"
    editor.shows("stack.yml", text)

    def offered(line: int, character: int) -> list[dict[str, Any]]:
        place = {"line": line, "character": character}
        params = {"textDocument": {"uri": editor.uri("stack.yml")}, "position": place}
        given = editor.ask("textDocument/completion", params)
        assert isinstance(given, list)
        return given

    names = {one["label"] for one in offered(4, 24)}
    assert "com.docker.lb.ssl_cert" in names
    assert "com.docker.lb.ssl_only" not in names, "a dead one"
    cert = next(one for one in offered(4, 24) if one["label"] == "com.docker.lb.ssl_cert")
    assert applied(text, cert["textEdit"]).split("\n")[4] == "        com.docker.lb.ssl_cert"
    assert offered(5, 22) == []
    assert offered(0, 3) == []


NO_STACKS = {
    "stack.yml": "- hosts: all\n  tasks: []\n",
    "mkdocs.yml": "site_name: x\n",
    "notes.txt": STACK,
    "pyproject.toml": "[project]\nname = 'x'\n",
    "untitled:Untitled-1": STACK,
}


def test_what_is_no_stack_is_left_alone(editor: Editor) -> None:
    shown = [editor.shows(name, text) for name, text in NO_STACKS.items()]
    assert shown == [[]] * len(NO_STACKS)


def test_files_by_name_or_by_what_they_hold(editor: Editor) -> None:
    assert [one["code"] for one in editor.shows("web.yml", STACK)] == ["invalid-host"]
    toml = "[Extensions.default]\nProxyReplicas = 'two'\n"
    assert "interlock-value-type" in [one["code"] for one in editor.shows("config.toml", toml)]


ODD = ["", "services", "services:\n  - \t", "a: &a [*a]\n", "services: {web: {image: x}}\n\0", "\ud800", "# 🐳\n", BAD]


def test_half_typed_texts_end_nothing(editor: Editor) -> None:
    for text in [*ODD, *(STACK[:end] for end in range(0, len(STACK), 37))]:
        for found in editor.shows("stack.yml", text):
            actions(editor, "stack.yml", found)
    assert [one["code"] for one in editor.shows("stack.yml", STACK)] == ["invalid-host"]
    assert editor.close() == 0


def test_settings_above_the_file_hold(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".lblint.yml").write_text(
        "domains: [shop.example.org]\nstacks:\n  - {name: shop, files: [base.yml, over.yml]}\n"
    )
    (tmp_path / "base.yml").write_text(STACK)
    assert editor.shows("stack.yml", FIXED) == []
    (found,) = editor.shows("stack.yml", FIXED.replace("shop.", "shpo."))
    assert found["code"] == "host-not-allowed"
    over = "services:\n  web:\n    deploy:\n      labels:\n        com.docker.lb.network: shop_frnt\n"
    found_merged = [one["code"] for one in editor.shows("over.yml", over)]
    assert found_merged == ["network-label-not-joined"], "merged over base.yml"
    (tmp_path / "stack.yml").write_text(STACK)
    (tmp_path / ".lblint.yml").write_text("baseline: known.json\n")
    (found,) = editor.shows("stack.yml", STACK)
    assert "known.json" in found["message"]
    known = [sys.executable, "-m", "lblint", "check", "--no-config", "--write-baseline", "known.json", "stack.yml"]
    assert subprocess.run(known, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    assert editor.shows("stack.yml", STACK) == [], "what was there before is quiet"
    (tmp_path / ".lblint.yml").write_text("domain: []\n")
    (found,) = editor.shows("stack.yml", FIXED)
    assert "domain" in found["message"]
    assert found["range"]["start"] == {"line": 0, "character": 0}


def test_a_finding_that_is_gone_has_no_action(editor: Editor) -> None:
    (found,) = editor.shows("stack.yml", STACK)
    editor.shows("stack.yml", FIXED)
    assert actions(editor, "stack.yml", found) == []


def test_a_document_that_was_never_opened_has_nothing(editor: Editor) -> None:
    place = {"textDocument": {"uri": editor.uri("gone.yml")}, "position": {"line": 0, "character": 0}}
    assert editor.ask("textDocument/hover", place) is None
    assert editor.ask("textDocument/completion", place) == []
    assert editor.close() == 0


def test_without_pygls_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pygls.lsp.server", None)
    monkeypatch.delitem(sys.modules, "lblint.cli.lsp.server", raising=False)
    assert main(["lsp"]) == 2
    assert "pip install 'lblint[lsp]'" in capsys.readouterr().err


EDITORS = (ROOT / "docs" / "editors.md").read_text("utf-8")


def block(language: str) -> str:
    """The example of a language on the page."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", EDITORS, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_problem_matcher_of_the_page_reads_every_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (task,) = json.loads(block("json"))["tasks"]
    pattern = task["problemMatcher"]["pattern"]
    (tmp_path / "stack.yml").write_text(STACK.replace("[front]", "[front, back]"))
    monkeypatch.chdir(tmp_path)
    words = [word.replace("${workspaceFolder}", str(tmp_path)) for word in task["args"]]
    assert main(words) == 1
    found = re.findall(pattern["regexp"], capsys.readouterr().out, re.MULTILINE)
    assert main([*words, "--format", "json"]) == 1
    shown = json.loads(capsys.readouterr().out)["findings"]
    assert len(found) == len(shown) > 1
    names = {"line": "line", "column": "column", "severity": "severity", "message": "message", "code": "rule"}
    for one, told in zip(found, shown, strict=True):
        assert {key: one[pattern[key] - 1] for key in names} == {key: str(told[name]) for key, name in names.items()}


def test_the_commands_of_the_page_are_the_servers() -> None:
    server = tomllib.loads(block("toml"))["language-server"]["lblint"]
    assert [server["command"], *server["args"]] == ["lblint", "lsp"]
    assert 'cmd = { "lblint", "lsp" }' in block("lua")
    assert '("lblint" "lsp")' in block("elisp")


def test_quick_changes_are_one_check(editor: Editor) -> None:
    long = GOOD + "".join(f"x-{number}: a\n" for number in range(20_000))
    uri = editor.uri("stack.yml")
    editor.shows("stack.yml", GOOD)
    published = 0
    for number in range(20):
        change = {"textDocument": {"uri": uri, "version": 100 + number}, "contentChanges": [{"text": long}]}
        editor.tell("textDocument/didChange", change)
    change = {"textDocument": {"uri": uri, "version": 200}, "contentChanges": [{"text": BAD}]}
    editor.tell("textDocument/didChange", change)
    editor.findings.pop(uri)
    while not editor.findings.get(uri):
        if editor._read().get("method") == "textDocument/publishDiagnostics":
            published += 1
    assert published <= 2
    assert {one["code"] for one in editor.findings[uri]} >= {"invalid-host"}


def test_settings_show_their_mistakes_and_are_obeyed_when_they_are_saved(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / ".lblint.yml"
    assert "invalid-host" in {one["code"] for one in editor.shows("stack.yml", BAD)}
    (found,) = editor.shows(".lblint.yml", "client: 28\nrules:\n  invalid-hots: off\n")
    assert found["message"] == "there is no rule 'invalid-hots' (did you mean invalid-host?)"
    assert found["range"]["start"] == {"line": 2, "character": 2}
    assert editor.shows(".lblint.yml", "rules: {invalid-host: off}\n") == []
    path.write_text("rules: {invalid-host: off}\n")
    editor.findings.pop(editor.uri("stack.yml"))
    editor.tell("textDocument/didSave", {"textDocument": {"uri": editor.uri(".lblint.yml")}})
    while editor.uri("stack.yml") not in editor.findings:
        editor._read()
    assert "invalid-host" not in {one.get("code") for one in editor.findings[editor.uri("stack.yml")]}
    path.write_text("baseline: ../../none.json\n")
    (outside,) = editor.shows(".lblint.yml", "baseline: ../../none.json\n")
    assert "is outside of the repository" in outside["message"]
