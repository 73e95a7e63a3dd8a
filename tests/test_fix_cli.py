"""`lblint check --fix`, `--unsafe-fixes` and `--diff`: what they write, what they say, and their exit codes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from stacks import BAD, GOOD

from lblint.cli import files, main

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
WORDS = ["check", "-n", "shop"]


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: Patch) -> Path:
    """A file with one fault that has a fix."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "stack.yml"
    path.write_text(BAD)
    return path


def test_a_file_is_fixed(stack: Path, capsys: Capture) -> None:
    assert main([*WORDS, "--fix", "stack.yml"]) == 0
    assert stack.read_text() == GOOD
    out = capsys.readouterr().out
    assert "stack.yml:7:30: fixed: write shop.example.com [invalid-host]\n" in out
    assert out.endswith("1 fixed, 1 remains\n")
    assert main([*WORDS, "--fix", "stack.yml"]) == 0
    assert stack.read_text() == GOOD
    assert capsys.readouterr().out.endswith("0 fixed, 1 remains\n")


def test_what_remains_decides_the_exit_code(stack: Path) -> None:
    stack.write_text(BAD.replace('"8080"', '"eighty"'))
    assert main([*WORDS, "--fix", "stack.yml"]) == 1
    assert stack.read_text() == GOOD.replace('"8080"', '"eighty"')


def test_diff_shows_and_writes_nothing(stack: Path, capsys: Capture) -> None:
    assert main([*WORDS, "--diff", "stack.yml"]) == 1
    assert stack.read_text() == BAD
    out, err = capsys.readouterr()
    label = "        com.docker.lb.hosts: "
    assert f"-{label}http://shop.example.com\n+{label}shop.example.com\n" in out
    assert err.endswith("lblint: 1 to be fixed, 1 remains\n")


def test_diff_of_a_clean_file_is_empty(stack: Path, capsys: Capture) -> None:
    stack.write_text(GOOD)
    assert main([*WORDS, "--diff", "stack.yml"]) == 0
    assert capsys.readouterr().out == ""


def test_diff_can_be_applied(stack: Path, capsys: Capture) -> None:
    for text in (BAD, BAD.rstrip(), BAD.replace("\n", "\r\n")):
        stack.write_bytes(text.encode())
        assert main([*WORDS, "--diff", "stack.yml"]) == 1
        patch = capsys.readouterr().out
        stack.with_name("diff").write_bytes(patch.encode())
        subprocess.run(["git", "apply", "--whitespace=nowarn", "diff"], check=True)
        assert stack.read_bytes() == text.replace("http://", "").encode()


def test_stdin_is_passed_on_fixed(monkeypatch: Patch, capfd: pytest.CaptureFixture[str]) -> None:
    for text, wanted in ((BAD, GOOD), (GOOD, GOOD), ("a: b: c\n", "a: b: c\n")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        code = main([*WORDS, "--fix", "-"])
        out, err = capfd.readouterr()
        assert out == wanted
        assert (code, "fixed, " in err) == (1 if text[0] == "a" else 0, True)


def test_unsafe_fixes_have_to_be_asked_for(stack: Path, capsys: Capture) -> None:
    text = GOOD.replace("shop.example.com", "shop.example.com:8080")
    stack.write_text(text)
    assert main([*WORDS, "--fix", "stack.yml"]) == 1
    assert stack.read_text() == text
    assert "with --fix --unsafe-fixes" in capsys.readouterr().out
    assert main([*WORDS, "--fix", "--unsafe-fixes", "--select", "invalid-host", "stack.yml"]) == 0
    assert stack.read_text() == GOOD
    assert main([*WORDS, "--unsafe-fixes", "stack.yml"]) == 2


def test_only_the_chosen_rules_fix(stack: Path) -> None:
    assert main([*WORDS, "--fix", "--ignore", "invalid-host", "stack.yml"]) in (0, 1)
    assert stack.read_text() == BAD
    assert main([*WORDS, "--fix", "--select", "invalid-port", "stack.yml"]) == 0
    assert stack.read_text() == BAD
    assert main([*WORDS, "--fix", "--select", "no-such-rule", "stack.yml"]) == 2


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_permissions_and_links_stay(stack: Path, mode: int) -> None:
    stack.chmod(mode)
    link = stack.with_name("link.yml")
    link.symlink_to("stack.yml")
    assert main([*WORDS, "--fix", "link.yml"]) == 0
    assert link.is_symlink()
    assert stack.read_text() == GOOD
    assert stack.stat().st_mode & 0o777 == mode
    assert sorted(os.listdir(stack.parent)) == ["link.yml", "stack.yml"]


def test_a_file_that_has_changed_meanwhile_is_not_written(stack: Path, monkeypatch: Patch, capsys: Capture) -> None:
    read = files.content
    monkeypatch.setattr(files, "content", lambda name: read(name) + b"# another hand\n")
    original = files.load
    monkeypatch.setattr(files, "load", lambda name, dialect="v3": _as_it_was(original(name, dialect)))
    assert main([*WORDS, "--fix", "stack.yml"]) == 2
    assert stack.read_text() == BAD
    assert "has changed since it was read" in capsys.readouterr().err


def _as_it_was(source: object) -> object:
    from lblint.source import Source, later, unread

    assert isinstance(source, Source)
    return later((unread(source) or b"").removesuffix(b"# another hand\n"), source.name, source.dialect)


def test_a_file_that_cannot_be_written_is_said(stack: Path, monkeypatch: Patch, capsys: Capture) -> None:
    def full(name: str, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lblint.cli.fix.save_bytes", full)
    assert main([*WORDS, "--fix", "stack.yml"]) == 2
    out, err = capsys.readouterr()
    assert "cannot write stack.yml: No space left on device" in err
    assert "[invalid-host]" in out, "what is said is said of the file as it is"
    assert stack.read_text() == BAD


def test_marks_and_encodings_stay(stack: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        stack.write_bytes(BAD.encode(encoding))
        assert main([*WORDS, "--fix", "stack.yml"]) == 0
        assert stack.read_bytes() == GOOD.encode(encoding)


def test_a_report_for_programs_is_left_alone(stack: Path, capsys: Capture) -> None:
    import json

    assert main([*WORDS, "--fix", "--format", "json", "stack.yml"]) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)["findings"]) == 1
    assert "1 fixed, 1 remains" in err


def test_files_that_are_merged_are_fixed_each_for_itself(stack: Path) -> None:
    over = stack.with_name("over.yml")
    over.write_text("services:\n  web:\n    deploy:\n      labels:\n        com.docker.lb.context_root: app\n")
    assert main([*WORDS, "--fix", "-c", "stack.yml", "-c", "over.yml"]) == 0
    assert stack.read_text() == GOOD
    assert over.read_text().endswith("com.docker.lb.context_root: /app\n")


def test_stacks_of_several_ingresses_are_fixed_under_their_own_settings(stack: Path, capsys: Capture) -> None:
    for name in ("one", "two"):
        folder = stack.with_name(name)
        folder.mkdir()
        (folder / ".lblint.yml").write_text(f"stacks:\n  - {{files: stack.yml, name: {name}}}\n")
        (folder / "stack.yml").write_text(BAD.replace("shop_front", "front").replace("shop.", f"{name}."))
    assert main(["check", "--fix", "one", "two"]) == 0
    for name in ("one", "two"):
        text = (stack.with_name(name) / "stack.yml").read_text()
        assert text == GOOD.replace("shop_front", f"{name}_front").replace("shop.", f"{name}.")
    assert "4 fixed, 2 remain\n" in capsys.readouterr().out


def test_interlocks_config_is_fixed(stack: Path) -> None:
    config = stack.with_name("config.toml")
    config.write_text("[Extensions.default]\nProxyReplicas = '2' # two\nPublishPort = 80\n")
    main(["check", "--fix", "config.toml"])
    assert config.read_text() == "[Extensions.default]\nProxyReplicas = 2 # two\nPublishedPort = 80\n"


def test_files_of_one_fix_are_written_together_or_not_at_all(stack: Path, monkeypatch: Patch, capsys: Capture) -> None:
    stack.write_text('version: "3.4"\n' + GOOD.replace("driver: overlay", "name: front"))
    over = stack.with_name("over.yml")
    over.write_text('version: "3.4"\nservices:\n  web:\n    init: true\n')
    read = os.access
    monkeypatch.setattr(os, "access", lambda name, mode: name != "over.yml" and read(name, mode))
    before = stack.read_text(), over.read_text()
    assert main([*WORDS, "--fix", "-c", "stack.yml", "-c", "over.yml"]) == 2
    assert (stack.read_text(), over.read_text()) == before
    err = capsys.readouterr().err
    assert "cannot write over.yml: Permission denied" in err
    assert "cannot write stack.yml: it goes with over.yml" in err
    monkeypatch.undo()
    os.chdir(stack.parent)
    main([*WORDS, "--fix", "-c", "stack.yml", "-c", "over.yml"])
    assert stack.read_text().startswith('version: "3.7"\n')
    assert over.read_text().startswith('version: "3.7"\n')


def loaded(*words: str) -> set[str]:
    """The modules that a process of lblint's own holds after a run."""
    code = f"import sys; sys.argv = {['lblint', *words]!r}; from lblint.cli import run; run()"
    code += "; sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_a_check_does_not_import_what_writes(stack: Path) -> None:
    writes = {"lblint.fix", "lblint.fix.syntax_tree", "lblint.cli.fix", "lblint.report.fixes"}
    assert not writes & loaded("check", "stack.yml")
    assert writes & loaded("check", "--format", "sarif", "stack.yml")
    stack.write_text(GOOD.replace("driver: overlay", "external: true\n    name: shop_front"))
    assert not writes & loaded("check", "-n", "shop", "--format", "sarif", "stack.yml")


def test_what_is_no_file_is_not_written_over(stack: Path, capsys: Capture) -> None:
    read, write = os.pipe()
    os.write(write, BAD.encode())
    os.close(write)
    assert main([*WORDS, "--fix", f"/dev/fd/{read}"]) == 2
    os.close(read)
    assert "is no regular file" in capsys.readouterr().err


def test_all_names_of_a_file_are_fixed(stack: Path) -> None:
    """A hard link is another name of the same file, and goes on being one."""
    os.link(stack, "other.yml")
    assert main([*WORDS, "--fix", "stack.yml"]) == 0
    assert Path("other.yml").read_text() == GOOD
    assert stack.samefile("other.yml")


def test_the_draft_of_a_secret_file_is_nobody_elses_to_read(stack: Path, monkeypatch: Patch) -> None:
    stack.chmod(0o600)
    modes = []
    chmod = os.fchmod

    def told(descriptor: int, mode: int) -> None:
        modes.append(os.fstat(descriptor).st_mode & 0o777)
        chmod(descriptor, mode)

    monkeypatch.setattr(os, "fchmod", told)
    assert main([*WORDS, "--fix", "stack.yml"]) == 0
    assert (modes, stack.stat().st_mode & 0o777) == ([0o600], 0o600)


def test_a_file_behind_two_ingresses_is_fixed_once(stack: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / ".git").mkdir()
    other = tmp_path / "b"
    other.mkdir()
    (other / "own.yml").write_text(GOOD)
    (other / ".lblint.yml").write_text("stacks: [{name: both, files: [own.yml, ../stack.yml]}]\n")
    assert main(["check", "--fix", "stack.yml", "b/own.yml"]) == 0
    assert (stack.read_text(), capsys.readouterr().err) == (GOOD, "")
