"""How long a snapshot of a large Swarm takes, in calls and seconds, and a check and the status beside it.

    python bench/speed_live.py [services] [networks]

A stand-in for the daemon (tests/managers.py) has the services, each with a route and a config, and the networks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent / "tests")]

from managers import crowd, managers  # noqa: E402

from lblint.lint import check_stacks, make_options  # noqa: E402
from lblint.lint.service_check import check_running  # noqa: E402
from lblint.report.status import render_status  # noqa: E402
from lblint.source import read  # noqa: E402
from lblint.swarm.connection import connect  # noqa: E402
from lblint.swarm.inventory import inventory  # noqa: E402
from lblint.swarm.model import Snapshot  # noqa: E402
from lblint.swarm.snapshot import snapshot  # noqa: E402

STACK = b"""\
services:
  web:
    image: example/web:1.4
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: new.example.org
        com.docker.lb.port: "8080"
        com.docker.lb.network: net1
networks:
  front: {external: true, name: net1}
"""


def timed(what: str, work: Callable[[], object]) -> object:
    """Do it, and say how long it took."""
    began = time.perf_counter()
    found = work()
    print(f"{what}: {time.perf_counter() - began:.2f} s")
    return found


def main() -> None:
    """Connect, take a snapshot, check a stack beside it, show the status."""
    services, networks = (int(word) for word in (*sys.argv[1:], "1000", "300")[:2])
    with managers(crowd(services, networks)) as (host, server):
        swarm = connect(host=host, env={})
        found = timed(f"snapshot of {services} services and {networks} networks", lambda: snapshot(swarm, ["new"]))
        swarm.close()
        print(f"calls: {len(server.asked)}")
    assert isinstance(found, Snapshot)
    options = make_options(stack_name="new", env={}, live=lambda names: found)
    timed("check of a stack beside it", lambda: check_stacks([[read(STACK, "stack.yml")]], options))
    timed("status", lambda: render_status(inventory(found), check_running(inventory(found).ingress)))


if __name__ == "__main__":
    main()
