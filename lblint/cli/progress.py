"""What is being done, on one line of the terminal: for who waits. Gone when there is something to read."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic

from lblint.cli import inputs
from lblint.cli.inputs import Run
from lblint.lint import Options, Result
from lblint.report.progress import meter

PATIENCE = 0.5
"""Seconds that nobody minds waiting without a word."""
PAUSE = 0.1
"""Seconds between two pictures."""


def wanted() -> bool:
    """Whether somebody may be looking: stderr is a terminal that can go back in a line, and no CI's."""
    if sys.stderr is None or not sys.stderr.isatty() or not hasattr(signal, "setitimer"):
        return False
    return os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


def line(text: str) -> None:
    """Put a line on stderr that the next one replaces, "" for none; on a terminal only."""
    if sys.stderr is None or not sys.stderr.isatty():
        return
    from lblint.report.escape import printable

    end = sys.stderr.fileno()
    with suppress(OSError):  # the terminal has gone: who looked at it has, too
        columns = os.get_terminal_size(end).columns or 80
        os.write(end, b"\r\033[K" + printable(text)[: columns - 1].encode())  # not through a buffer that may be in use


class Progress:
    """Hears of the steps of a run (`Options.tell`), and shows where it is once it has taken longer than a moment.

    An alarm draws: a step may take long in one piece, and a thread would forbid to fork.
    """

    def __init__(self) -> None:
        self.at = ("", 0, 0)
        self.begun = monotonic()

    def heard(self, options: Options) -> Options:
        """Options of a run that also tells this of its steps."""

        def tell(step: str, done: int, total: int) -> None:
            self.at = (step, done, total)
            options.tell(step, done, total)

        return options._replace(tell=tell)

    def draw(self, *_: object) -> None:
        """Show the step; done so as a signal's handler."""
        step, done, total = self.at
        line(f"{meter(done, total)} {step}" if total else f"{step} ... {monotonic() - self.begun:.0f} s")

    def __enter__(self) -> Progress:
        self._before = signal.signal(signal.SIGALRM, self.draw)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE, PAUSE)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)
        line("")


def check_runs(read: Sequence[Run]) -> Result:
    """Check what the arguments name, and show how far it is where somebody may be looking."""
    if not wanted():
        return inputs.check_runs(read)
    with Progress() as shown:
        return inputs.check_runs([run._replace(options=shown.heard(run.options)) for run in read])
