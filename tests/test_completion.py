"""Completion, typed into the real shells: what stands on the line after Tab is what the command is run with."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from stacks import GOOD

import lblint
from lblint import rules
from lblint.cli.completion import SCRIPTS
from lblint.interlock import LABELS

WRAPPER = """\
#!/bin/sh
if [ -n "$_LBLINT_COMPLETE" ] || [ "$1" = completion ]; then exec {python} -m lblint "$@"; fi
printf 'RAN'; printf '<%s>' "$@"; printf 'END\\n'
"""
"""lblint as the shells see it: it answers their questions, and otherwise says how it was called."""
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(lblint completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit; compinit -D -u; eval "$(lblint completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "lblint completion fish | source"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with stacks and other files, and lblint on PATH."""
    home = tmp_path / "home"
    place = home / "work"
    place.mkdir(parents=True)
    program = tmp_path / "bin" / "lblint"
    program.parent.mkdir()
    program.write_text(WRAPPER.format(python=sys.executable))
    program.chmod(0o755)
    (place / "deploy").mkdir()
    for name in ("my stack.yml", "named-otherwise.yml", "deploy/only.stack.yml", "odd'$(touch x)-stack.yml"):
        (place / name).write_text(GOOD)
    (place / "values.yml").write_text("image: x\n")
    (place / "notes.txt").write_text("no stack\n")
    (place / "config.toml").write_text("ListenAddr = ':8080'\n")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(Path(lblint.__file__).parent.parent))
    monkeypatch.setenv("TERM", "dumb")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "ZDOTDIR", "BASH_ENV", "ENV", "LBLINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(place)
    return place


def typed(shell: str, keys: str) -> list[str]:
    """The arguments that lblint gets when this is typed into a shell, Tabs included."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    command, setup = START[shell]
    master, slave = pty.openpty()
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))  # fmt: skip
    os.close(slave)
    out = b""
    try:
        os.write(master, f"{setup}\n{keys}\n".encode())
        end = time.monotonic() + 60
        while time.monotonic() < end:
            ready, _, _ = select.select([master], [], [], 1)
            if ready:
                out += os.read(master, 65536)
            found = re.search(rb"RAN((?:<[^>]*>)*)END", out)
            if found:
                return re.findall(r"<([^>]*)>", found[1].decode())
    finally:
        process.kill()
        process.wait()
        os.close(master)
    raise AssertionError(out.decode("utf-8", "replace"))


EVERY_SHELL = pytest.mark.parametrize("shell", sorted(START))


@EVERY_SHELL
@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param("lblint expl\t invalid-ho\t", ["explain", "invalid-host"], id="command and rule"),
        pytest.param("lblint explain host-mode-o\t", ["explain", "host-mode-overlay"], id="rule"),
        pytest.param("lblint explain service-clusters\t", ["explain", "service-clusters"], id="topic"),
        pytest.param("lblint check --verb\t", ["check", "--verbose"], id="option"),
        pytest.param("lblint check --select invalid-ho\t", ["check", "--select", "invalid-host"], id="rule of option"),
        pytest.param("lblint check --ignore invalid-host,undeclared-net\t",
                     ["check", "--ignore", "invalid-host,undeclared-network"], id="second rule"),
        pytest.param("lblint labels context_root_\t", ["labels", "context_root_rewrite"], id="label"),
        pytest.param("lblint labels com.docker.lb.ssl_ce\t", ["labels", "com.docker.lb.ssl_cert"], id="whole label"),
        pytest.param("lblint check --format sar\t", ["check", "--format", "sarif"], id="format"),
        pytest.param("lblint check my\t", ["check", "my stack.yml"], id="file with a space"),
        pytest.param("lblint check odd\t", ["check", "odd'$(touch x)-stack.yml"], id="file that a shell would run"),
        pytest.param("lblint check dep\ton\t", ["check", "deploy/only.stack.yml"], id="file in a folder"),
        pytest.param("lblint check na\t", ["check", "named-otherwise.yml"], id="stack that is named otherwise"),
        pytest.param("lblint check --interlock-config con\t my\t",
                     ["check", "--interlock-config", "config.toml", "my stack.yml"], id="config"),
        pytest.param("lblint deploy -c my\t shop", ["deploy", "-c", "my stack.yml", "shop"], id="file of an option"),
        pytest.param("lblint check -o not\t", ["check", "-o", "notes.txt"], id="any file"),
    ],
)  # fmt: skip
def test_tab_completes(folder: Path, shell: str, keys: str, words: list[str]) -> None:
    assert typed(shell, keys) == words
    assert not (folder / "x").exists()


@EVERY_SHELL
def test_tab_completes_behind_an_equals_sign(folder: Path, shell: str) -> None:
    assert typed(shell, "lblint check --select=invalid-ho\t") == ["check", "--select=invalid-host"]


@EVERY_SHELL
def test_a_file_that_is_no_stack_is_not_offered(folder: Path, shell: str) -> None:
    (folder / "deploy" / "only.values.yml").write_text("image: x\n")
    assert typed(shell, "lblint check deploy/on\t") == ["check", "deploy/only.stack.yml"]


@EVERY_SHELL
def test_scripts_are_what_the_command_prints(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    from lblint.cli import main

    assert main(["completion", shell]) == 0
    assert capsys.readouterr().out == SCRIPTS[shell]


def answered(line: str, shell: str = "bash") -> list[str]:
    """What lblint answers to a shell at the end of a line."""
    words = line.split(" ")
    env = {**os.environ, "_LBLINT_COMPLETE": f"{shell}_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run([sys.executable, "-m", "lblint"], env=env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_all_rules_and_labels_are_offered(folder: Path) -> None:
    assert answered("lblint check --select ") == [f"plain,{name}" for name in sorted({*rules.load(), *rules.topics()})]
    assert answered("lblint labels ") == [f"plain,{name}" for name in sorted(LABELS)]
    assert set(answered("lblint ")) >= {"plain,check", "plain,completion", "plain,routes"}


def test_a_folder_offers_its_stacks_and_folders(folder: Path) -> None:
    assert answered("lblint check ") == [
        "path,my stack.yml", "path,named-otherwise.yml", "path,odd'$(touch x)-stack.yml", "path,deploy/",
    ]  # fmt: skip
    (folder / "deploy" / "only.stack.yml").unlink()
    assert answered("lblint check deploy/") == ["file,"]
    assert answered("lblint check none/") == ["file,"]
    assert answered("lblint check ~/") == ["file,"]


def test_names_that_would_break_a_line_are_not_offered(folder: Path) -> None:
    (folder / "a\nplain,evil-stack.yml").write_text(GOOD)
    (folder / "\x1b[2J-stack.yml").write_text(GOOD)
    offered = answered("lblint check ")
    assert "plain,evil-stack.yml" not in offered
    assert "\x1b" not in "".join(offered)


@pytest.mark.parametrize("line", ["lblint check --format --output ", "lblint check -o a -o b --fo", "lblint nothing ",
                                  "lblint check 'unclosed ", "lblint deploy --prune=maybe ", "lblint check --nginx ",
                                  "lblint plugin ", "lblint rm ", "lblint config -c "])  # fmt: skip
def test_half_a_line_is_no_mistake(folder: Path, line: str) -> None:
    answered(line)


def test_an_answer_imports_nothing_heavy(folder: Path) -> None:
    env = {**os.environ, "_LBLINT_COMPLETE": "bash_complete", "COMP_WORDS": "lblint check --select ", "COMP_CWORD": "3"}
    code = "import sys; from lblint.cli import main; main([]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "lblint.rules" in loaded
    assert not loaded & {"jsonschema", "docker", "crossplane", "ruamel.yaml"}


@EVERY_SHELL
def test_the_scripts_are_sound_to_the_shell(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    done = subprocess.run([shell, "-n"], input=SCRIPTS[shell], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
