"""On a real Swarm with a real nginx as its proxy: what `lblint deploy` and `lblint rm` prevent, and what they do.

For each, what the docker client alone does is shown, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster, cluster, until
from conftest import docker_client
from core import Core

import lblint
from lblint.swarm.connection import connect
from lblint.swarm.tasks import service_log

__all__ = ["cluster"]

pytestmark = [pytest.mark.needs_swarm, pytest.mark.needs_docker28, pytest.mark.needs_nginx]

SERVICE = """\
  {name}:
    image: lbtest/busybox:1
    stop_signal: SIGKILL
    command:
      - /bin/busybox
      - sh
      - -c
      - 'busybox() {{ /bin/busybox "$$@"; }}; busybox mkdir /www; echo {says} >/www/index.html;
        exec /bin/busybox httpd -f -p 8080 -h /www'
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: {host}
        com.docker.lb.port: "8080"
        com.docker.lb.network: {stack}_front
"""


def stack(name: str, host: str, says: str = "hello") -> str:
    """A stack file with one routed service."""
    web = SERVICE.format(name="web", says=says, host=host, stack=name)
    return f'version: "3.7"\nservices:\n{web}networks:\n  front: {{driver: overlay}}\n'


class Bench:
    """A folder with stack files, and lblint and docker on the cluster."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.env = {
            "PATH": f"{os.path.dirname(cluster.swarm.docker)}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "DOCKER_HOST": cluster.swarm.host,
            "PYTHONPATH": str(Path(lblint.__file__).parent.parent),
        }

    def lblint(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lblint", *words]
        return subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False,
                              timeout=300, stdin=subprocess.DEVNULL)  # fmt: skip

    def write(self, text: str) -> None:
        (self.folder / "stack.yml").write_text(text)

    def deploy(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        return self.lblint("deploy", "-d", "--resolve-image=never", "-c", "stack.yml", *words, name)

    def docker_deploy(self, name: str) -> subprocess.CompletedProcess[str]:
        words = ("stack", "deploy", "-d", "--resolve-image=never", "-c", "stack.yml", name)
        return self.cluster.swarm.run(*words, cwd=self.folder)

    def left(self, kind: str, name: str) -> list[str]:
        """The names of what there is of a stack."""
        label = f"label=com.docker.stack.namespace={name}"
        return sorted(self.cluster.docker(kind, "ls", "--filter", label, "--format", "{{.Name}}").stdout.split())


@pytest.fixture
def bench(cluster: Cluster, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(cluster, tmp_path)
    yield bench
    for name in ("lone", "bad", "half"):
        if bench.left("network", name):
            done = bench.lblint("rm", "--detach-proxy", "-y", "--timeout", "180", name)
            assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def core(cluster: Cluster) -> Iterator[Core]:
    """A proxy, and the core that feeds it."""
    with cluster.ingress() as core:
        yield core


@pytest.fixture
def ingress(core: Core, bench: Bench) -> Core:
    """The proxy, and on it a stack that answers at good.example.com."""
    if not bench.left("service", "shop"):
        bench.write(stack("shop", "good.example.com"))
        done = bench.deploy("shop", "--wait", "--wait-timeout", "180")
        assert done.returncode == 0, done.stdout + done.stderr
    return core


def half(name: str) -> str:
    """A stack of which the second service is refused by the managers."""
    other = SERVICE.format(name="other", says="other", host="other.example.com", stack=name)
    placed = other.replace("    deploy:\n", "    deploy:\n      placement: {constraints: [node.role = worker]}\n")
    return stack(name, "half.example.com").replace("networks:\n  front: {", placed + "networks:\n  front: {")


def test_a_stack_that_managers_refuse_midway_is_not_begun(cluster: Cluster, bench: Bench) -> None:
    bench.write(half("half"))
    before = cluster.listing()
    done = bench.deploy("half")
    assert done.returncode == 1
    assert "placement-constraint-syntax" in done.stdout
    assert cluster.listing() == before


@pytest.mark.needs_docker20
def test_client_20_deploys_files_that_are_relative_to_the_first(cluster: Cluster, bench: Bench) -> None:
    """It reads files from the names that it is given in the same way."""
    docker = docker_client("20.10")
    assert docker is not None
    bench.env["PATH"] = f"{os.path.dirname(docker)}{os.pathsep}{bench.env['PATH']}"
    (bench.folder / "a,b").mkdir()
    (bench.folder / "a,b" / "page.html").write_text("page")
    text = stack("lone", "lone.example.com").replace("    networks:", "    configs: [page]\n    networks:")
    (bench.folder / "a,b" / "stack.yml").write_text(f"{text}configs:\n  page: {{file: page.html}}\n")
    (bench.folder / "over.yml").write_text('version: "3.7"\nservices: {web: {environment: [A=b]}}\n')
    done = bench.lblint("deploy", "--resolve-image=never", "-c", '"a,b/stack.yml",over.yml', "lone")
    assert done.returncode == 0, done.stdout + done.stderr
    assert bench.left("config", "lone") == ["lone_page"]
    spec = cluster.docker("service", "inspect", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Env}}", "lone_web")
    assert spec.stdout == "[A=b]\n"


def test_docker_alone_leaves_half_of_it(bench: Bench) -> None:
    bench.write(half("half"))
    done = bench.docker_deploy("half")
    assert done.returncode == 1
    assert "failed to create service half_other" in done.stderr
    assert bench.left("network", "half") == ["half_front"]
    assert "half_other" not in bench.left("service", "half")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("lbtest/busybox:1", "lbtest/none:1", "No such image: lbtest/none:1", id="no-such-image"),
        pytest.param(
            "    deploy:\n", "    deploy:\n      resources: {reservations: {memory: 900T}}\n", "no suitable node",
            id="no-suitable-node",
        ),
        pytest.param("exec /bin/busybox httpd", "false httpd", "it is flapping", id="flapping"),
    ],
)  # fmt: skip
def test_wait_reports_tasks_that_never_run(bench: Bench, old: str, new: str, said: str) -> None:
    text = stack("lone", "lone.example.com").replace(old, new)
    bench.write(text.replace("    deploy:\n", "    deploy:\n      restart_policy: {delay: 0s}\n"))
    done = bench.deploy("lone", "--wait", "--wait-timeout", "180", "--ignore", "reservation-no-node-has")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "lone_web: " in done.stderr
    assert said in done.stderr


LOOP = """\
services:
  a:
    image: lbtest/busybox:1
    command: [/bin/busybox, sh, -c, "/bin/busybox sleep 8; %s"]
    stop_signal: SIGKILL
    deploy: {restart_policy: {%s}}
"""


@pytest.mark.parametrize(
    ("last", "policy", "said"),
    [
        ("exit 7", "condition: any, delay: 1s", "it is flapping: 3 tasks have died: task: non-zero exit (7)"),
        ("exit 0", "condition: any, delay: 0s", "it is flapping: 3 tasks have died: exit code 0"),
        ("exit 7", "condition: on-failure, delay: 1s, max_attempts: 1",
         "its tasks failed and will not restart after max_attempts 1: task: non-zero exit (7)"),
        ("exit 7", "condition: none", "its tasks failed and will not restart: task: non-zero exit (7)"),
    ],
    ids=["crash-loop", "ends-again-and-again", "max-attempts", "never-restarted"],
)  # fmt: skip
def test_wait_sees_what_dies_some_seconds_later(bench: Bench, last: str, policy: str, said: str) -> None:
    """docker itself calls a service converged when its task has run for five seconds."""
    bench.write(LOOP % (last, policy))
    done = bench.deploy("lone", "--wait", "--wait-timeout", "120")
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"lone_a: {said}" in done.stderr


def test_wait_ends_where_a_task_has_done_its_work(bench: Bench) -> None:
    bench.write(LOOP % ("exit 0", "condition: on-failure"))
    done = bench.deploy("lone", "--wait", "--wait-timeout", "120")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lone is at rest" in done.stdout


def test_wait_looks_at_the_job_that_was_deployed_and_at_no_former_one(bench: Bench) -> None:
    job = LOOP.replace("deploy: {", "deploy: {mode: replicated-job, ").replace("sleep 8", "sleep 1")
    bench.write(job % ("exit 0", "condition: none"))
    done = bench.deploy("lone", "--wait", "--wait-timeout", "120")
    assert done.returncode == 0, done.stdout + done.stderr
    bench.write(job % ("exit 9", "condition: none"))
    done = bench.deploy("lone", "--wait", "--wait-timeout", "120")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "lone_a: its tasks failed and will not restart: task: non-zero exit (9)" in done.stderr


def test_rm_begins_nothing_where_a_container_is_on_the_network(cluster: Cluster, bench: Bench) -> None:
    bench.write(stack("lone", "lone.example.com").replace("driver: overlay", "driver: overlay, attachable: true"))
    assert bench.deploy("lone").returncode == 0
    until(lambda: "running" in cluster.states("lone_web"), "the service runs")
    cluster.docker("run", "-d", "--name", "shell", "--network", "lone_front", "lbtest/busybox:1",
                   "/bin/busybox", "sleep", "1000")  # fmt: skip
    try:
        done = bench.lblint("rm", "lone")
        assert done.returncode == 1, done.stdout + done.stderr
        assert "nothing is removed: network lone_front is used by container shell" in done.stderr
        assert "docker network disconnect lone_front shell" in done.stderr
        assert bench.left("service", "lone") == ["lone_web"]
        docker = cluster.swarm.run("stack", "rm", "lone")
        assert docker.returncode, "docker removes the services, and fails at the network"
        assert "is in use by task" in docker.stderr
        assert bench.left("service", "lone") == []
    finally:
        cluster.docker("rm", "-f", "shell")


def test_wait_gives_up(bench: Bench) -> None:
    bench.write(stack("lone", "lone.example.com"))
    done = bench.deploy("lone", "--wait", "--wait-timeout", "0")
    assert done.returncode == 3
    assert "lone is not at rest after 0 seconds" in done.stderr


def test_a_network_that_others_use_is_not_taken_from_them(cluster: Cluster, bench: Bench) -> None:
    bench.write(stack("lone", "lone.example.com"))
    assert bench.deploy("lone").returncode == 0
    cluster.docker("service", "create", "-d", "--name", "db", "--network", "lone_front", "--replicas", "0",
                   "--no-resolve-image", "lbtest/busybox:1")  # fmt: skip
    try:
        done = bench.lblint("rm", "lone")
        assert done.returncode == 1
        assert "network lone_front is used by db, which is not of this stack" in done.stderr
        assert bench.left("service", "lone") == ["lone_web"]
    finally:
        cluster.docker("service", "rm", "db")


def test_a_good_stack_is_deployed_and_answers(cluster: Cluster, bench: Bench, ingress: Core) -> None:
    assert cluster.get("good.example.com") == "hello"
    bench.write(stack("shop", "good.example.com,more.example.com", "anew"))
    done = bench.deploy("shop", "--wait", "--wait-timeout", "180")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "  update:  service shop_web\n" in done.stdout
    assert "  add:     host more.example.com -> shop_web\n" in done.stdout
    assert "shop is at rest, and ucp-interlock-proxy" in done.stdout
    until(lambda: cluster.get("more.example.com") == "anew", "the new host answers")


def test_what_only_the_running_proxy_knows(cluster: Cluster, bench: Bench, ingress: Core) -> None:
    """Interlock stands still and a service has gone: its host is left in the config that the proxy runs with."""
    bench.write(stack("shop", "good.example.com"))
    assert "host-served-already" not in bench.deploy("shop", "--dry-run").stdout, "its own, by its labels"
    ingress.idle = True
    try:
        cluster.docker("service", "rm", "shop_web")
        again = bench.deploy("shop", "--dry-run")
        assert again.returncode == 0, again.stderr
        assert "so this deploy replaces that service or shares the host with it" in again.stdout
        bench.write(stack("lone", "good.example.com").replace('"8080"', '"9000"'))
        other = bench.deploy("lone", "--dry-run", "--fail-on", "warning")
        assert other.returncode == 1
        assert 'host "good.example.com" is already served by ucp-interlock-proxy (com.docker.interlock.' in other.stdout
        assert "at port 8080 and not 9000" in other.stdout
    finally:
        ingress.idle = False


def test_a_stack_that_breaks_the_proxy_is_refused_and_nothing_changes(
    cluster: Cluster, bench: Bench, ingress: Core
) -> None:
    bench.write(stack("bad", "http://bad.example.com"))
    before = cluster.listing()
    done = bench.deploy("bad")
    assert done.returncode == 1
    assert "invalid-host" in done.stdout
    assert "docker was not started" in done.stderr
    assert cluster.listing() == before
    assert cluster.get("good.example.com") in ("hello", "anew")


def test_docker_alone_breaks_the_proxy(cluster: Cluster, bench: Bench, ingress: Core) -> None:
    """nginx does not start, and the update is rolled back: whoever deployed is not told."""
    bench.write(stack("bad", "http://bad.example.com"))
    done = bench.docker_deploy("bad")
    assert done.returncode == 0
    until(lambda: cluster.proxy("{{.UpdateStatus.State}}") == "rollback_completed", "the proxy is rolled back")
    assert "failed" in cluster.states("ucp-interlock-proxy")
    swarm = connect(host=cluster.swarm.host)
    assert "[emerg]" in service_log(swarm, "ucp-interlock-proxy", 20)
    swarm.close()
    bench.write(stack("lone", "lone.example.com"))
    other = bench.deploy("lone", "--dry-run")
    assert other.returncode == 0, other.stdout
    assert "warning: the running service bad_web (stack bad, deployed 20" in other.stdout
    assert "keeps the proxy from a new config by its label com.docker.lb.hosts" in other.stdout
    now = bench.lblint("status", "--ignore", "interlock-not-running")  # the stand-in for the core is no service
    assert now.returncode == 1
    assert "caused by com.docker.lb.hosts of bad_web (stack bad, deployed 20" in now.stdout, now.stdout
    assert "docker service update --label-rm com.docker.lb.hosts bad_web" in now.stdout


def test_wait_reports_a_proxy_that_rolls_back(cluster: Cluster, bench: Bench, ingress: Core) -> None:
    bench.write(stack("bad", "http://bad.example.com"))
    done = bench.deploy("bad", "--ignore", "invalid-host,proxy-refuses-value", "--wait", "--wait-timeout", "180")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "ucp-interlock-proxy: it was rolled back" in done.stderr
    assert "invalid port" in done.stderr
    assert "most likely by com.docker.lb.hosts: http://bad.example.com of service web" in done.stderr


def test_docker_cannot_remove_what_the_proxy_holds_and_lblint_can(
    cluster: Cluster, bench: Bench, ingress: Core
) -> None:
    done = cluster.swarm.run("stack", "rm", "shop")
    assert done.returncode == 1
    assert "shop_front" in done.stdout + done.stderr
    assert bench.left("network", "shop") == ["shop_front"]
    again = bench.lblint("rm", "--timeout", "180", "shop")
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.endswith("shop is gone\n")
    assert bench.left("network", "shop") == []
    bench.write(stack("shop", "good.example.com"))
    assert bench.deploy("shop", "--wait", "--wait-timeout", "180").returncode == 0


def test_proxies_are_detached_when_interlock_does_not(cluster: Cluster, bench: Bench, ingress: Core) -> None:
    ingress.idle = True
    done = bench.lblint("rm", "--timeout", "3", "shop")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "network shop_front is held by ucp-interlock-proxy\n" in done.stdout
    assert "left of shop: network shop_front, held by ucp-interlock-proxy" in done.stderr
    assert bench.lblint("rm", "--detach-proxy", "shop").returncode == 2, "there is no terminal to ask on"
    done = bench.lblint("rm", "--detach-proxy", "-y", "--timeout", "180", "shop")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "detaching ucp-interlock-proxy from shop_front\n" in done.stdout
    assert bench.left("network", "shop") == []
    ingress.idle = False


@pytest.mark.needs_docker28
def test_logs_are_followed_and_commands_run_in_containers_behind_the_gate(cluster: Cluster, bench: Bench) -> None:
    pytest.importorskip("h11")
    script = "trap exit TERM; for n in 1 2 3; do echo line $n; done; while :; do /bin/busybox sleep 1; done"
    words = (
        "service",
        "create",
        "-d",
        "--no-resolve-image",
        "--name",
        "talker",
        "lbtest/busybox:1",
        "/bin/busybox",
        "sh",
    )
    cluster.docker(*words, "-c", script)
    until(lambda: "running" in cluster.states("talker"), "it runs")
    gate = [sys.executable, "-m", "lblint", "gate", "--", cluster.swarm.docker]
    try:
        with subprocess.Popen([*gate, "service", "logs", "-f", "--raw", "talker"], env=bench.env, cwd=bench.folder,
                              stdout=subprocess.PIPE, text=True) as follows:  # fmt: skip
            assert follows.stdout is not None
            assert [follows.stdout.readline() for _ in range(3)] == ["line 1\n", "line 2\n", "line 3\n"]
            follows.terminate()
        container = cluster.docker("ps", "-q", "--filter", "name=talker").stdout.strip()
        sent = "".join(f"{number}\n" for number in range(50_000))
        copied = subprocess.run([*gate, "exec", "-i", container, "/bin/busybox", "cat"], env=bench.env,
                                input=sent, capture_output=True, text=True, check=False, timeout=60)  # fmt: skip
        assert (copied.returncode, copied.stdout) == (0, sent)
        failed = subprocess.run([*gate, "exec", container, "/bin/busybox", "sh", "-c", "exit 5"], env=bench.env,
                                cwd=bench.folder, check=False, timeout=60)  # fmt: skip
        assert failed.returncode == 5
    finally:
        cluster.docker("service", "rm", "talker")
