"""Many files: what several processes find is what one finds, and nothing of a process is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lblint.lint import Options, check_stacks
from lblint.source import Source, later, read
from lblint.spread import FEW, spread

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures").rglob("*.yml"))
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def stacks(lazy: bool) -> list[list[Source]]:
    reader = later if lazy else read
    return [[reader(path.read_bytes(), str(path))] for path in FIXTURES]


@forks
def test_several_processes_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(FIXTURES) > 4 * FEW
    quick = check_stacks(stacks(lazy=True), Options(env={}, processes=3))
    monkeypatch.setenv("LBLINT_SLOW", "1")
    slow = check_stacks(stacks(lazy=False), Options(env={}, processes=1))
    assert quick.findings == slow.findings
    assert quick.unchecked == slow.unchecked
    assert repr(quick.stacks) == repr(slow.stacks)  # NaN is not equal to itself
    texts = [{name: (source.text, source.faults) for name, source in one.sources.items()} for one in (quick, slow)]
    assert texts[0] == texts[1]


@forks
def test_the_order_is_that_of_the_items() -> None:
    assert list(spread(lambda number: number * 2, range(1000), 4)) == list(range(0, 2000, 2))


@forks
def test_a_worker_that_is_killed_is_made_up_for() -> None:
    caller = os.getpid()

    def work(number: int) -> int:
        if os.getpid() != caller:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert list(spread(work, range(200), 3)) == list(range(200))


@forks
def test_an_error_in_a_worker_is_raised_by_the_caller() -> None:
    def work(number: int) -> int:
        if number == 150:
            raise ValueError("this one")
        return number

    with pytest.raises(ValueError, match="this one"):
        list(spread(work, range(200), 2))


@forks
def test_results_that_do_not_pickle_are_made_by_the_caller() -> None:
    assert [made() for made in spread(lambda number: lambda: number, range(100), 2)] == list(range(100))


@forks
def test_an_interrupt_leaves_no_process_behind() -> None:
    caller = os.getpid()

    def work(number: int) -> int:
        if os.getpid() != caller:
            time.sleep(600)
        elif number:
            raise KeyboardInterrupt
        return number

    with pytest.raises(KeyboardInterrupt):
        list(spread(work, range(200), 2))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


DIES = """
import os, signal
from lblint.spread import spread
caller, (heard, said) = os.getpid(), os.pipe()
def work(number):
    if os.getpid() != caller:
        os.write(said, b"!")
    elif number:
        os.read(heard, 1)
        os.kill(caller, signal.SIGKILL)
    return "x" * 100_000
list(spread(work, range(200), 2))
"""


@forks
def test_a_worker_ends_though_nobody_takes_what_it_found() -> None:
    """More than a pipe holds. Its end is seen by the streams that it has from its caller."""
    done = subprocess.run([sys.executable, "-c", DIES], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGKILL, b"", b"")


def test_a_process_of_somebody_else_is_not_forked() -> None:
    from lblint.spread import processors

    assert processors() == 1
