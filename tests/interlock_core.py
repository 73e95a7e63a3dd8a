"""A stand-in for Interlock's core on a real Swarm: a service that reads its config object and fails on a bad one, and
what makes the services of the extensions that its config names.

Like the real one it leaves the services of extensions that are gone, and stops where it cannot reach docker.
"""

from __future__ import annotations

import contextlib
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cluster import Cluster, until
from swarm import IMAGE

from lblint.swarm.connection import connect
from lblint.swarm.model import Service
from lblint.swarm.snapshot import snapshot

CORE = "ucp-interlock"
CONF = "com.docker.ucp.interlock.conf-"
START = """\
if ! /bin/busybox grep -q 'unix:///var/run/docker.sock' /config.toml; then
    echo 'level=fatal msg="cannot connect to the Docker daemon"' >&2; exit 1
fi
if /bin/busybox grep -q 'PollInterval = "9s"' /config.toml; then
    /bin/busybox sleep 7; echo 'level=fatal msg="lost the daemon"' >&2; exit 1
fi
exec /bin/busybox sleep 100000
"""
SLEEP = ("/bin/busybox", "sleep", "100000")


class Core(threading.Thread):
    """Makes the services of the extensions, as long as a task of the core runs."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(daemon=True)
        self.cluster = cluster
        self.ended = threading.Event()
        self.said: list[str] = []

    def run(self) -> None:
        swarm = connect(host=self.cluster.swarm.host)
        while not self.ended.wait(0.5):
            try:
                now = snapshot(swarm)
                core = now.interlock
                if core is not None and core.service.running and core.service.update in ("", "completed"):
                    for extension in tomllib.loads(core.text)["Extensions"].values():
                        self.make(core.config, extension, {service.name: service for service in now.services})
            except Exception as error:  # somebody else was faster: at the next look
                self.said.append(repr(error))
        swarm.close()

    def make(self, config: str, extension: dict[str, Any], there: dict[str, Service]) -> None:
        """Make the extension's service and its proxies, anew where they are of another config."""
        ports = [
            f"mode={extension['PublishMode']},published={extension[f'Published{kind}']},target={extension[f'Target{kind}']}"
            for kind in ("Port", "SSLPort")
        ]
        places = [word for text in extension["ProxyConstraints"] for word in ("--constraint", text)]
        proxy = [
            "--label", "type=com.docker.interlock.core.proxy", "--replicas", str(extension["ProxyReplicas"]),
            *places, *(word for port in ports for word in ("--publish", port)),
        ]  # fmt: skip
        for name, words in ((extension["ServiceName"], []), (extension["ProxyServiceName"], proxy)):
            old = there.get(name)
            if old is not None and old.labels.get("config") == config:
                continue
            if old is not None:
                self.cluster.swarm.run("service", "rm", name)
            done = self.cluster.swarm.run(
                "service", "create", "--detach", "--no-resolve-image", "--name", name, "--label", f"config={config}",
                "--stop-grace-period", "1s", *words, IMAGE, *SLEEP,
            )  # fmt: skip
            self.said += [done.stderr] if done.returncode else []


@contextlib.contextmanager
def interlock(cluster: Cluster, text: str) -> Iterator[Core]:
    """The core with a config, and its extensions, as long as the context lasts; nothing of it is left."""
    file = Path(cluster.folder) / "config.toml"
    file.write_text(text)
    cluster.docker("config", "create", "--label", "com.docker.ucp.InstanceID=few", CONF + "1", str(file))
    cluster.docker(
        "service", "create", "--detach", "--name", CORE, "--no-resolve-image",
        "--config", f"source={CONF}1,target=/config.toml", "--restart-delay", "1s", "--update-monitor", "3s",
        IMAGE, "/bin/busybox", "sh", "-c", START,
    )  # fmt: skip
    core = Core(cluster)
    core.start()
    try:
        until(lambda: states(cluster, "ucp-interlock-proxy") == ["running"], "the proxy runs")
        yield core
    finally:
        core.ended.set()
        core.join(30)
        print(core.said[-5:])
        names = cluster.docker("service", "ls", "--format", "{{.Name}}").stdout.split()
        cluster.docker("service", "rm", *names)
        for name in cluster.docker("config", "ls", "--filter", f"name={CONF}", "-q").stdout.split():
            until(lambda name=name: not cluster.swarm.run("config", "rm", name).returncode, "its config is free")  # type: ignore[misc]


def states(cluster: Cluster, service: str) -> list[str]:
    """The states of the tasks of a service that are to run; none where there is no such service."""
    done = cluster.swarm.run(
        "service", "ps", "--filter", "desired-state=running", "--format", "{{.CurrentState}}", service
    )
    return [line.split()[0].lower() for line in done.stdout.splitlines()]
