"""`lblint interlock apply` where docker or the managers fail: what is said, and that nothing is half done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pytest
from managers import healthy, managers
from test_interlock_commands import DEFAULT, NAME, config, core

from lblint.cli import main
from lblint.deploy import convergence
from lblint.deploy.client import Docker
from lblint.deploy.convergence import State
from lblint.deploy.core_update import CorePlan, Rollout, RolloutError, plan_update, port_to_publish, roll_out
from lblint.interlock.config import InterlockConfig, read_config
from lblint.source.toml import read_toml
from lblint.swarm.core_config import core_config
from lblint.swarm.errors import SwarmError
from lblint.swarm.model import Snapshot
from lblint.swarm.snapshot_json import from_json
from lblint.swarm.tasks import Task

NODES = [{"ID": "n1", "Spec": {"Role": "manager", "Availability": "active"}, "Status": {"State": "ready"},
          "Description": {"Hostname": "n1", "Platform": {"OS": "linux"}}}]  # fmt: skip
NETWORKS = [{"Id": "i", "Name": "ingress", "Scope": "swarm", "Driver": "overlay"}]
NEW = DEFAULT.replace("ProxyReplicas = 2", "ProxyReplicas = 3")


def read(text: str) -> InterlockConfig:
    """A config of Interlock, read."""
    return read_config(read_toml(text.encode(), "config.toml"))


def swarm(number: int = 1, version: int = 7, **more: Any) -> Snapshot:
    """A Swarm whose core runs with the config of a number."""
    name = f"{NAME}{number}"
    use = {"name": name, "id": name, "target": "/config.toml"}
    service = {"name": "ucp-interlock", "version": version, "configs": [use], "running": 1, "replicas": 1, **more}
    configs = [
        {"name": f"{NAME}{n}", "text": DEFAULT, "labels": {"com.docker.ucp.InstanceID": "few"}}
        for n in range(1, number + 1)
    ]
    proxies = [{"name": name, "version": 3} for name in ("ucp-interlock-extension", "ucp-interlock-proxy")]
    return from_json({"services": [service, *proxies], "configs": configs})


def plan() -> CorePlan:
    """The plan for the new config on that Swarm."""
    return plan_of(swarm())


def plan_of(now: Snapshot) -> CorePlan:
    """The plan for the new config on a Swarm."""
    return plan_update(now, core_config(now, "ucp-interlock"), read(NEW), read(DEFAULT))


class Daemon:
    """A docker client that writes down its words, and fails at some of them; `looks` are what the managers say, one
    after the other, the last for ever."""

    def __init__(self, folder: Path, looks: Sequence[Snapshot | SwarmError], fails: str = "none") -> None:
        self.log = folder / "log"
        self.log.touch()
        self.said: list[str] = []
        path = folder / "docker"
        path.write_text(f'#!/bin/sh\necho "$@" >> {self.log}\ncase "$*" in {fails}) echo refused >&2; exit 1;; esac\n')
        path.chmod(0o755)
        self.docker = Docker(str(path), "28.2.2")
        self.looks = list(looks)

    def look(self, names: Sequence[str]) -> State:
        now = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(now, SwarmError):
            raise now
        tasks = [
            Task(f"{s.id}-{s.version}-{n}", s.id, n + 1) for s in now.services if s.name in names
            for n in range(s.replicas or 0)
        ]  # fmt: skip
        return State(now, tuple(tasks))

    def run(self, **more: Any) -> Any:
        return roll_out(Rollout(plan(), self.docker, self.look, self.said.append, lambda _: None, **more), b"x")

    @property
    def words(self) -> list[str]:
        return [" ".join(line.split()[:2]) for line in self.log.read_text().splitlines()]


def test_a_plan_has_the_next_name_and_the_labels() -> None:
    made = plan()
    assert made.create == ("config", "create", "--label", "com.docker.ucp.InstanceID=few", NAME + "2", "-")
    assert made.update == (
        "service", "update", "--detach", "--update-failure-action", "rollback", "--config-rm", NAME + "1",
        "--config-add", f"source={NAME}2,target=/config.toml", "ucp-interlock",
    )  # fmt: skip
    assert made.services == ("ucp-interlock-extension", "ucp-interlock-proxy")
    assert made.left == ()


@pytest.mark.parametrize(
    ("listen", "ports", "expected"),
    [
        (":8080", [], 8080),
        (":9090", [], 9090),
        (":8080", [{"target": 8080, "published": 0, "mode": "host"}], 0),
        (":8080", [{"target": 8080, "published": 80}], 8080),
        ("x", [], 8080),
    ],
)
def test_the_core_is_published_in_host_mode(listen: str, ports: list[Any], expected: int) -> None:
    (service, *_) = swarm(ports=ports).services
    text = DEFAULT.replace(":8080", listen)
    new = text.replace('"ingress"\n', '"host"\n')
    assert port_to_publish(service, read(text), None) == 0
    assert port_to_publish(service, read(new), read(text)) == expected
    assert port_to_publish(service, read(new), read(new)) == 0, "it works without"


def test_a_config_that_is_refused_changes_nothing(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, [swarm()], "'config create'*")
    with pytest.raises(RolloutError, match=r"is not created, and nothing is changed\ndocker: refused"):
        daemon.run()
    assert daemon.words == ["config create"]


def test_an_update_that_is_refused_takes_its_config_back(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, [swarm()], "'service update'*")
    with pytest.raises(
        RolloutError, match=f"still runs with {NAME}1; config {NAME}2 is removed again\ndocker: refused"
    ):
        daemon.run()
    assert daemon.words == ["config create", "service update", "config rm"]


def test_a_manager_that_dies_between_the_steps_is_named(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, [swarm(), SwarmError("no daemon")], "'service update'*")
    with pytest.raises(RolloutError, match=rf"config {NAME}2 is created, and whether .* not known \(no daemon\)"):
        daemon.run()
    assert daemon.words == ["config create", "service update"]


def test_a_manager_that_is_gone_before_the_first_step_changes_nothing(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, [SwarmError("no daemon")])
    with pytest.raises(RolloutError, match="no daemon; nothing is changed"):
        daemon.run()
    assert daemon.words == []


def test_managers_that_are_gone_later_raise_what_is_not_known(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, [swarm(), SwarmError("no daemon")])
    with pytest.raises(SwarmError, match="no daemon"):
        daemon.run()
    assert daemon.words == ["config create", "service update"]


def test_the_services_of_another_core_are_not_left_over() -> None:
    one = swarm()
    proxy = one.services[-1]._replace(id="p2", name="ucp-interlock-proxy-b")
    assert [s.name for s in plan_of(one._replace(services=(*one.services, proxy))).left] == ["ucp-interlock-proxy-b"]
    other = one.services[0]._replace(id="c2", name="interlock-b")
    assert plan_of(one._replace(services=(*one.services, proxy, other))).left == ()


def test_a_core_that_others_change_meanwhile_is_left_alone(tmp_path: Path) -> None:
    for now in (swarm(version=8), swarm(2)):
        daemon = Daemon(tmp_path, [now])
        with pytest.raises(RolloutError, match="was changed meanwhile: nothing is applied"):
            daemon.run()
        assert daemon.words == []


def test_an_answer_that_was_lost_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAUSE", "REST", "REACTION"):
        monkeypatch.setattr(convergence, name, 0.02)
    daemon = Daemon(tmp_path, [swarm(), swarm(2, 9, update="completed")], "'service update'*")
    result = daemon.run(limit=5)
    assert (result.config, result.troubles, result.waiting) == (NAME + "2", (), ())
    assert daemon.words == ["config create", "service update"]


def test_proxies_that_do_not_come_are_waited_for_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convergence, "PAUSE", 0.02)
    after = swarm(2, 9, update="completed")
    without = after._replace(services=tuple(s for s in after.services if s.name != "ucp-interlock-proxy"))

    class Obedient(Daemon):
        def look(self, names: Sequence[str]) -> State:
            back = "--rollback" in self.log.read_text()
            return State(swarm(version=10), ()) if back else super().look(names)

    daemon = Obedient(tmp_path, [swarm(), without])
    result = daemon.run(limit=0.1)
    assert (result.config, result.waiting) == (NAME + "1", ("ucp-interlock-proxy does not exist yet",))
    assert daemon.words == ["config create", "service update", "service update"]
    assert daemon.said[-1] == "rolling ucp-interlock back"


def test_what_did_not_run_before_is_no_reason_to_go_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convergence, "PAUSE", 0.02)

    def down(now: Snapshot) -> Snapshot:
        kept = [s._replace(running=0, desired=1) if s.name == "ucp-interlock-proxy" else s for s in now.services]
        return now._replace(services=tuple(kept))

    class Idle(Daemon):
        def look(self, names: Sequence[str]) -> State:
            state = super().look(names)
            return state._replace(tasks=tuple(t for t in state.tasks if t.service != "ucp-interlock-proxy"))

    daemon = Idle(tmp_path, [down(swarm()), down(swarm(2, 9, update="completed"))])
    result = daemon.run(limit=0.1)
    assert (result.config, result.waiting) == (NAME + "2", ("ucp-interlock-proxy: 0 of 1 tasks run",))
    assert daemon.words == ["config create", "service update"]


def test_a_dry_run_only_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")  # and needs no docker client
    file = tmp_path / "config.toml"
    file.write_text(NEW)
    answers = healthy([core(), core("backup", NAME + "1")], NETWORKS, [config()], nodes=NODES)
    with managers(answers) as (host, server):
        words = ["interlock", "apply", "-H", host, "--dry-run", "--ignore", "proxy-network-missing"]
        assert main([*words, str(file)]) == 2
        assert "2 services may be Interlock's core" in capsys.readouterr().err
        assert main([*words, "--service", "ucp-interlock", str(file)]) == 0
        asked = set(server.asked)
    out = capsys.readouterr().out
    assert f"ucp-interlock: {NAME}1 -> {NAME}2\n~ [Extensions.default] ProxyReplicas: 2 -> 3\n" in out
    assert f"backup keeps {NAME}1\n" in out
    assert asked == {"/version", "/info", "/services", "/networks", "/configs", "/secrets", "/nodes"}


def test_the_settings_above_the_file_apply(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "interlock").mkdir()
    file = tmp_path / "interlock" / "config.toml"
    settings = tmp_path / ".lblint.yml"
    file.write_text(NEW.replace("3.2.3", "3.2.4"))  # the running core has another version: a warning
    running = core()
    running["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"] = "docker/ucp-interlock:3.2.3"
    with managers(healthy([running], NETWORKS, [config()], nodes=NODES)) as (host, _):
        words = ["interlock", "apply", "-H", host, "--dry-run", "--ignore", "proxy-network-missing", str(file)]
        for text, more, code in (
            ("fail-on: error\n", [], 0),
            ("fail-on: warning\n", [], 1),
            ("fail-on: warning\n", ["--fail-on", "error"], 0),
            ("fail-on: warning\n", ["--no-config"], 0),
            ("fail-on: warning\nrules: {interlock-image-not-of-core: off}\n", [], 0),
            ("interlock: {config: none.toml}\nstack-names: {'**/*': shop}\n", [], 0),
            ("rules: {no-such-rule: off}\n", [], 2),
        ):
            settings.write_text(text)
            assert main([*words, *more]) == code, (text, more, capsys.readouterr())
    settings.write_text("rules: {proxy-network-missing: off}\n")
    file.write_text(NEW)
    with managers(healthy([core()], [], [config()], nodes=NODES)) as (host, _):
        assert main(["interlock", "apply", "-H", host, "--dry-run", str(file)]) == 1
    assert "what proxy-network-missing finds affects others" in capsys.readouterr().err


def test_what_cannot_be_checked_is_not_applied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from managers import fails

    file = tmp_path / "config.toml"
    answers = healthy([core()], NETWORKS, [config()], nodes=NODES)
    with managers(answers | {"/nodes": fails(403, "access denied")}) as (host, _):
        file.write_text(NEW)
        assert main(["interlock", "apply", "-H", host, "--yes", str(file)]) == 2
        out, err = capsys.readouterr()
        assert "refuses the list of nodes" in out
        assert "is not applied" in err
    with managers(answers) as (host, _):
        for text, code in (("x = [", 1), ("[Extensions.a]\nProxyReplicas = 'two'\n", 1), ("", 1)):
            file.write_text(text)
            assert main(["interlock", "apply", "-H", host, "--yes", str(file)]) == code, text
            assert f"still runs with {NAME}1" in capsys.readouterr().err
        assert main(["interlock", "apply", "-H", host, "--yes", str(tmp_path / "none.toml")]) == 2


def test_the_question_is_asked_on_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def no(question: str, **more: Any) -> bool:
        asked.append(question)
        if len(asked) == 2:
            raise click.Abort  # Ctrl-C
        return False

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", no)
    file = tmp_path / "config.toml"
    file.write_text(NEW)
    with managers(healthy([core()], NETWORKS, [config()], nodes=NODES)) as (host, _):
        assert main(["interlock", "apply", "-H", host, str(file)]) == 1
        assert main(["interlock", "apply", "-H", host, str(file)]) == 1
    assert asked == ["apply?", "apply?"]
    assert "nothing is changed" in capsys.readouterr().err


def test_check_live_judges_a_config_beside_the_swarm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text(DEFAULT.replace('"node.platform.os==linux"', '"node.labels.region==east"'))
    with managers(healthy([core()], NETWORKS, [config()], nodes=NODES)) as (host, _):
        assert main(["check", "--live", "-H", host, str(file)]) == 1
        assert "[proxy-without-node]" in capsys.readouterr().out
        assert main(["check", str(file)]) == 0
        assert "[proxy-without-node]" not in capsys.readouterr().out
        file.write_text(DEFAULT)
        assert main(["check", "--live", "-H", host, str(file)]) == 0
