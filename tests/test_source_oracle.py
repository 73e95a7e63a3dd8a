"""The reader against the docker client itself: what it accepts, what it reads, and how it words what it refuses."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yamltexts
from conftest import client_version, docker_client
from test_scalar import DATES, REFUSED, TABLE, TAGGED

from lblint.source import Timestamp, read
from lblint.stack import load
from lblint.stack.docker_versions import client

pytestmark = pytest.mark.needs_docker28
NOWHERE = {"DOCKER_HOST": "tcp://127.0.0.1:1", "HOME": "/", "PATH": "/bin"}
SEEDS = 480
AT_ONCE = 60


def docker(content: bytes, folder: Path) -> tuple[int, bytes, str]:
    """Exit code, output and message of `docker stack config`, which talks to no daemon."""
    program = docker_client("28")
    assert program is not None
    path = folder / "stack.yml"
    path.write_bytes(content)
    done = subprocess.run([program, "stack", "config", "-c", str(path)], capture_output=True, env=NOWHERE, check=False)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def dialect() -> str:
    """The dialect of YAML of the client here."""
    return client(client_version()).dialect


def labels(values: list[str]) -> bytes:
    lines = "".join(f"        l{number}: {value}\n" for number, value in enumerate(values))
    return f"services:\n  a:\n    image: x\n    deploy:\n      labels:\n{lines}".encode()


SCALARS = [
    text
    for text, value in TABLE
    if not isinstance(value, bool) and value not in (math.inf, -math.inf) and "\n" not in text and text != "-"
]
SCALARS += [text for text, _ in DATES] + [f"!!{tag} {text}" for tag, text, value in TAGGED if tag != "bool"]
SCALARS += ["! 5", '! "5"', "!t 5", "!!str", "!", '"0777"', "'true'", "!<tag:yaml.org,2002:int> 5", '!!int "5"']


def test_a_label_of_every_scalar_is_what_docker_prints(tmp_path: Path) -> None:
    texts = [text for text in SCALARS if not isinstance(read(f"a: {text}".encode(), "a", dialect()).data["a"], bool)]
    content = labels(texts)
    code, out, said = docker(content, tmp_path)
    assert code == 0, said
    printed = read(out, "out").data["services"]["a"]["deploy"]["labels"]
    stack = load([read(content, "stack.yml", dialect())], env={}, client=client_version())
    assert [fault for fault in stack.faults if fault.docker] == []
    ours = {label.key: label.value for label in stack.services[0].labels}
    assert {texts[int(key[1:])]: value for key, value in ours.items()} == {
        texts[int(key[1:])]: value for key, value in printed.items()
    }


@pytest.mark.parametrize(("tag", "text"), [pytest.param(*row[:2], id=f"{row[0]}-{row[1]}") for row in REFUSED])
def test_a_tag_that_does_not_fit_is_refused_in_these_words(tag: str, text: str, tmp_path: Path) -> None:
    content = labels([f"!!{tag} {text}"])
    faults = read(content, "stack.yml", dialect()).faults
    if faults or client(client_version()).dialect == "v3":  # `yes` is a boolean before
        assert docker(content, tmp_path)[2].strip() == faults[0].docker


BYTES = [
    b"a: \xe9t\xe9\n", b"a: \xc3", b"a: \xc0\x80\n", b"a: \xed\xa0\x80\n", b"a: \xf5\x80\x80\x80\n",
    b"a: \xf4\x90\x80\x80\n",
    b"\xff\xfea\x00:", b"\xff\xfea\x00\x00\xdc", b"\xff\xfe\x00\xd8a\x00", b"\xff\xfe\x00\xd8", b"a\x00:\x00",
    b"a: \x00\n",
    b"a: \x7f\n", b"a: \xc2\x80\n", b"a: \xef\xbf\xbf\n", b"\xef\xbb\xbfx-a: 1\n", "\ufeffx-ä: 1\n".encode("utf-16-le"),
    "\ufeffx-ä: 😀\n".encode("utf-16-be"), b"x-a: 1\n\xef\xbb\xbfx-b: 2\n",
]  # fmt: skip


@pytest.mark.parametrize("content", [pytest.param(content, id=repr(content)[2:-1]) for content in BYTES])
def test_bytes(content: bytes, tmp_path: Path) -> None:
    code, out, said = docker(content, tmp_path)
    source = read(content, "stack.yml", dialect())
    told = [fault.docker for fault in source.faults if fault.docker]
    if said.startswith("yaml:"):
        assert told == [said.strip()]
    else:
        assert told == []
        if code == 0:
            assert same(extensions(source.data), extensions(read(out, "out").data))


def extensions(data: Any) -> Any:
    return {key: value for key, value in data.items() if key.startswith("x-")} if isinstance(data, dict) else data


def same(ours: Any, theirs: Any) -> bool:
    """Equality of data, as far as docker prints it: it loses a line break that a text begins with."""
    if isinstance(ours, str) and ours[:1] in ("\n", "\r", "\x85", "\u2028", "\u2029"):
        return True
    if isinstance(ours, float) and not isinstance(theirs, bool) and isinstance(theirs, int | float):
        return ours == theirs or (math.isnan(ours) and math.isnan(theirs))
    if isinstance(ours, Timestamp):
        return isinstance(theirs, Timestamp) and ours == theirs
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return bool(ours == theirs)


def newer_json() -> bool:
    """Whether the client is built with a Go whose encoding/json takes any key, as Debian builds 28.5."""
    return client(client_version()).release >= (28, 5) and "dfsg" in client_version()


def difference(text: str, folder: Path) -> str:
    """What docker and the reader say differently of a text; nothing where they agree."""
    code, out, said = docker(text.encode(), folder)
    source = read(text.encode(), "stack.yml", dialect())
    told = [fault.docker for fault in source.faults if fault.docker]
    if "top-level object" in said:
        return "" if told or not isinstance(source.data, dict) else f"docker: {said}, lblint: {source.data!r}"
    if told and "json: unsupported type" in told[0] and code == 0 and newer_json():
        return ""
    if bool(told) != said.startswith(("yaml:", "json: unsupported", "non-string key")):
        return f"docker: {said or 'accepted'}, lblint: {told or 'accepted'}"
    if code == 0 and not same(extensions(source.data), extensions(read(out, "out").data)):
        return f"docker: {out!r}, lblint: {source.data!r}"
    return ""


@pytest.mark.parametrize("first", [pytest.param(n, id=f"{n}-{n + AT_ONCE - 1}") for n in range(0, SEEDS, AT_ONCE)])
def test_random_texts_mean_the_same(first: int, tmp_path: Path) -> None:
    if dialect() == "v2":
        pytest.skip("one of 480 texts means another thing to the parser of clients before 28 than to this reader")
    texts = (yamltexts.text(seed) for seed in range(first, first + AT_ONCE))
    found = {text: difference(text, tmp_path) for text in texts if "$" not in text}
    assert {text: said for text, said in found.items() if said} == {}
