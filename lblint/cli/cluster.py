"""What the commands that meet a cluster share: the docker client, the connection, the sentences when there is none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from lblint import UncheckedError
from lblint.deploy.client import ClientError, Docker, find
from lblint.swarm.connect import Swarm, connect
from lblint.swarm.error import SwarmError


def docker(host: str | None, context: str | None) -> Docker:
    """The docker client. Raises `UncheckedError` where there is none."""
    try:
        return find(host, context)
    except ClientError as error:
        raise UncheckedError(str(error)) from None


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
