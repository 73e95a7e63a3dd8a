"""`lblint routes` on the command line: formats, files, settings, and what it says where it cannot draw."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flowchart import parse
from pictures import Page, svg
from stacks import BAD, GOOD

from lblint.cli import main

Capture = pytest.CaptureFixture[str]
REFUSED = GOOD.replace("image:", "imagee:")
DRAWN = ("mermaid", "svg", "html")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stack.yml").write_text(GOOD)
    (tmp_path / "bad.yml").write_text(BAD)
    (tmp_path / "refused.yml").write_text(REFUSED)
    return tmp_path


def read_back(name: str, text: str) -> object:
    return {"mermaid": parse, "svg": svg, "html": Page, "json": json.loads, "text": str}[name](text)


@pytest.mark.parametrize("name", ["text", "json", *DRAWN])
def test_every_format_goes_to_the_terminal_and_to_a_file(folder: Path, capsys: Capture, name: str) -> None:
    assert main(["routes", "--format", name, "stack.yml", "bad.yml"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "shop" in out
    read_back(name, out)
    assert main(["routes", "--format", name, "-o", "picture", "stack.yml", "bad.yml"]) == 0
    assert capsys.readouterr() == ("", "")
    assert (folder / "picture").read_text() == out
    assert main(["routes", "--format", name, "-o", "-", "stack.yml", "bad.yml"]) == 0
    assert capsys.readouterr().out == out


@pytest.mark.parametrize("name", ["text", *DRAWN])
def test_a_refused_stack_is_told_and_exit_1(folder: Path, capsys: Capture, name: str) -> None:
    assert main(["routes", "--format", name, "stack.yml", "refused.yml"]) == 1
    out, err = capsys.readouterr()
    assert "refused.yml: docker refuses it" in err
    read_back(name, out)


@pytest.mark.parametrize("name", ["text", *DRAWN])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["gone.yml"], "gone.yml: No such file", id="no such file"),
        pytest.param(["-o", "none/a", "stack.yml"], "cannot write none/a: No such file", id="no folder"),
        pytest.param(["-o", "stack.yml", "stack.yml"], "it was read", id="over a stack file"),
        pytest.param(["-o", "link", "stack.yml"], "it was read", id="over a stack file, by a link"),
        pytest.param(["-o", "/dev/full", "stack.yml"], "No space left", id="full"),
        pytest.param(["-o", "a\0b", "stack.yml"], "cannot write", id="no name"),
        pytest.param(["-o", "refused.yml", "refused.yml"], "it was read", id="over a refused stack file"),
        pytest.param(["-o", ".lblint.yml", "stack.yml"], "it was read", id="over the settings"),
        pytest.param(["--interlock-config", "i.toml", "-o", "i.toml", "stack.yml"], "it was read", id="over config"),
        pytest.param(["--interlock-version", "new", "stack.yml"], "is not a version of UCP or MKE", id="no version"),
    ],
)
def test_what_cannot_be_is_exit_2(folder: Path, capsys: Capture, name: str, words: list[str], said: str) -> None:
    (folder / "link").symlink_to("stack.yml")
    (folder / ".lblint.yml").write_text("client: 28.0\n")
    (folder / "i.toml").write_text("[Extensions.default]\nProxyReplicas = 2\n")
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert main(["routes", "--format", name, *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", DRAWN)
def test_no_picture_of_what_could_not_be_checked(folder: Path, capsys: Capture, name: str) -> None:
    (folder / "large.yml").write_text("#" * (17 * 1024 * 1024))
    assert main(["routes", "--format", name, "stack.yml", "large.yml"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "large.yml: the file has" in err


def test_errors_are_red_and_settings_are_heeded(folder: Path, capsys: Capture) -> None:
    def red(*words: str) -> bool:
        assert main(["routes", "--format", "mermaid", *words, "bad.yml"]) == 0
        return ":::broken" in capsys.readouterr().out

    assert red()
    (folder / ".lblint.yml").write_text("rules:\n  invalid-host: warning\n")
    assert not red()
    assert red("--no-config")


def test_the_table_says_what_breaks(folder: Path, capsys: Capture) -> None:
    (folder / "api.yml").write_text(GOOD.replace("shop.example", "api.example").replace("web:", "api:"))
    assert main(["routes", "--color", "always", "bad.yml", "api.yml"]) == 0
    head, good, bad, *rest = capsys.readouterr().out.splitlines()
    assert head.startswith("HOST ")
    assert good.startswith("api.example.com ")
    assert re.fullmatch(r"\x1b\[31mhttp://shop\.example\.com .*\x1b\[0m", bad)
    assert rest[0] == ""
    assert rest[1].startswith('\x1b[31m✕ shop_web: com.docker.lb.hosts: "http://shop.example.com" is a URL')
    assert rest[1].endswith(" [invalid-host] bad.yml:7:30\x1b[0m")
    assert rest[2] == ""
    assert rest[3].startswith("1 error, ")
    assert "take down the proxy for both hosts" in rest[3]
    assert len(rest) == 4
    assert main(["routes", "bad.yml", "api.yml"]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert main(["routes", "api.yml"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_the_table_stays_where_a_rule_fails(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lblint.cli.inputs.check_stacks", lambda *words: {}["rule"])
    assert main(["routes", "stack.yml"]) == 0
    out, err = capsys.readouterr()
    assert "shop.example.com" in out
    assert "what breaks is not known: stack.yml: KeyError" in err
    assert main(["routes", "--format", "svg", "stack.yml"]) == 2
    assert capsys.readouterr().out == ""


def test_a_comment_that_silences_an_error_takes_its_red_away(folder: Path, capsys: Capture) -> None:
    line = next(line for line in BAD.splitlines() if "http://" in line)
    (folder / "bad.yml").write_text(BAD.replace(line, f"{line} # lblint: ignore[invalid-host] the proxy is no nginx"))
    assert main(["routes", "--format", "mermaid", "bad.yml"]) == 0
    assert ":::broken" not in capsys.readouterr().out


def test_proxies_of_the_config_are_named(folder: Path, capsys: Capture) -> None:
    (folder / "i.toml").write_text('[Extensions.a]\nProxyReplicas = 2\nProxyServiceName = "edge"\nPublishedPort = 81\n')
    assert main(["routes", "--format", "mermaid", "--interlock-config", "i.toml", "stack.yml"]) == 0
    lines, _ = parse(capsys.readouterr().out).nodes["p1"]
    assert lines[:2] == ["edge", "ports 81, 8443 (ingress)"]


def test_a_chart_that_no_renderer_draws_is_told_of(folder: Path, capsys: Capture) -> None:
    head, _, rest = GOOD.partition("  web:")
    service, _, networks = rest.partition("networks:\n  front:")
    many = "".join(f"  web{at}:{service.replace('shop.', f'shop{at}.')}" for at in range(600))
    (folder / "many.yml").write_text(f"{head}{many}networks:\n  front:{networks}")
    assert main(["routes", "--format", "mermaid", "many.yml"]) == 0
    out, err = capsys.readouterr()
    assert len(parse(out).edges) == 1201
    assert "--format html" in err
    assert main(["routes", "--format", "mermaid", "stack.yml"]) == 0
    assert capsys.readouterr().err == ""


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    hosts = ",".join(f"h{n}.example.com" for n in range(3000))
    (folder / "many.yml").write_text(GOOD.replace("shop.example.com", hosts))
    command = f"{sys.executable} -m lblint routes --format html many.yml | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "<!doctype "


def test_what_is_no_file_is_written_to_as_it_is(folder: Path) -> None:
    command = [sys.executable, "-m", "lblint", "routes", "--format", "svg", "-o", "/dev/stdout", "stack.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # a pipe
    assert svg(done.stdout).tag.endswith("svg")
    with (folder / "out").open("w") as out:
        subprocess.run(command, stdout=out, check=True)  # a file
    assert (folder / "out").read_text() == done.stdout


def test_a_file_name_that_is_no_text_is_shown_all_the_same(folder: Path, capsys: Capture) -> None:
    name = os.fsdecode(b"\xff<b>\n.yml")
    (folder / name).write_text(BAD)
    for format_ in DRAWN:
        assert main(["routes", "--format", format_, name]) == 0
        read_back(format_, capsys.readouterr().out)
