"""One function over many items, in as many processes as there are processors; the results in the items' order.

The processes are forks: they have the items without being sent them, and send back results alone. Each takes the next
few items when it is done with the last, by a ticket from a pipe, and so does the calling process. What no process
brings back (it ended, or its results do not pickle) the calling process does itself, so that errors are raised there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")

FEW = 24
"""Items that are not worth a process: a fork takes as long as several of them."""
_CHUNK = 8
_TICKETS = 8000
"""Tickets that a pipe surely takes at once (64 KiB on Linux, four bytes each, and some room)."""


_alone: list[bool] = []


def alone() -> None:
    """Say that this process is lblint's own: nobody else's threads, locks and open files are lost in a fork."""
    _alone.append(True)


def processors() -> int:
    """The processors that a process of lblint's own may use; 1 for any other, and where it cannot fork.

    LBLINT_SLOW=1 in the environment makes it 1, too.
    """
    if not _alone or os.environ.get("LBLINT_SLOW") or not sys.platform.startswith("linux"):
        return 1
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


def _unheard(begun: int) -> None:
    """Who is told of the progress where nobody wants to know."""


def spread(
    work: Callable[[Item], Done],
    items: Sequence[Item],
    processes: int,
    begun: Callable[[int], None] = _unheard,
    large: bool = False,
) -> Iterator[Done]:
    """Yield the work's result for each item. Results must pickle; raises what the work raises.

    `begun` is called now and then with the number of items that have been taken, whoever took them. `large` items are
    worth a process each, and taken one by one.
    """
    if processes < 2 or len(items) < (2 if large else FEW):
        for at, item in enumerate(items):
            begun(at)
            yield work(item)
        return
    size = max(1 if large else _CHUNK, -(-len(items) // _TICKETS))
    chunks = [items[at : at + size] for at in range(1, len(items), size)]
    first = work(items[0])  # imports what the work needs, once for all
    done: dict[int, list[Done]] = {}
    tickets, tray = os.pipe()
    os.write(tray, b"".join(number.to_bytes(4, "big") for number in range(len(chunks))))
    os.close(tray)
    workers: dict[int, int] = {}
    try:
        for _ in range(min(processes, len(chunks)) - 1):
            _fork(work, chunks, tickets, workers)
        for number in _drawn(tickets):
            begun(1 + number * size)
            done[number] = list(map(work, chunks[number]))
        for worker in list(workers):
            done.update(_answer(workers[worker]))
            with _uninterrupted():
                os.close(workers.pop(worker))
                os.waitpid(worker, 0)
    finally:
        os.close(tickets)
        if workers:
            _end(workers)
    yield first
    for number, chunk in enumerate(chunks):
        yield from done.pop(number) if number in done else map(work, chunk)


def _drawn(tickets: int) -> Iterator[int]:
    while ticket := os.read(tickets, 4):
        yield int.from_bytes(ticket, "big")


def _fork(
    work: Callable[[Item], Done], chunks: Sequence[Sequence[Item]], tickets: int, workers: dict[int, int]
) -> None:
    """Start a process that works until there are no tickets, and add to `workers` its number and the pipe that its
    results come from. Ctrl-C ends it without a word, and so does the end of the caller."""
    caller = os.getpid()
    answer, end = os.pipe()
    with _uninterrupted() as interruptible:
        worker = os.fork()
        if worker:
            os.close(end)
            workers[worker] = answer
            return
        try:  # from here on in the worker, which must neither return nor write what the caller has buffered
            interruptible()
            for unread in (answer, *workers.values()):  # who has a pipe's other end waits for itself for ever
                os.close(unread)
            import pickle

            done = {  # pickled chunk by chunk: at the end the caller would wait for it
                number: pickle.dumps(list(map(work, chunks[number])), pickle.HIGHEST_PROTOCOL)
                for number in _drawn(tickets)
                if os.getppid() == caller
            }
            with os.fdopen(end, "wb") as file:
                pickle.dump(done, file, pickle.HIGHEST_PROTOCOL)
        finally:
            os._exit(0)


@contextmanager
def _uninterrupted() -> Iterator[Callable[[], None]]:
    """Ctrl-C waits until the block is left, so that no process is started or ended by half. Yields what a new process
    calls, to be ended by it at once."""
    import signal

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def interruptible() -> None:
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        yield interruptible
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _answer(end: int) -> dict[int, list[Done]]:
    """What a worker brings back; nothing where it came to an early end."""
    import pickle

    with os.fdopen(os.dup(end), "rb") as file:
        content = file.read()
    try:
        done: dict[int, list[Done]] = {number: pickle.loads(chunk) for number, chunk in pickle.loads(content).items()}
    except Exception:  # whatever it is, the work is done again by the caller
        return {}
    return done


def _end(workers: dict[int, int]) -> None:
    """End the workers that nobody waits for any more."""
    import signal

    with _uninterrupted():
        for worker, end in workers.items():
            os.close(end)
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)
