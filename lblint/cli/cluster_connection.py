"""What the commands that meet a cluster share: the connection, made once and only when needed, and its errors."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lblint import UncheckedError
from lblint.deploy.client import ClientError, Docker, find
from lblint.swarm.connection import Swarm, connect
from lblint.swarm.errors import SwarmError
from lblint.swarm.model import Snapshot

if TYPE_CHECKING:
    from lblint.swarm.ingress_status import IngressStatus


def docker(host: str | None, context: str | None) -> Docker:
    """The docker client. Raises `UncheckedError` where there is none."""
    try:
        return find(host, context)
    except ClientError as error:
        raise UncheckedError(str(error)) from None


def agree(question: str, unasked: str) -> bool:
    """Ask on the terminal, where Ctrl-C and the end of the input are a no. Raises `UncheckedError` with the sentence
    `unasked` where there is no terminal."""
    import click

    if sys.stdin is None or not sys.stdin.isatty():
        raise UncheckedError(unasked)
    try:
        return click.confirm(question, default=False)
    except click.Abort:
        return False


def named(stack: str) -> None:
    """Raise `UncheckedError` for what docker does not take as the name of a stack (docker/cli
    cli/command/stack/common.go validateStackName): of no name are all services that no stack has made."""
    if not stack.strip().strip("'\"").strip():
        raise UncheckedError(f"{stack!r} is not a valid stack name")


@contextlib.contextmanager
def open_swarm(context: str | None, host: str | None) -> Iterator[Swarm]:
    """A connection to the managers, closed afterwards. Raises `UncheckedError` where there is none or it breaks."""
    try:
        swarm = connect(context, host)
        try:
            yield swarm
        finally:
            swarm.close()
    except SwarmError as error:
        raise UncheckedError(str(error)) from None


def reader(context: str | None, host: str | None) -> Callable[[frozenset[str]], Snapshot]:
    """A function that reads what the managers have, given the names of the stacks; asked again, it says the same.

    It raises `lblint.swarm.errors.SwarmError`.
    """
    known: dict[frozenset[str], Snapshot] = {}

    def read(stacks: frozenset[str]) -> Snapshot:
        from lblint.swarm.connection import connect
        from lblint.swarm.snapshot import snapshot

        if stacks not in known:
            swarm = connect(context, host)
            try:
                known[stacks] = snapshot(swarm, stacks)
            finally:
                swarm.close()
        return known[stacks]

    return read


def status_reader(context: str | None, host: str | None) -> Callable[[], IngressStatus]:
    """A function that reads the ingress that runs, each time anew. It raises `lblint.swarm.errors.SwarmError`."""

    def read() -> IngressStatus:
        from time import time

        from lblint.deploy.culprit import LINES, with_quoted_labels
        from lblint.swarm.ingress_status import read_status
        from lblint.swarm.snapshot import snapshot
        from lblint.swarm.tasks import service_log

        swarm = connect(context, host)
        try:
            status = read_status(swarm, snapshot(swarm), time())
            return with_quoted_labels(status, lambda service: service_log(swarm, service, LINES))
        finally:
            swarm.close()

    return read
