"""How far a long run is, on a terminal; and what a run did, for who asks."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from stacks import BAD, GOOD
from terminal import on_a_terminal, shown

import lblint
from lblint.cli import main
from lblint.lint import check_stacks, make_options
from lblint.source import read

Capture = pytest.CaptureFixture[str]

SLOW = """\
import os, sys, time
from lblint import lint
os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:{processors}])
def slow(merged, options, judge, look=lint.look):
    time.sleep({each})
    return look(merged, options, judge)
lint.look = slow
from lblint.cli import script
sys.exit(script())
"""
"""lblint on a machine where each file takes a while, with so many processors."""
FILES = 60


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with sixty stacks, each with a host of its own, one of them wrong."""
    for name in ("CI", "COLUMNS", "LBLINT_DEBUG", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(lblint.__file__).parent.parent))
    for at in range(FILES):
        text = BAD if at == 7 else GOOD
        (tmp_path / f"{at:02}-stack.yml").write_text(text.replace("shop.example.com", f"s{at}.example.com"))
    return tmp_path


def slowly(*words: str, each: float = 0.04, processors: int = 2, **env: str) -> bytes:
    """What a slow machine puts on the terminal as stderr."""
    with open(os.devnull, "wb") as nowhere:
        command = (sys.executable, "-c", SLOW.format(each=each, processors=processors))
        return on_a_terminal(*words, command=command, stdout=nowhere.fileno(), columns=60, **env)


DRAWN = re.compile(rb"\r\x1b\[K\[([#.]{20})\] (\d+)/60 reading files")


@pytest.mark.parametrize("processors", [1, 2], ids=["one process", "several processes"])
def test_a_long_run_shows_how_far_it_is_and_leaves_nothing(processors: int) -> None:
    out = slowly("check", ".", processors=processors)
    counts = [int(count) for _, count in DRAWN.findall(out)]
    assert len(set(counts)) > 1
    assert counts == sorted(counts)
    assert all(bar.count(b"#") == 20 * int(count) // FILES for bar, count in DRAWN.findall(out))
    assert shown(out, 60) == []
    assert DRAWN.sub(b"", out).replace(b"\r\x1b[K", b"") == b"" or b" ... " in out


@pytest.mark.parametrize(
    ("words", "env"),
    [
        pytest.param(["-q"], {}, id="quiet"),
        pytest.param([], {"CI": "true"}, id="CI"),
        pytest.param([], {"TERM": "dumb"}, id="a terminal that cannot go back"),
    ],
)
def test_nobody_who_cannot_want_it_gets_it(words: list[str], env: dict[str, str]) -> None:
    assert slowly("check", *words, ".", **env) == b""


def test_a_short_run_shows_nothing() -> None:
    """The alarm that draws is never armed for few files, and goes off only after a while."""
    out = on_a_terminal("check", "--format", "json", "00-stack.yml", columns=60)
    assert b"\r\x1b[K" not in out
    assert b"reading files" not in out


def test_no_progress_in_a_pipe() -> None:
    command = [sys.executable, "-c", SLOW.format(each=0.03, processors=2), "check", "."]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (1, b"")


def test_ctrl_c_takes_the_progress_away() -> None:
    def interrupt(process: subprocess.Popen[bytes], piece: bytes) -> None:
        if DRAWN.search(piece):
            process.send_signal(signal.SIGINT)

    with open(os.devnull, "wb") as nowhere:
        command = (sys.executable, "-c", SLOW.format(each=0.3, processors=2))
        out = on_a_terminal("check", ".", command=command, stdout=nowhere.fileno(), columns=60, told=interrupt)
    assert DRAWN.search(out)
    assert shown(out, 60) == []


def test_a_step_in_one_piece_is_shown_too() -> None:
    with tempfile.TemporaryDirectory() as place:  # nginx runs as nobody, who does not get into a test's folder
        program = Path(place) / "nginx"
        program.write_text("#!/bin/sh\nsleep 1.5\nexit 0\n")
        for path in (program, program.parent):
            path.chmod(0o755)
        out = slowly("check", f"--nginx={program}", "00-stack.yml", each=0)
    assert re.search(rb"asking nginx \.\.\. \d s", out)
    assert not any("asking" in "".join(row) for row in shown(out, 60))


def test_quiet_shows_only_what_decides(capsys: Capture) -> None:
    assert main(["check", "-q", "07-stack.yml"]) == 1
    out, err = capsys.readouterr()
    assert [line for line in out.splitlines() if line[0] != " "] == [out.splitlines()[0]]
    assert "[invalid-host]" in out
    assert err == ""
    assert main(["check", "--quiet", "00-stack.yml"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["check", "-q", "--fail-on", "info", "00-stack.yml"]) == 1
    assert "[stack-name-inferred]" in capsys.readouterr().out


def test_quiet_still_says_what_could_not_be_checked(folder: Path, capsys: Capture) -> None:
    (folder / "big.yml").write_bytes(b"a: b\n" + b"#" * 20_000_000)
    assert main(["check", "-q", "big.yml"]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("big.yml: could not check: ") or "big.yml" in err
    assert main(["check", "-q", "missing.yml"]) == 2
    assert capsys.readouterr().err == "lblint: missing.yml: No such file or directory\n"


def test_quiet_changes_no_other_format(capsys: Capture) -> None:
    for words in (["--format", "json"], ["--format", "github"], ["--format", "sarif", "-o", "a.sarif"]):
        results = []
        for quiet in ([], ["-q"]):
            assert main(["check", *words, *quiet, "07-stack.yml"]) == 1
            report = Path("a.sarif").read_text() if "-o" in words else capsys.readouterr().out
            results.append(report)
        assert results[0] == results[1]


def test_verbose_says_what_was_done_on_stderr(folder: Path, capsys: Capture) -> None:
    (folder / "config.toml").write_text('[Extensions.default]\nServiceCluster = ""\n')
    (folder / "bare.yml").write_text("services: {a: {image: x}}\n")
    given = ["00-stack.yml", "bare.yml", "--client", "20.10", "--interlock-config", "config.toml"]
    assert main(["check", *given]) in (0, 1)
    plain = capsys.readouterr().out
    assert main(["check", "-v", *given]) in (0, 1)
    out, err = capsys.readouterr()
    assert out == plain
    lines = err.splitlines()
    assert all(line.startswith("lblint: ") for line in lines)
    assert lines[:2] == ["lblint: read 00-stack.yml: 12 lines", "lblint: read bare.yml: 1 line"]
    assert ("lblint: 00-stack.yml: the stack is called shop, as follows from com.docker.lb.network of services.web"
            in lines)  # fmt: skip
    assert any(line.startswith("lblint: bare.yml: the stack's name is not known") for line in lines)
    assert "lblint: read as docker client 20.10 does" in lines
    assert "lblint: the proxies have the settings of config.toml" in lines
    assert "lblint: 1 route to 1 host through the default service cluster" in lines
    assert re.fullmatch(r"lblint: \d+ of \d+ rules had something to look at", lines[-2])
    assert re.fullmatch(r"lblint: \d\.\d{3} s: reading files \d.*, sorting the findings \d\.\d{3}", lines[-1])


def test_verbose_counts_the_rules_that_were_chosen(capsys: Capture) -> None:
    main(["check", "--verbose", "--select", "invalid-host,undeclared-network", "--client", "28", "00-stack.yml"])
    assert "lblint: 2 of " in capsys.readouterr().err


def test_verbose_says_the_name_that_was_given(capsys: Capture) -> None:
    main(["check", "-vn", "other", "-c", "00-stack.yml", "-c", "01-stack.yml"])
    said = "lblint: 00-stack.yml + 01-stack.yml: the stack is called other, as --stack-name says\n"
    assert said in capsys.readouterr().err


def test_verbose_and_a_bar_do_not_meet() -> None:
    rows = ["".join(row).rstrip() for row in shown(slowly("check", "-v", "."), 60)]
    assert rows[0] == "lblint: read ./00-stack.yml: 12 lines"
    assert all(row.startswith("lblint: ") or not row.startswith("[") for row in rows)


def test_the_module_that_draws_is_not_loaded_where_nobody_waits() -> None:
    words = ["check", "--ignore", "stack-name-inferred,ingress-network-owned-by-stack", "00-stack.yml"]
    code = f"import sys; from lblint.cli import main; main({words}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said, loaded = done.stdout.splitlines()
    assert said == "no findings in 1 file"
    assert not set(loaded.split()) & {
        "lblint.cli.progress", "lblint.cli.timings", "lblint.report.progress", "lblint.report.impact",
        "lblint.report.snippet", "signal",
    }  # fmt: skip


def test_a_step_says_how_many_items_are_done_and_one_in_one_piece_says_none() -> None:
    told: list[tuple[str, int, int]] = []
    stacks = [[read(Path(f"{at:02}-stack.yml").read_bytes(), f"{at}.yml")] for at in range(3)]
    check_stacks(stacks, make_options(env={}, nginx="/nowhere", tell=lambda *step: told.append(step)))
    first = told[0][0]
    assert [(done, total) for step, done, total in told if step == first] == [(0, 3), (1, 3), (2, 3)]
    assert {(done, total) for step, done, total in told if step != first} == {(0, 0)}
    assert len({step for step, _, _ in told}) == len(told) - 2
