"""What is read and written through a link: nothing outside of the repository that nobody named."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from stacks import BAD, GOOD

from lblint.cli import files, main
from lblint.report import FORMATS

SECRET = "AKIAIOSFODNN7EXAMPLE"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in whose parent folder lies what is not its own."""
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "secret.yml").write_text(f"services: {{web: {{image: {SECRET}/x, {SECRET}: 1}}}}\n")
    (tmp_path / "other" / "stack.yml").write_text((tmp_path / "secret.yml").read_text())
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def run(capsys: Capture, *words: str) -> tuple[int, str]:
    """The exit code of a command, and all that it prints."""
    capsys.readouterr()
    code = main(list(words))
    return code, "".join(capsys.readouterr())


LINKS = {
    "a file": ("stack.yml", "../secret.yml"),
    "an absolute path": ("stack.yml", "{top}/secret.yml"),
    "a chain": ("stack.yml", "hop"),
    "up and down": ("stack.yml", "sub/../../secret.yml"),
    "another name": ("values.yml", "../secret.yml"),
    "a process's environment": ("stack.yml", "/proc/self/environ"),
    "a device": ("stack.yml", "/dev/zero"),
    "nothing there": ("stack.yml", "../nothing.yml"),
}


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("words", [["."], ["--force-exclude", "{name}"], ["--force-exclude", "--fix", "{name}"], []])
def test_a_link_out_of_the_repository_is_named_and_not_read(
    shop: Path, capsys: Capture, link: str, words: list[str]
) -> None:
    name, target = LINKS[link]
    (shop / "sub").mkdir()
    (shop / "hop").symlink_to("../secret.yml")
    (shop / name).symlink_to(target.format(top=shop.parent))
    (shop / "good-stack.yml").write_text(GOOD)
    (shop / ".lblint.yml").write_text("client: '28.2'\n")
    given = [word.format(name=name) for word in words] + ["good-stack.yml"] * (words[:1] == ["--force-exclude"])
    for form in FORMATS:
        code, shown = run(capsys, "check", "--format", form, *given)
        assert code == 2
        assert SECRET not in shown
        if link != "nothing there" or name == "stack.yml":
            assert name in shown
            assert "leads out of the repository through a link" in shown
    assert (shop / name).is_symlink()


@pytest.mark.parametrize("command", ["config", "render", "routes", "check --diff", "check --statistics", "check -q"])
def test_every_command_that_searches_keeps_to_it(shop: Path, capsys: Capture, command: str) -> None:
    (shop / "stack.yml").symlink_to("../secret.yml")
    code, shown = run(capsys, *command.split(), ".")
    assert (code, SECRET in shown) == (2, False)
    code, shown = run(capsys, "init")
    assert (code, SECRET in shown) == (2, False)
    assert not (shop / ".lblint.yml").exists()


def test_a_link_that_the_user_names_is_read(shop: Path, capsys: Capture) -> None:
    (shop / "stack.yml").symlink_to("../secret.yml")
    code, shown = run(capsys, "check", "stack.yml")
    assert code == 1
    assert SECRET in shown
    for words in (["stack.yml", "."], [".", "../secret.yml"]):
        code, shown = run(capsys, "check", *words)
        assert SECRET in shown, "who names it reads it, whatever else a search finds"


def test_a_link_in_the_repository_is_read(shop: Path, capsys: Capture) -> None:
    (shop / "base.yml").write_text(BAD)
    (shop / "sub").mkdir()
    (shop / "sub" / "stack.yml").symlink_to("../base.yml")
    assert run(capsys, "check", "sub")[0] == 1
    assert run(capsys, "check", "--force-exclude", "sub/stack.yml")[0] == 1


def test_a_folder_on_the_way_may_be_the_link(shop: Path, capsys: Capture) -> None:
    """Also where the folder that it leads to is a repository itself."""
    (shop / "deploy").symlink_to("../other")
    for make in (lambda: None, (shop.parent / "other" / ".git").mkdir):
        make()
        code, shown = run(capsys, "check", "--force-exclude", "deploy/stack.yml")
        assert (code, SECRET in shown) == (2, False)
        assert "leads out of the repository" in shown
    assert SECRET in run(capsys, "check", "deploy")[1], "the user named that folder"
    (shop / "deploy").unlink()
    (shop / "deploy").mkdir()
    (shop / "deploy" / "stack.yml").symlink_to("../../other/stack.yml")
    code, shown = run(capsys, "check", "deploy")
    assert (code, SECRET in shown) == (2, False), "the repository ends where that of the folder ends"


def test_without_a_repository_the_folder_is_the_border(capsys: Capture) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own lie below a repository
        (Path(folder) / "a").mkdir()
        (Path(folder) / "a" / "stack.yml").symlink_to("../b.yml")
        (Path(folder) / "b.yml").write_text(BAD)
        assert run(capsys, "check", folder)[0] == 1
        code, shown = run(capsys, "check", f"{folder}/a")
        assert code == 2
        assert "a/stack.yml: leads out of the repository" in shown
        assert files.border(f"{folder}/a") == os.path.realpath(f"{folder}/a")


def test_a_pipe_that_a_search_finds_does_not_hang(shop: Path) -> None:
    os.mkfifo(shop / "stack.yml")
    writer = os.open(shop / "stack.yml", os.O_RDWR)
    try:
        command = [sys.executable, "-m", "lblint", "check", "."]
        done = subprocess.run(command, cwd=shop, capture_output=True, text=True, timeout=30, check=False)
    finally:
        os.close(writer)
    assert done.returncode == 2
    assert "stack.yml: is not a regular file" in done.stderr + done.stdout


def test_a_link_that_leads_to_itself_is_a_sentence(shop: Path, capsys: Capture) -> None:
    (shop / "stack.yml").symlink_to("stack.yml")
    code, shown = run(capsys, "check", ".")
    assert code == 2
    assert "Too many levels of symbolic links" in shown


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (f"={SECRET}", "no name before the equals sign"),
        (f"{SECRET} = 1", "contains a space"),
        (f"export A={SECRET}", "begins with export"),
        (f"export {SECRET}=1", "begins with export"),
        (f"a {SECRET}' contains whitespaces' b=", "contains a space"),
    ],
)
@pytest.mark.parametrize("path", ["../secret.env", "link.env", "own.env", "{top}/secret.env"])
def test_no_line_of_an_env_file_is_quoted(shop: Path, capsys: Capture, line: str, word: str, path: str) -> None:
    """Neither of one that lies elsewhere, or is no env file, nor of the repository's own: it holds what is secret."""
    path = path.format(top=shop.parent)
    (shop.parent / "secret.env").write_text(f"A=1\n{line}\n")
    (shop / "link.env").symlink_to("../secret.env")
    (shop / "own.env").write_text(f"A=1\n{line}\n")
    (shop / "stack.yml").write_text(GOOD.replace("    image:", f"    env_file: {path}\n    image:", 1))
    for form in FORMATS:
        for client in ("20.10", "28.2"):
            code, shown = run(capsys, "check", "--client", client, "--format", form, "stack.yml")
            assert code == 1
            assert SECRET not in shown
            assert word in shown
    for words in (["check", "--diff"], ["check", "--fix"], ["config"], ["routes"], ["render"]):
        code, shown = run(capsys, *words, "stack.yml")
        assert (code in (0, 1) if words[1:] == ["--diff"] else code == 1, SECRET in shown) == (True, False)


def test_bytes_of_an_env_file_are_not_quoted(shop: Path, capsys: Capture) -> None:
    (shop / "own.env").write_bytes(b"A=1\n" + SECRET.encode() + b"\xff\n")
    (shop / "stack.yml").write_text(GOOD.replace("    image:", "    env_file: own.env\n    image:", 1))
    code, shown = run(capsys, "check", "stack.yml")
    assert code == 1
    assert "own.env is not encoded in UTF-8" in shown
    assert " ".join(str(byte) for byte in SECRET.encode()) not in shown


def test_no_file_of_a_secret_or_config_is_shown(shop: Path, capsys: Capture) -> None:
    (shop / "stack.yml").write_text(BAD + "secrets: {a: {file: ../secret.yml}}\nconfigs: {b: {file: ../secret.yml}}\n")
    for form in FORMATS:
        assert SECRET not in run(capsys, "check", "--format", form, "stack.yml")[1]


def test_a_report_does_not_follow_a_link_out_of_the_repository(shop: Path, capsys: Capture) -> None:
    (shop / "stack.yml").write_text(GOOD)
    (shop / "report.json").symlink_to("../rc")
    (shop.parent / "rc").write_text("mine\n")
    for words in (["check", "--format", "json", "-o"], ["check", "--write-baseline"], ["routes", "-o"]):
        code, shown = run(capsys, *words, "report.json", "stack.yml")
        assert code == 2
        assert "leads out of the repository" in shown or "is not a baseline" in shown
        assert (shop.parent / "rc").read_text() == "mine\n"
    (shop / "here.json").symlink_to("build.json")
    assert run(capsys, "check", "--format", "json", "-o", "here.json", "stack.yml")[0] == 0
    assert (shop / "build.json").exists()


def test_the_border_of_a_folder(shop: Path) -> None:
    (shop / "sub").mkdir()
    assert files.border("sub") == str(shop)
    assert not files.leads_out("sub", str(shop))
    assert files.leads_out("../shop2", str(shop)), "a name that begins alike is another folder"
