"""`lblint status`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lblint import UncheckedError
from lblint.cli import output
from lblint.cli.check import split_names
from lblint.cli.exit_codes import EXIT_FINDINGS, EXIT_UNCHECKED
from lblint.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lblint.lint import Options, Result
    from lblint.swarm.ingress_status import IngressStatus

SHOWN = ("configs", "networks", "tasks")
"""What the tables and the findings are made of, besides the services: without it they are shown, but are not whole."""
PAUSE = 5.0
"""Seconds between two looks with --watch."""
HOME = "\033[H\033[2J\033[3J"
"""What clears a terminal."""


def status(
    host: str | None,
    context: str | None,
    format_: str,
    fail_on: str,
    ignore: tuple[str, ...],
    watch: bool,
    color: str,
) -> int:
    """Show the ingress that runs: hosts and their services, proxies and their networks, and what is wrong.

    TASKS are those that run, of those that are to run. OVER is the network that requests travel over, or `host` for a
    port published on the nodes. ORPHANED are networks that a proxy is attached to and no service that it serves.
    Findings are on Interlock's services that do not run, on hosts that are not served, with the label that is to blame,
    and on the labels of the running services, as a stack file would have them.

    Exit code: 0, 1 findings at or above --fail-on, 2 could not ask.
    """
    from lblint.cli.cluster_connection import status_reader
    from lblint.cli.inputs import with_rules
    from lblint.lint import Options

    options = with_rules(Options(), (), split_names(ignore))
    read = status_reader(context, host)
    if watch:
        if format_ == "json" or not sys.stdout.isatty():
            raise UncheckedError("--watch redraws a terminal: it needs one, and the text format")
        return _watch(read, options, color)
    now, result, refused = _judge(read, options)
    if format_ == "json":
        from lblint.report.status import render_status_json

        output.write(render_status_json(now, result, refused))
    else:
        output.write(_render(now, result, color))
    for sentence in refused.values():
        output.say(sentence)
    if refused:
        return EXIT_UNCHECKED
    if fail_on == "never":
        return 0
    return EXIT_FINDINGS if any(f.severity >= Severity[fail_on.upper()] for f in result.findings) else 0


def _judge(read: Callable[[], IngressStatus], options: Options) -> tuple[IngressStatus, Result, Mapping[str, str]]:
    """What runs, what is found in it, and a sentence for each list that was refused. Raises `UncheckedError`."""
    from lblint.lint.service_check import check_running
    from lblint.swarm.errors import SwarmError

    try:
        now = read()
    except SwarmError as error:
        raise UncheckedError(str(error)) from None
    known = now.snapshot.refused
    return now, check_running(now, options), {name: known[name] for name in sorted(known) if name in SHOWN}


def _render(now: IngressStatus, result: Result, color: str) -> str:
    from lblint.report.status import render_status

    return render_status(now, result, output.colored(color), output.width())


def _watch(read: Callable[[], IngressStatus], options: Options, color: str) -> int:
    """Redraw until somebody ends it by Ctrl-C; managers that do not answer are asked again."""
    from time import localtime, sleep, strftime

    while True:
        try:
            now, result, refused = _judge(read, options)
            text = _render(now, result, color) + "".join(f"{output.shown(one)}\n" for one in refused.values())
        except UncheckedError as error:
            text = output.shown(f"{error}\n")
        output.write(f"{HOME}{strftime('%H:%M:%S', localtime())}, every {PAUSE:g} seconds, Ctrl-C ends\n\n{text}")
        sleep(PAUSE)
