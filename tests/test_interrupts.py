"""Ctrl-C and readers that go away, over many files and so over several processes: quiet, the right code, none left."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cluster import until
from stacks import BAD, GOOD

READY = "import os, sys; from lblint.cli import script; os.write(2, b'!'); sys.exit(script())"
"""lblint as its script runs it, which says when Python itself has come up."""
FILES = 500


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 500 stacks, each with a host of its own; the last one has an error."""
    folder = tmp_path_factory.mktemp("many")
    for at in range(FILES):
        text = BAD if at == FILES - 1 else GOOD
        (folder / f"{at:03}-stack.yml").write_text(text.replace("shop.example.com", f"s{at}.example.com"))
    return folder


def start(folder: Path) -> subprocess.Popen[bytes]:
    """lblint over the folder, in a process group of its own, once it has come up."""
    process = subprocess.Popen(
        [sys.executable, "-c", READY, "check", str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.read(1) == b"!"
    return process


def alive(group: int) -> bool:
    """Whether a process of the group runs; one that has ended counts no more, though nobody may have asked for it."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                return True
    return False


@pytest.mark.parametrize("whom", ["the group, as a terminal does it", "lblint alone"])
def test_ctrl_c_at_any_moment_ends_quietly_and_leaves_no_process(many: Path, whom: str) -> None:
    begun = time.monotonic()
    whole = start(many)
    assert b"1 error, " in whole.communicate(timeout=120)[0]
    lasts = time.monotonic() - begun
    moments = random.Random(whom)
    codes = set()
    for _ in range(12):
        process = start(many)
        time.sleep(moments.uniform(0, lasts))
        send = os.killpg if whom.startswith("the group") else os.kill
        if process.poll() is None:
            send(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=120)
        assert err == b""
        assert not alive(process.pid)
        codes.add(process.returncode)
    assert 130 in codes
    assert codes <= {130, 1}


def test_workers_end_with_the_caller(many: Path) -> None:
    for moment in (0.05, 0.1, 0.15, 0.2, 0.3):
        process = start(many)
        time.sleep(moment)
        process.kill()
        process.communicate(timeout=120)  # its streams are closed when the last one that has them is about to be gone
        until(lambda group=process.pid: not alive(group), "no process is left")  # type: ignore[misc]


@pytest.mark.parametrize(("reader", "code"), [("head -1", 1), ("true", 1), ("sed 3q", 1), ("cat >/dev/null", 1)])
def test_a_reader_of_many_findings_may_go(many: Path, reader: str, code: int) -> None:
    line = f"'{sys.executable}' -m lblint check . | {reader}; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=many, capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == str(code)


def test_a_reader_of_what_it_says_may_go(many: Path) -> None:
    line = f"'{sys.executable}' -m lblint check -v . 2>&1 >/dev/null | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=many, capture_output=True, text=True, check=False, timeout=120)
    first, code = done.stdout.splitlines()
    assert first.startswith("lblint: read ./000-stack.yml: ")
    assert code == "1"
