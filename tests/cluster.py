"""A Swarm on which tasks run, with an ingress: nginx as the proxy, and a stand-in for Interlock's core.

dockerd has network and mount namespaces of its own: what it sets up meets nobody else and goes with it. The images are
imported: busybox, and Debian's nginx with the libraries that it needs.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import beside_dockerd, docker_client, dockerd, nginx
from core import Core
from nginx import STREAM
from swarm import BUSYBOX, IMAGE, Swarm

NGINX = "lbtest/nginx:1"
PORT = 18080
"""Where the proxy listens, on loopback of the namespace."""
EMPTY = "events {} http { server { listen 80; return 503; } }"
GET = """\
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=2)
connection.request("GET", "/", headers={"Host": sys.argv[2]})
answer = connection.getresponse()
print(answer.read().decode() if answer.status == 200 else "")
"""
_LIBRARY = re.compile(r"(/\S+) \(0x", re.MULTILINE)


class Cluster(NamedTuple):
    """A manager on which tasks run; `swarm` to talk to it, `pid` of dockerd, whose loopback answers."""

    swarm: Swarm
    pid: int
    folder: Path
    busybox: str

    def get(self, host: str) -> str:
        """What the proxy answers for a host: the text, or "" where there is none or an error."""
        command = ["nsenter", "-t", str(self.pid), "-n", sys.executable, "-c", GET, str(PORT), host]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20).stdout.strip()

    def docker(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run docker, which must not fail."""
        done = self.swarm.run(*words)
        assert not done.returncode, done.stderr
        return done

    def listing(self) -> dict[str, list[str]]:
        """Everything that a deploy could change, with the versions of services."""
        kinds = (("network", "--filter=scope=swarm"), ("secret",), ("config",))
        found = {kind: sorted(self.docker(kind, "ls", "-q", *more).stdout.split()) for kind, *more in kinds}
        services = self.docker("service", "ls", "-q").stdout.split()
        versions = ["service", "inspect", "--format", "{{.ID}} {{.Version.Index}}", *services]
        found["service"] = sorted(self.docker(*versions).stdout.split("\n")) if services else []
        return found

    def proxy(self, template: str) -> str:
        """A fact of the proxy's service."""
        return self.docker("service", "inspect", "--format", template, "ucp-interlock-proxy").stdout.strip()

    @contextlib.contextmanager
    def ingress(self) -> Iterator[Core]:
        """A proxy and the core that feeds it, as long as the context lasts; nothing of it is left."""
        page = self.folder / "empty.conf"
        page.write_text(EMPTY)
        self.docker("config", "create", "com.docker.interlock.proxy.0", str(page))
        self.docker(
            "service", "create", "--detach", "--name", "ucp-interlock-proxy", "--no-resolve-image",
            "--config", "source=com.docker.interlock.proxy.0,target=/etc/nginx/nginx.conf",
            "--network", "proxies", "--publish", f"mode=host,target=80,published={PORT}",
            "--update-failure-action", "rollback", "--update-monitor", "2s", "--rollback-monitor", "1s",
            "--restart-delay", "1s", NGINX, "/usr/sbin/nginx", "-g", "daemon off;",
        )  # fmt: skip
        core = Core(self.swarm.host)
        core.start()
        try:
            until(lambda: self.proxy("{{.ID}}") and "running" in self.states("ucp-interlock-proxy"), "the proxy runs")
            yield core
        finally:
            core.stop()
            self.swarm.run("service", "rm", "ucp-interlock-proxy")
            for name in self.docker("config", "ls", "--filter", "name=com.docker.interlock", "-q").stdout.split():
                until(lambda name=name: not self.swarm.run("config", "rm", name).returncode, "its config is free")  # type: ignore[misc]

    def states(self, service: str) -> list[str]:
        """The states of a service's tasks."""
        return [line.split()[0].lower() for line in
                self.docker("service", "ps", "--format", "{{.CurrentState}}", service).stdout.splitlines()]  # fmt: skip


def until(true: Callable[[], object], what: str, seconds: float = 150) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} seconds: {what}"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A Swarm of one manager on which tasks run, with the images and the network `proxies`."""
    docker = docker_client("28")
    busybox = next((path for path in BUSYBOX if Path(path).exists()), None)
    if docker is None or busybox is None or nginx() is None or not Path(STREAM).exists():
        pytest.skip("no docker client 28, busybox, or nginx with its stream module")
    folder = Path(tempfile.mkdtemp(prefix="lblint-cluster-"))
    swarm = Swarm(docker, f"unix://{folder}/d.sock")
    (folder / "daemon.json").write_text("{}")
    words = [dockerd() or "dockerd", "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "-H", swarm.host,
             "--pidfile", f"{folder}/pid", "--config-file", f"{folder}/daemon.json", "--storage-driver", "vfs",
             "--bridge", "none", "--iptables=false", "--ip-masq=false",
             "--node-generic-resource", "gpu=2"]  # fmt: skip
    start = f'{busybox} ip link set lo up && exec "$@"'
    with (folder / "log").open("w") as log:
        daemon = subprocess.Popen(["unshare", "-n", "-m", "sh", "-c", start, "sh", *words], stdout=log, stderr=log,
                                  env=beside_dockerd())  # fmt: skip
    try:
        until(lambda: daemon.poll() is not None or not swarm.run("info").returncode, "dockerd answers", 60)
        if daemon.poll() is not None:
            pytest.skip(f"dockerd does not start here: {(folder / 'log').read_text().splitlines()[-1:]}")
        cluster = Cluster(swarm, int((folder / "pid").read_text()), folder, busybox)
        address = "127.0.0.1:2377"
        cluster.docker("swarm", "init", "--listen-addr", address, "--advertise-addr", address)
        _image(cluster, IMAGE, {"bin/busybox": busybox}, {})
        _image(cluster, NGINX, _files_of_nginx(), {
            "etc/passwd": "root:x:0:0::/:/bin/false\nnginx:x:101:101::/:/bin/false\n",
            "etc/group": "root:x:0:\nnginx:x:101:\nnogroup:x:65534:\n",
            "etc/nginx/mime.types": "types { text/html html; }\n",
            "etc/nginx/conf.d/none": "", "var/log/nginx/none": "", "var/lib/nginx/none": "", "var/run/none": "",
            "usr/share/nginx/html/503.html": "no such route\n", "tmp/none": "",
        })  # fmt: skip
        cluster.docker("network", "create", "--driver", "overlay", "proxies")
        yield cluster
        swarm.run("swarm", "leave", "--force")
    finally:
        daemon.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.wait(30)
        daemon.kill()
        daemon.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _files_of_nginx() -> dict[str, str]:
    """nginx, its module for streams, and the libraries of both."""
    program = nginx() or ""
    found = {"usr/sbin/nginx": program, STREAM.lstrip("/"): STREAM}
    for file in (program, STREAM):
        libraries = subprocess.run(["ldd", file], capture_output=True, text=True, check=True).stdout
        found |= {path.lstrip("/"): os.path.realpath(path) for path in _LIBRARY.findall(libraries)}
    return found


def _image(cluster: Cluster, name: str, files: dict[str, str], texts: dict[str, str]) -> None:
    archive = cluster.folder / "image.tar"
    with tarfile.open(archive, "w") as tar:
        contents = {path: Path(file).read_bytes() for path, file in files.items()}
        contents |= {path: text.encode() for path, text in texts.items()}
        for path, data in contents.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), 0o755
            tar.addfile(entry, io.BytesIO(data))
    cluster.docker("import", str(archive), name)
    archive.unlink()
