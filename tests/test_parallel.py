"""Many files: several processes find what one finds, no result of a worker is lost, and no worker is left behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from lblint import parallel
from lblint.lint import check_stacks, make_options
from lblint.parallel import map_items, processors
from lblint.source import Source, later, read

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures").rglob("*.yml"))
CALLER = os.getpid()
pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="one process does all on this system"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),  # pytest-xdist has threads
]


def stacks(lazy: bool) -> list[list[Source]]:
    reader = later if lazy else read
    return [[reader(path.read_bytes(), str(path))] for path in FIXTURES]


def in_a_worker() -> bool:
    return os.getpid() != CALLER


def children() -> set[str]:
    """The processes of this one, dead or alive."""
    return {child for task in Path("/proc/self/task").glob("*/children") for child in task.read_text().split()}


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    before = children()
    yield
    assert children() == before


def test_several_processes_find_what_one_finds() -> None:
    several = check_stacks(stacks(lazy=True), make_options(env={}, processes=3))
    one = check_stacks(stacks(lazy=False), make_options(env={}, processes=1))
    assert several.findings == one.findings
    assert several.unchecked == one.unchecked
    assert repr(several.checked.stacks) == repr(one.checked.stacks)  # NaN is not equal to itself
    texts = [
        {name: (source.text, source.faults) for name, source in of.checked.sources.items()} for of in (several, one)
    ]
    assert texts[0] == texts[1]


def test_the_work_is_done_by_so_many_workers() -> None:
    """The first item excepted, which the caller does."""

    def work(number: int) -> int:
        time.sleep(0.001)
        return os.getpid()

    first, *others = map_items(work, range(200), 3)
    assert first == CALLER
    assert len(set(others)) == 3
    assert CALLER not in others


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("chunk", [1, 8])
@pytest.mark.parametrize("count", [0, 1, 2, 9, 10, 1000])
def test_the_order_is_that_of_the_items(count: int, chunk: int, processes: int) -> None:
    doubled = map_items(lambda number: number * 2, range(count), processes, chunk=chunk)
    assert list(doubled) == list(range(0, 2 * count, 2))


@pytest.mark.parametrize("processes", [1, 3])
def test_the_number_of_results_is_told(processes: int) -> None:
    told: list[int] = []
    for at, _ in enumerate(map_items(abs, range(200), processes, told.append)):
        assert told[-1] <= at
    assert told == sorted(set(told))
    assert len(told) > 20


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_of_who_is_told_is_raised(processes: int) -> None:
    def told(count: int) -> None:
        if count > 100:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        list(map_items(abs, range(200), processes, told))


def test_a_worker_that_is_killed_is_made_up_for() -> None:
    def work(number: int) -> int:
        if in_a_worker():
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert list(map_items(work, range(200), 3)) == list(range(200))


@pytest.mark.parametrize("size", [10, 3_000_000], ids=["while it waits", "while it sends"])
def test_the_others_go_on_where_one_is_killed(size: int) -> None:
    """A result that is larger than what a pipe takes is being sent until the caller reads it."""
    done: set[int] = set()

    def work(number: int) -> tuple[int, bytes]:
        time.sleep(0.001)
        return os.getpid(), bytes(size)

    results = map_items(work, range(60), 3, chunk=1)
    for at, (process, _) in enumerate(results):
        done.add(process)
        if at == 10:
            time.sleep(0.1)
            os.kill(process, signal.SIGKILL)
    assert at == 59
    assert len(done) == 4


def test_an_error_in_a_worker_is_raised_by_the_caller() -> None:
    class OwnError(Exception):
        """It cannot be pickled."""

    def work(number: int) -> int:
        if number == 150:
            raise OwnError("this one")
        return number

    results = map_items(work, range(200), 2)
    seen = [next(results) for _ in range(145)]
    with pytest.raises(OwnError, match="this one"):
        seen.extend(results)
    assert seen == list(range(150))


def test_results_that_do_not_pickle_are_made_by_the_caller() -> None:
    assert [made() for made in map_items(lambda number: lambda: number, range(100), 2)] == list(range(100))


class Unreadable:
    """What pickles, and does not unpickle."""

    def __reduce__(self) -> tuple[object, ...]:
        return int, ("x",)


def test_results_that_do_not_unpickle_are_made_by_the_caller() -> None:
    assert {type(made) for made in map_items(lambda _: Unreadable(), range(100), 2)} == {Unreadable}


def test_who_wants_no_more_results_ends_the_workers() -> None:
    def work(number: int) -> int:
        if number > 8:
            time.sleep(600)
        return number

    results = map_items(work, range(200), 2)
    assert [next(results) for _ in range(9)] == list(range(9))
    del results


def test_an_interrupt_leaves_no_process_behind() -> None:
    def work(number: int) -> int:
        if in_a_worker():
            time.sleep(600)
        return number

    timer = threading.Timer(0.2, os.kill, (CALLER, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        list(map_items(work, range(200), 2))
    timer.join()


def test_an_interrupt_waits_until_all_workers_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    join = BaseProcess.join

    def interrupted(worker: BaseProcess, timeout: float | None = None) -> None:
        signal.raise_signal(signal.SIGINT)
        join(worker, timeout)

    monkeypatch.setattr(BaseProcess, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(map_items(abs, range(200), 3))


@pytest.mark.parametrize("most", [0, 1])
def test_where_no_more_processes_may_be_started_there_are_fewer(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fork, started = os.fork, []

    def limited() -> int:
        if len(started) == most:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        started.append(fork())
        return started[-1]

    monkeypatch.setattr(os, "fork", limited)
    assert list(map_items(abs, range(200), 4)) == list(range(200))
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


DIES = """
import os, signal
from lblint.parallel import map_items
caller, (heard, said) = os.getpid(), os.pipe()
def work(number):
    if os.getpid() == caller:
        return ""
    os.write(said, b"!")
    return "x" * 100_000
for count, _ in enumerate(map_items(work, range(200), 3)):
    if count:
        os.read(heard, 1)
        os.kill(caller, signal.SIGKILL)
"""


def test_a_worker_ends_though_nobody_takes_what_it_found() -> None:
    """More than a pipe holds. Its end is seen by the streams that it has from its caller."""
    done = subprocess.run([sys.executable, "-c", DIES], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGKILL, b"", b"")


THREADS = """
import threading
from lblint import parallel
parallel.own_process()
print(parallel.processors() == len(__import__("os").sched_getaffinity(0)))
held = threading.Event()
thread = threading.Thread(target=held.wait)
thread.start()
print(parallel.processors())
held.set()
thread.join()
list(parallel.map_items(abs, range(100), 2))
print(threading.active_count())
list(parallel.map_items(abs, range(100), 2))
"""


def test_a_process_with_threads_is_not_forked_and_a_run_leaves_none() -> None:
    command = [sys.executable, "-W", "error", "-c", THREADS]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.split(), done.stderr) == (["True", "1", "1"], "")


def test_a_process_of_somebody_else_is_not_forked() -> None:
    assert processors() == 1


def test_another_system_has_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(parallel, "_own_process", True)
    assert processors() == 1
    assert set(map_items(lambda _: os.getpid(), range(100), 4)) == {CALLER}


NESTED = """
import multiprocessing
from lblint.parallel import map_items
def work(number):
    return list(map_items(abs, range(100), 2)) == list(range(100))
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.map(work, [1]))
"""


def test_a_worker_of_a_pool_works_alone() -> None:
    """multiprocessing lets its daemonic processes start no others."""
    done = subprocess.run([sys.executable, "-c", NESTED], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("[True]\n", "")


LEAVES = """
import os, sys, threading
from lblint.cli import script
leave = os._exit
def told(code):
    os.write(2, b"at once")
    leave(code)
os._exit = told
if {thread}:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
sys.argv = ["lblint", "check", {folder!r}]
sys.exit(script())
"""


@pytest.mark.parametrize(("thread", "said"), [(False, "at once"), (True, "")], ids=["alone", "with a thread"])
def test_the_script_ends_at_once_after_several_processes(thread: bool, said: str, tmp_path: Path) -> None:
    for number in range(parallel.MIN_FILES):
        (tmp_path / f"{number}.yml").write_text("services: {web: {image: nginx:1}}\n")
    command = [sys.executable, "-c", LEAVES.format(thread=thread, folder=str(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, said)
