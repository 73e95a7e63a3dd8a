"""`lblint deploy` without a Swarm: what it refuses, what it hands to docker, and how docker is run in its place.

`docker` is a script here that writes down how it was called; the daemon is one that only answers and counts.
"""

from __future__ import annotations

import http.server
import json
import os
import pty
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import managers
import pytest

import lblint
from lblint.deploy import client as clients

GOOD = """\
services:
  web:
    image: example/web:1.4
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: ${HOST_NAME-shop.example.com}
        com.docker.lb.port: "8080"
        com.docker.lb.network: shop_front
networks:
  front:
    driver: overlay
"""
BAD = GOOD.replace("${HOST_NAME-shop.example.com}", "http://shop.example.com")
UNSET = GOOD.replace("${HOST_NAME-shop.example.com}", "${HOST_NAME}.example.com")

DOCKER = """\
#!/bin/sh
[ "$1" = --version ] && { echo "Docker version 28.2.2, build e6534b4"; exit 0; }
printf '%s\\n' "$@" >"$TOLD/words"
for word; do case $word in --compose-file=*) cat "${word#--compose-file=}" >>"$TOLD/bytes";; esac; done
[ -t 0 ] && echo terminal >"$TOLD/terminal"
trap 'echo INT >"$TOLD/signal"; exit 41' INT
trap 'echo TERM >"$TOLD/signal"; exit 42' TERM
trap 'echo HUP >"$TOLD/signal"; exit 43' HUP
[ -e "$TOLD/stay" ] && { echo >"$TOLD/started"; i=0; while [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done; }
[ -e "$TOLD/die" ] && kill -9 $$
exit "${DOCKER_EXITS:-0}"
"""


class Place:
    """A folder with stack files and a docker of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = folder / "told"
        self.told.mkdir()
        (folder / "bin").mkdir()
        docker = folder / "bin" / "docker"
        docker.write_text(DOCKER)
        docker.chmod(0o755)
        for name, text in (("good.yml", GOOD), ("bad.yml", BAD), ("unset.yml", UNSET)):
            (folder / name).write_text(text)
        self.env = {
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "TOLD": str(self.told),
            "PYTHONPATH": str(Path(lblint.__file__).parent.parent),
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "lblint", "deploy", *words]

    def run(self, *words: str, stdin: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*words), cwd=self.folder, env={**self.env, **env}, input=stdin, text=True,
                              capture_output=True, check=False, timeout=60)  # fmt: skip

    def start(self, *words: str, **more: Any) -> subprocess.Popen[bytes]:
        """Start it, and wait until docker runs."""
        (self.told / "stay").touch()
        process = subprocess.Popen(self.command(*words), cwd=self.folder, env=self.env, **more)
        self.until("started")
        return process

    def until(self, name: str) -> str:
        for _ in range(600):
            if (self.told / name).exists():
                return (self.told / name).read_text()
            time.sleep(0.05)
        raise AssertionError(f"docker never wrote {name}")

    @property
    def started(self) -> bool:
        return (self.told / "words").exists()

    @property
    def words(self) -> list[str]:
        return (self.told / "words").read_text().splitlines()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_docker_gets_the_same_options_and_the_bytes_that_were_checked(place: Place) -> None:
    done = place.run("--offline", "-H", "tcp://x", "--prune", "-dc", "good.yml", "--resolve-image", "never", "shop")
    assert done.returncode == 0, done.stderr
    assert place.words[:5] == ["--host", "tcp://x", "stack", "deploy", "--prune=true"]
    assert {"--detach=true", "--resolve-image=never"} <= set(place.words)
    assert place.words[-2:] == ["--", "shop"]
    assert (place.told / "bytes").read_text() == GOOD


def test_what_was_not_given_is_not_given_to_docker(place: Place) -> None:
    place.run("--offline", "-c", "good.yml", "shop")
    assert len(place.words) == 5


def test_stdin_is_read_once(place: Place) -> None:
    over = "services: {web: {environment: [A=b]}}\n"
    done = place.run("--offline", "-c", "good.yml,-", "shop", stdin=over)
    assert done.returncode == 0, done.stderr
    assert (place.told / "bytes").read_text() == GOOD + over


def test_no_option_is_offered_that_a_deploy_does_not_have(place: Place) -> None:
    done = place.run("--offline", "--dry-run", "-c", "bad.yml", "shop")
    assert "help:   write shop.example.com" in done.stdout
    assert "--fix" not in done.stdout


REFUSED = [
    pytest.param(["-c", "bad.yml", "shop"], 1, "invalid-host", id="finding"),
    pytest.param(["-c", "good.yml", "--fail-on", "info", "shop"], 1, "ingress-network-owned", id="fail-on"),
    pytest.param(["-c", "unset.yml", "shop"], 1, "HOST_NAME is not set in this deploy", id="unset-in-a-label"),
    pytest.param(["-c", "none.yml", "shop"], 2, "none.yml: No such file", id="no-such-file"),
    pytest.param(["shop"], 2, "no stack file given", id="no-file"),
    pytest.param(["-c", "good.yml"], 2, "Missing argument 'STACK'", id="no-stack"),
    pytest.param(["-c", "good.yml", "a", "b"], 2, "unexpected extra argument", id="two-stacks"),
    pytest.param(["-c", "good.yml", "--prune=maybe", "shop"], 2, "neither true nor false", id="no-boolean"),
    pytest.param(["-c", 'a"b', "shop"], 2, "a name with a quote", id="no-csv"),
    pytest.param(["-c", "good.yml", "--resolve-image", "often", "shop"], 2, "often", id="resolve-image"),
    pytest.param(["-c", "good.yml", "--client", "x", "shop"], 2, "is not a version of the docker client", id="client"),
    pytest.param(["-c", "good.yml", "--bogus", "shop"], 2, "No such option", id="unknown-option"),
    pytest.param(["-c", "good.yml", ""], 2, "'' is not a valid stack name", id="no-name"),
    pytest.param(["-c", "good.yml", " '' "], 2, "is not a valid stack name", id="quotes-alone"),
    pytest.param(["-c", "good.yml", "--wait-timeout", "nan", "shop"], 2, "is no number of seconds", id="nan"),
    pytest.param(["-c", "good.yml", "--ignore", "nope", "shop"], 2, "there is no rule 'nope'", id="unknown-rule"),
]


WITH_PROXY = [
    pytest.param(["--interlock-config", "interlock.toml"], 1, "service-cluster-missing", id="interlock-config"),
    pytest.param(["--interlock-config", "none.toml"], 2, "none.toml: No such file", id="no-such-config"),
    pytest.param(["--interlock-version=3.0.1", "--fail-on=info"], 1, "UCP 3.0.1 may keep restarting", id="version"),
    pytest.param(["--interlock-version", "new"], 2, "is not a version of UCP or MKE", id="no-version"),
    pytest.param(["--with", "running.conf"], 1, "host-served-already", id="with"),
    pytest.param(["--with=good.yml"], 2, "good.yml: is not a config", id="with-what-is-none"),
    pytest.param(["--nginx=./no-nginx"], 2, "no-nginx", id="nginx-that-is-not-there"),
]


@pytest.mark.parametrize(("words", "code", "said"), WITH_PROXY)
def test_what_is_known_of_the_proxy_counts(place: Place, words: list[str], code: int, said: str) -> None:
    (place.folder / "interlock.toml").write_text("[Extensions.blue]\nServiceCluster = 'blue'\nServiceName = 'x'\n")
    (place.folder / "running.conf").write_text(
        "http { upstream u { server 10.0.0.1:9; } server { listen 80; server_name a.example.com; "
        "location / { proxy_pass http://u; } } }"
    )
    env = {"HOST_NAME": "a.example.com,b.example.com"}
    done = place.run("--offline", "--fail-on", "warning", "-c", "good.yml", *words, "shop", **env)
    assert (done.returncode, place.started) == (code, False), done.stdout + done.stderr
    assert said in done.stdout + done.stderr
    assert place.run("--offline", "--fail-on", "warning", "-c", "good.yml", "shop", **env).returncode == 0


@pytest.mark.needs_nginx
def test_nginx_takes_its_value_behind_an_equals_sign_alone(place: Place) -> None:
    """A stack may be called as a program is."""
    assert place.run("--offline", "-c", "good.yml", "--nginx", "sort").returncode == 0
    assert place.words[-2:] == ["--", "sort"]


@pytest.mark.parametrize(("words", "code", "said"), REFUSED)
def test_docker_is_not_started(place: Place, words: list[str], code: int, said: str) -> None:
    done = place.run("--offline", *words)
    assert (done.returncode, place.started) == (code, False), done.stderr
    assert said in done.stdout + done.stderr


def test_a_variable_of_a_label_that_is_set_is_none_of_its_business(place: Place) -> None:
    assert place.run("--offline", "-c", "unset.yml", "shop", HOST_NAME="shop").returncode == 0


def test_an_unreadable_cluster_stops_it(place: Place) -> None:
    done = place.run("-c", "good.yml", "shop", DOCKER_HOST=f"unix://{place.folder}/none.sock")
    assert (done.returncode, place.started) == (2, False)
    assert "no docker daemon at" in done.stderr
    assert "nothing is deployed" in done.stderr
    assert "bug" not in done.stderr, "it is the cluster's trouble, not one of lblint"
    assert "Error" not in done.stderr


def test_no_docker_client(place: Place) -> None:
    (place.folder / "bin" / "docker").unlink()
    done = place.run("--offline", "-c", "good.yml", "shop", PATH=str(place.folder / "bin"))
    assert done.returncode == 2
    assert "no docker client on PATH" in done.stderr


def test_exit_code_of_docker(place: Place) -> None:
    done = place.run("--offline", "-c", "good.yml", "shop", DOCKER_EXITS="17")
    assert done.returncode == 17
    assert "docker stack deploy ended with 17: what it had done of shop until then stays" in done.stderr


def test_docker_that_dies(place: Place) -> None:
    (place.told / "die").touch()
    assert place.run("--offline", "-c", "good.yml", "shop").returncode == 128 + signal.SIGKILL


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 41), (signal.SIGTERM, 42), (signal.SIGHUP, 43)], ids=["INT", "TERM", "HUP"]
)
def test_signals_reach_docker(place: Place, number: int, code: int) -> None:
    process = place.start("--offline", "-c", "good.yml", "shop", start_new_session=True, stdout=subprocess.DEVNULL)
    os.kill(process.pid, number)
    assert process.wait(60) == code


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of forkpty:DeprecationWarning")  # pytest-xdist has threads
def test_ctrl_c_on_a_terminal_reaches_docker_once_and_lblint_waits_for_it(place: Place) -> None:
    (place.told / "stay").touch()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(place.folder)
        os.execve(sys.executable, place.command("--offline", "-c", "good.yml", "shop"), place.env)
    place.until("started")
    assert place.until("terminal") == "terminal\n"
    os.write(terminal, b"\x03")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 41
    assert (place.told / "signal").read_text() == "INT\n"
    os.close(terminal)


def test_a_signal_while_docker_is_started_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen

    def popen(command: list[str], **more: Any) -> subprocess.Popen[bytes]:
        os.kill(os.getpid(), signal.SIGTERM)
        return real(command, **more)

    monkeypatch.setattr(subprocess, "Popen", popen)
    assert clients.run(["sleep", "30"]) == 128 + signal.SIGTERM


def test_a_ctrl_c_is_not_sent_to_docker_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal sends it to docker; this docker ends by itself soon after."""
    monkeypatch.setattr(clients, "_from_terminal", lambda: True)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    assert clients.run(["sleep", "0.6"]) == 0


def test_other_signals_are_handed_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that is closed sends SIGHUP to lblint alone where it leads the session."""
    monkeypatch.setattr(clients, "_from_terminal", lambda: True)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGHUP)).start()
    assert clients.run(["sleep", "2"]) == 128 + signal.SIGHUP


def test_a_docker_that_cannot_be_run_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(clients.ClientError, match="/nowhere/docker cannot be run"):
        clients.run(["/nowhere/docker", "stack"])
    monkeypatch.setenv("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND", "/nowhere/docker")
    with pytest.raises(clients.ClientError, match="/nowhere/docker cannot be run"):
        clients.find()


def test_a_sigint_that_is_no_ctrl_c_reaches_docker_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the two look alike."""
    monkeypatch.setattr(clients, "_from_terminal", lambda: True)
    monkeypatch.setattr(clients, "LATER", 0.2)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    assert clients.run(["sleep", "30"]) == 128 + signal.SIGINT


class Daemon(http.server.BaseHTTPRequestHandler):
    """A manager that has nothing, and notes what it was asked."""

    asked: ClassVar[list[str]] = []
    ANSWERS: ClassVar[dict[str, Any]] = {
        "version": {"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Version": "20.10.24"},
        "info": {"Swarm": {"ControlAvailable": True, "LocalNodeState": "active"}},
    }

    def _answer(self) -> None:
        self.asked.append(self.command)
        name = self.path.partition("?")[0].rstrip("/").rpartition("/")[2]
        body = json.dumps(self.ANSWERS.get(name, [])).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815

    def address_string(self) -> str:
        return "socket"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[str]:
    """The address of such a manager."""
    Daemon.asked.clear()
    with socketserver.ThreadingUnixStreamServer(str(tmp_path / "d.sock"), Daemon) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"unix://{tmp_path}/d.sock"
        server.shutdown()
        thread.join()


def test_dry_run_only_reads(place: Place, daemon: str) -> None:
    done = place.run("-H", daemon, "--dry-run", "-c", "good.yml", "shop")
    assert done.returncode == 0, done.stderr
    assert not place.started
    assert "  create:  network shop_front\n" in done.stdout
    assert "  add:     host shop.example.com -> shop_web\n" in done.stdout
    assert len(Daemon.asked) > 4
    assert {word for word in Daemon.asked if word != "GET"} == set()


def test_nor_does_a_deploy_itself_write(place: Place, daemon: str) -> None:
    """All that is written, docker writes."""
    done = place.run("-H", daemon, "-c", "good.yml", "shop")
    assert done.returncode == 0, done.stderr
    assert place.words[:2] == ["--host", daemon]
    assert {word for word in Daemon.asked if word != "GET"} == set()


def test_what_prune_removes_is_not_in_the_way(place: Place, daemon: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old = managers.service("shop_old", "shop")
    old["Spec"]["EndpointSpec"]["Ports"] = [{"TargetPort": 80, "PublishedPort": 8080, "Protocol": "tcp"}]
    monkeypatch.setitem(Daemon.ANSWERS, "services", [old])
    text = GOOD.replace("    networks: [front]", "    networks: [front]\n    ports: ['8080:8080']")
    (place.folder / "good.yml").write_text(text)
    done = place.run("-H", daemon, "-c", "good.yml", "shop")
    assert (done.returncode, place.started) == (1, False)
    assert "port-held-by-service" in done.stdout
    done = place.run("-H", daemon, "-c", "good.yml", "--prune", "shop")
    assert (done.returncode, place.started) == (0, True), done.stdout
    assert "  remove:  service shop_old\n" in done.stdout


def test_ctrl_c_while_it_waits_says_that_the_stack_is_deployed(place: Place, daemon: str) -> None:
    words = place.command("-H", daemon, "--wait", "-c", "good.yml", "shop")
    with subprocess.Popen(words, cwd=place.folder, env=place.env, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:  # fmt: skip
        place.until("words")
        asked = len(Daemon.asked)
        while len(Daemon.asked) < asked + 8:  # it looks at what becomes of it
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "lblint: shop is deployed" in err
    assert "Traceback" not in out + err


def test_a_cluster_that_is_gone_when_it_shall_be_watched(
    place: Place, daemon: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read once for the check, and once more before docker is started."""
    infos = iter([Daemon.ANSWERS["info"]])
    gone = {"Swarm": {"ControlAvailable": False, "LocalNodeState": "inactive"}}

    class Answers(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            return next(infos, gone) if name == "info" else super().get(name, default)

    monkeypatch.setattr(Daemon, "ANSWERS", Answers(Daemon.ANSWERS))
    done = place.run("-H", daemon, "--wait", "-c", "good.yml", "shop")
    assert (done.returncode, place.started) == (2, False)
    assert "nothing is deployed" in done.stderr


def test_a_daemon_that_is_no_manager(place: Place, daemon: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Daemon.ANSWERS, "info", {"Swarm": {"ControlAvailable": False, "LocalNodeState": "inactive"}})
    done = place.run("-H", daemon, "-c", "good.yml", "shop")
    assert (done.returncode, place.started) == (2, False)
    assert "is not a Swarm manager" in done.stderr


def test_settings_count_as_for_a_check(place: Place) -> None:
    (place.folder / ".lblint.yml").write_text("domains: [blog.example.com]\n")
    done = place.run("--offline", "-c", "good.yml", "shop")
    assert (done.returncode, place.started) == (1, False)
    assert "[host-not-allowed]" in done.stdout
    assert place.run("--offline", "--no-config", "-c", "good.yml", "shop").returncode == 0
    (place.folder / "other.yml").write_text("domains: [shop.example.com]\n")
    assert place.run("--offline", "--config", "other.yml", "-c", "good.yml", "shop").returncode == 0
    (place.folder / ".lblint.yml").write_text("fail-on: info\n")
    assert place.run("--offline", "-c", "good.yml", "shop").returncode == 1
    assert place.run("--offline", "-c", "good.yml", "--fail-on", "error", "shop").returncode == 0
    (place.folder / ".lblint.yml").write_text("domain: x\n")
    done = place.run("--offline", "-c", "good.yml", "shop")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lblint: .lblint.yml:1:1: unknown key 'domain' (did you mean domains?)\n"


@pytest.mark.parametrize("text", ["stack-names: {good.yml: shop}", "stacks: [{name: shop, files: [good.yml, x.yml]}]"])
def test_a_stack_under_another_name_than_the_settings_have(place: Place, text: str) -> None:
    (place.folder / ".lblint.yml").write_text(text)
    done = place.run("--offline", "-c", "good.yml", "shpo")
    assert (done.returncode, done.stdout, place.started) == (2, "", False)
    assert done.stderr == (
        "lblint: good.yml: by .lblint.yml this is the stack shop, and not shpo: nothing is deployed (--no-config "
        "deploys it all the same)\n"
    )
    assert place.run("--offline", "-c", "good.yml", "shop").returncode == 0
    assert place.words[-2:] == ["--", "shop"]


def test_variables_of_the_settings_are_none_of_the_deploy(place: Place) -> None:
    """Docker reads the environment alone: a variable that a check knows from the file is missing in a deploy, and one
    that would make docker load a library never reaches it."""
    (place.folder / ".lblint.yml").write_text("env: {HOST_NAME: shop, LD_PRELOAD: /tmp/x.so, TOLD: /nowhere}\n")
    checked = subprocess.run([sys.executable, "-m", "lblint", "check", "unset.yml"], cwd=place.folder, env=place.env,
                             text=True, capture_output=True, check=False)  # fmt: skip
    assert (checked.returncode, "unset-variable" in checked.stdout) == (0, False)
    done = place.run("--offline", "-c", "unset.yml", "shop")
    assert (done.returncode, place.started) == (1, False)
    assert "[unset-variable" in done.stdout or "HOST_NAME" in done.stdout
    assert place.run("--offline", "-c", "unset.yml", "shop", HOST_NAME="shop").returncode == 0
    assert "ld.so" not in done.stderr


def test_settings_do_not_make_less_of_what_hurts_others(place: Place) -> None:
    (place.folder / ".lblint.yml").write_text("rules: {invalid-host: off, stack-name-inferred: off}\n")
    done = place.run("--offline", "-c", "bad.yml", "shop")
    assert (done.returncode, place.started) == (1, False)
    assert "[invalid-host]" in done.stdout
    assert "lblint: .lblint.yml: what invalid-host finds affects others: it stays of severity error" in done.stderr
    assert place.run("--offline", "--suppress", "all", "--ignore", "proxy-refuses-value,nginx-refuses-config", "-c",
                     "bad.yml", "shop").returncode == 0  # fmt: skip


def test_settings_do_not_make_less_of_what_is_not_theirs_alone_to_decide(place: Place) -> None:
    """Another host than the ingress serves breaks no proxy, and may be somebody else's."""
    (place.folder / ".lblint.yml").write_text("domains: [blog.example.com]\nrules: {host-not-allowed: off}\n")
    done = place.run("--offline", "--dry-run", "--fail-on", "warning", "-c", "good.yml", "shop")
    assert done.returncode == 1
    assert "[host-not-allowed]" in done.stdout


def test_a_comment_silences_nothing_that_hurts_others(place: Place) -> None:
    """Whose file it is does not say whose proxy it is; who deploys may say that it is all the same."""
    rules = "invalid-host, ingress-network-owned-by-stack"
    (place.folder / "quiet.yml").write_text(f"# lblint: ignore-file[{rules}] we know\n" + BAD)
    done = place.run("--offline", "-c", "quiet.yml", "shop")
    assert (done.returncode, place.started) == (1, False)
    assert "the comment on line 1 may not silence what affects others, too [invalid-host]" in done.stdout
    assert done.stdout.rstrip().endswith("; 1 suppressed")
    assert place.run("--offline", "--suppress", "none", "-c", "quiet.yml", "shop").returncode == 1
    assert not place.started
    done = place.run("--offline", "--suppress", "all", "-c", "quiet.yml", "shop")
    assert (done.returncode, place.started) == (0, True)
    assert "2 suppressed, of which 1 would break the proxy" in done.stdout


def test_there_is_no_baseline(place: Place) -> None:
    (place.folder / "known.json").write_text('{"schema": 1, "findings": []}')
    (place.folder / ".lblint.yml").write_text("baseline: nowhere.json\n")
    assert place.run("--offline", "--baseline", "known.json", "-c", "good.yml", "shop").returncode == 2
    assert not place.started
    assert place.run("--offline", "-c", "good.yml", "shop").returncode == 0, "nor is one asked for"


TRIED = BAD.replace("http://shop.example.com", "default").replace(
    '"8080"\n', '"8080"\n        com.docker.lb.ssl_cert: a.cert\n        com.docker.lb.ssl_key: a.key\n'
)
"""What only the trial of the nginx.conf finds."""


@pytest.mark.parametrize("severity", ["info", "warning", "off"])
def test_what_counts_less_hides_nothing_that_breaks_the_proxy(place: Place, severity: str) -> None:
    """An error keeps its route from the trial; one that no longer stops the deploy does not."""
    text = TRIED.replace("com.docker.lb.port", "com.docker.lb.hots: x\n        com.docker.lb.port")
    (place.folder / "tried.yml").write_text(text)
    (place.folder / ".lblint.yml").write_text(f"rules: {{unknown-label: {severity}}}\n")
    done = place.run("--offline", "-c", "tried.yml", "shop")
    assert (done.returncode, place.started) == (1, False)
    assert "[proxy-refuses-value]" in done.stdout


HAPROXY = '[Extensions.default]\nServiceName = "x"\nProxyServiceName = "y"\nProxyImage = "haproxy:2"\nProxyReplicas=2\n'


def test_a_config_beside_the_stack_does_not_say_what_the_proxies_are(place: Place) -> None:
    """It says that there is no nginx, and who wrote the stack wrote it, too; an option is the word of who deploys."""
    (place.folder / "tried.yml").write_text(TRIED)
    (place.folder / "own.toml").write_text(HAPROXY)
    (place.folder / ".lblint.yml").write_text("interlock: {config: own.toml}\n")
    done = place.run("--offline", "-c", "tried.yml", "shop")
    assert (done.returncode, place.started) == (1, False)
    assert "[proxy-refuses-value]" in done.stdout
    done = place.run("--offline", "--interlock-version=3.3", "-c", "tried.yml", "shop")
    assert (done.returncode, place.started) == (1, False)
    assert place.run("--offline", "--interlock-config=own.toml", "-c", "tried.yml", "shop").returncode == 0
