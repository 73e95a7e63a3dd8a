"""What `lblint deploy` gives to docker: the words that pflag would read, the same bytes, the same folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import docker_client

from lblint.cli.commands import docker_words
from lblint.deploy import pflag
from lblint.deploy.pinned_files import folder, mirrored

Patch = pytest.MonkeyPatch

NORMAL = [
    pytest.param(["-c", "a.yml", "shop"], ["--compose-file=a.yml", "shop"], id="short"),
    pytest.param(["-ca.yml", "-c=b.yml"], ["--compose-file=a.yml", "--compose-file=b.yml"], id="short-glued"),
    pytest.param(["-dqc", "-"], ["--detach=true", "--quiet=true", "--compose-file=-"], id="cluster"),
    pytest.param(["-d=false", "shop"], ["--detach=false", "shop"], id="short-boolean-with-value"),
    pytest.param(["--prune", "shop"], ["--prune=true", "shop"], id="boolean-takes-no-word"),
    pytest.param(["--prune=0"], ["--prune=0"], id="boolean-with-value"),
    pytest.param(["--compose-file", "--prune"], ["--compose-file=--prune"], id="value-like-an-option"),
    pytest.param(["--resolve-image"], ["--resolve-image"], id="value-missing"),
    pytest.param(["--wait", "shop"], ["--wait", "shop"], id="own"),
    pytest.param(["--", "-c", "x"], ["--", "-c", "x"], id="end"),
    pytest.param(["-c", "a", "-x"], ["--compose-file=a", "-x"], id="unknown"),
    pytest.param(["-", "--help"], ["-", "--help"], id="stdin-is-a-word"),
]


@pytest.mark.parametrize(("given", "wanted"), NORMAL)
def test_words_as_pflag_reads_them(given: list[str], wanted: list[str]) -> None:
    assert docker_words(given) == wanted


NAMES = [
    pytest.param(["a.yml", "b.yml"], ["a.yml", "b.yml"], id="repeated"),
    pytest.param(["a.yml,b.yml", "-"], ["a.yml", "b.yml", "-"], id="comma"),
    pytest.param(['"a,b.yml",c.yml'], ["a,b.yml", "c.yml"], id="quoted"),
    pytest.param(['"say ""hi"".yml"'], ['say "hi".yml'], id="quote-in-quotes"),
    pytest.param([""], [], id="empty"),
    pytest.param(["a,"], ["a", ""], id="empty-last"),
    pytest.param([" a.yml"], [" a.yml"], id="space-stays"),
    pytest.param(["a.yml\r\nb.yml"], ["a.yml"], id="first-line-alone"),
]


@pytest.mark.parametrize(("given", "wanted"), NAMES)
def test_values_are_records_of_csv(given: list[str], wanted: list[str]) -> None:
    assert pflag.names(given) == wanted


@pytest.mark.parametrize("text", ['a"b', '"a', '"a"b'], ids=["bare-quote", "open-quote", "text-behind-quote"])
def test_what_is_no_csv_is_refused(text: str) -> None:
    with pytest.raises(pflag.FlagError):
        pflag.names([text])


def test_names_survive_csv() -> None:
    odd = ["a,b", 'say "hi"', "two\nlines", "plain", " "]
    assert pflag.names([pflag.csv(name) for name in odd]) == odd
    assert pflag.csv("plain") == "plain"


BASE = """\
services:
  web:
    image: example/web:1
    env_file: ../common.env
    volumes: ["./data:/data", "../up:/up"]
    configs: [page]
configs:
  page: {file: page.html}
"""
OVER = "services:\n  web:\n    environment: [WHERE=$PWD]\n    volumes: ['./over:/over']\n"


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """Two stack files in a folder that is also reached by a link, and another file elsewhere."""
    real = tmp_path / "real place, with a comma" / "shop"
    real.mkdir(parents=True)
    (real / "stack.yml").write_text(BASE)
    (real.parent / "common.env").write_text("FROM=real\n")
    (tmp_path / "common.env").write_text("FROM=linked\n")
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "over.yml").write_text(OVER)
    return tmp_path


PLACES = [
    pytest.param(["real place, with a comma/shop/stack.yml"], ".", id="relative"),
    pytest.param(["link/stack.yml"], ".", id="through-a-link"),
    pytest.param(["stack.yml"], "link", id="in-a-linked-folder"),
    pytest.param(["link/stack.yml", "other/over.yml"], ".", id="two-files"),
    pytest.param(["../link/stack.yml", "over.yml"], "other", id="dots"),
    pytest.param(["stack.yml", "../../other/over.yml"], "real place, with a comma/shop", id="two-files-from-within"),
    pytest.param(["-"], "link", id="stdin"),
    pytest.param(["stack.yml", "-"], "link", id="stdin-second"),
]


@pytest.mark.needs_docker28
@pytest.mark.parametrize("absolute", [False, True], ids=["", "absolute"])
@pytest.mark.parametrize(("files", "where"), PLACES)
def test_docker_makes_the_same_of_it(
    layout: Path, monkeypatch: Patch, files: list[str], where: str, absolute: bool
) -> None:
    here = layout / where
    monkeypatch.chdir(here)
    monkeypatch.setenv("PWD", str(here))
    docker = docker_client("28")
    assert docker is not None
    stdin = (OVER if len(files) > 1 else BASE).encode()
    names = [str(here / name) if absolute and name != "-" else name for name in files]
    contents = [(name, stdin if name == "-" else Path(name).read_bytes()) for name in names]

    def config(words: list[str], descriptors: tuple[int, ...] = ()) -> tuple[int, str, str]:
        done = subprocess.run([docker, "stack", "config", *words], input=stdin, capture_output=True, check=False,
                              timeout=60, pass_fds=descriptors)  # fmt: skip
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    wanted = config(pflag.words({}, names))
    assert wanted[0] == 0, wanted[2]
    with mirrored(contents) as mirror:
        for name in files:  # what is on the disk no longer matters
            if name != "-":
                Path(name).write_text("services: {changed: {image: x}}")
        assert config(pflag.words({}, mirror.names), mirror.descriptors) == wanted


def test_folder_believes_pwd_only_where_it_is_true(layout: Path, monkeypatch: Patch) -> None:
    monkeypatch.chdir(layout / "link")
    monkeypatch.setenv("PWD", str(layout / "link"))
    assert folder("stack.yml") == str(layout / "link")
    monkeypatch.setenv("PWD", str(layout / "other"))
    assert folder("stack.yml") == os.path.realpath(layout / "link")


def test_without_files_in_memory_the_copies_lie_in_a_folder(layout: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(layout / "other"))
    monkeypatch.delattr("os.memfd_create")
    with mirrored([("stack.yml", b"a: 1"), ("x.yml", b"b: 2")]) as mirror:
        assert [Path(name).read_bytes() for name in mirror.names] == [b"a: 1", b"b: 2"]
        assert mirror.descriptors == ()
        assert Path(mirror.names[1]).is_relative_to(layout / "other")


def test_nothing_is_left_behind(layout: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(layout / "other"))
    with mirrored([("-", b"services: {}"), ("x.yml", b"services: {}")]) as mirror:
        assert Path(mirror.names[0]).read_bytes() == b"services: {}"
    assert [path.name for path in (layout / "other").iterdir()] == ["over.yml"]
