"""How much longer a call takes with `lblint guard`: many updates at the same time, beside many routes that run.

    python bench/guard.py [--routes 1000] [--clients 50] [--rounds 4]

A guard process is asked as dockerd asks it, over its socket; its managers are a stand-in that has the routes. The table
has the time of one question in milliseconds (median, 99 of 100), first with a view of the Swarm that is kept, then with
one that has changed each time; and for calls that are no update. What the managers take to tell what they have (some 50
ms) is not in it. No docker is needed.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import resource
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent / "tests"), str(Path(__file__).parent.parent)]

from lblint.guard.authorization import Authorizer  # noqa: E402
from lblint.guard.decision import Policy  # noqa: E402
from lblint.guard.plugin import Plugin, listening_on  # noqa: E402
from lblint.lint import Options  # noqa: E402
from lblint.lint.service_check import Neighbours, findings_on  # noqa: E402
from lblint.swarm.model import Attachment, Network, Service, Snapshot  # noqa: E402

OPTIONS = Options()


def labels(host: str) -> dict[str, str]:
    """Those of one route."""
    return {"com.docker.lb.hosts": host, "com.docker.lb.port": "80", "com.docker.lb.network": "front"}


class Managers:
    """A Swarm with many routes."""

    def __init__(self, routes: int) -> None:
        services = (Service(str(n), f"s{n}", networks=(Attachment("n1"),), labels=labels(f"h{n}.example.org"))
                    for n in range(routes))  # fmt: skip
        self.live = Snapshot(services=tuple(services), networks=(Network("n1", "front"),))
        self.neighbours = Neighbours(self.live, OPTIONS)
        self.lock, self.changes, self.changing = threading.Lock(), 0, False

    def judge(self, spec: Any) -> Any:
        """The findings; where services are `changing`, one has changed since the last time."""
        with self.lock:
            if self.changing:
                self.changes += 1
                first, *others = self.live.services
                changed = first._replace(labels=labels(f"changed{self.changes}.example.org"))
                self.neighbours = Neighbours(self.live._replace(services=(changed, *others)), OPTIONS, self.neighbours)
            return findings_on(spec, self.neighbours, OPTIONS)

    def service(self, name: str) -> Any:
        """None is rolled back here."""
        raise NotImplementedError


def asked(uri: str, number: int) -> bytes:
    """What dockerd asks."""
    spec = {"Name": f"s{number}", "Labels": labels(f"new{number}.example.org"),
            "TaskTemplate": {"ContainerSpec": {"Image": "nginx"}, "Networks": [{"Target": "front"}]}}  # fmt: skip
    body = base64.b64encode(json.dumps(spec).encode()).decode()
    return json.dumps({"RequestMethod": "POST", "RequestUri": uri, "RequestBody": body,
                       "RequestHeaders": {"Content-Type": "application/json"}}).encode()  # fmt: skip


def times(path: str, uri: str, clients: int, rounds: int) -> list[float]:
    """Seconds of each question, of clients that ask at the same time."""
    taken: list[float] = []

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("guard", timeout=120)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(path)
        for _ in range(rounds):
            begun = time.perf_counter()
            connection.request("POST", "/AuthZPlugin.AuthZReq", asked(uri, number))
            answer = json.loads(connection.getresponse().read())
            taken.append(time.perf_counter() - begun)
            assert answer["Allow"], answer
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--routes", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=4)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/s"
        managers = Managers(args.routes)
        plugin = Plugin(listening_on(path), Authorizer(managers, Policy(), 2), lambda: None, dict)
        threading.Thread(target=plugin.serve_forever, daemon=True).start()
        print(f"| {args.routes} routes | clients | median, ms | 99 of 100, ms |\n| --- | --- | --- | --- |")
        update, other = "/v1.41/services/s1/update", "/v1.41/info"
        for what, uri, changing in (("service update", update, False), ("while services change", update, True),
                                    ("any other call", other, False)):  # fmt: skip
            managers.changing = changing
            for clients in (1, args.clients):
                rounds = args.rounds * (5 if clients == 1 else 1)
                taken = sorted(seconds * 1000 for seconds in times(path, uri, clients, rounds))
                last = taken[min(len(taken) - 1, len(taken) * 99 // 100)]
                print(f"| {what} | {clients} | {statistics.median(taken):.1f} | {last:.1f} |")
    print(f"\nmost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    main()
