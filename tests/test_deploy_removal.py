"""`lblint rm`: what is left of a stack, and the steps by which it goes."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from managers import encoded, fails, healthy, managers
from managers import network as api_network

from lblint.cli import main
from lblint.deploy import client, removal
from lblint.deploy.client import Docker
from lblint.deploy.removal import Left, Removal, left, remove
from lblint.swarm import retry
from lblint.swarm.errors import RefusedError, SwarmError
from lblint.swarm.model import STACK_LABEL, Attachment, FileObject, Network, Service, Snapshot, Use
from lblint.swarm.tasks import Task

OWN = {STACK_LABEL: "shop"}


def service(name: str, stack: str, *networks: str) -> Service:
    return Service("id-" + name, name, labels={STACK_LABEL: stack} if stack else {},
                   networks=tuple(Attachment(network) for network in networks))  # fmt: skip


PROXY = service("ucp-interlock-proxy", "", "n1")
LIVE = Snapshot(
    services=(service("shop_web", "shop", "n1"), service("other_web", "other"), PROXY),
    networks=(Network("n1", "shop_front", labels=OWN), Network("n2", "shop_back", labels=OWN, dying=True),
              Network("n3", "other_default", labels={STACK_LABEL: "other"})),
    secrets=(FileObject("s1", "shop_key", OWN), FileObject("s2", "key")),
    configs=(FileObject("c1", "shop_page", OWN),),
)  # fmt: skip


def test_what_is_left() -> None:
    found = left(LIVE, (Task("t", "id-shop_web"), Task("u", "id-shop_web", state="shutdown")), "shop")
    assert found.lines() == [
        "service shop_web",
        "secret shop_key",
        "config shop_page",
        "network shop_front, held by ucp-interlock-proxy",
        "network shop_back, until the node has let it go",
        "1 task, stopping",
    ]
    assert found.foreign == {}
    assert not found.nothing


def attached(name: str, *networks: str, task: bool = False) -> dict[str, Any]:
    """A container in the API's form."""
    labels = {"com.docker.swarm.task.id": "t"} if task else {}
    joined = {network: {"NetworkID": network} for network in networks}
    return {"Id": name * 20, "Names": ["/" + name], "Labels": labels, "NetworkSettings": {"Networks": joined}}


CONTAINERS = [attached("shell", "id-shop_front", "other"), attached("shop_web.1.x", "id-shop_front", task=True),
              attached("far", "other"), attached("db", "id-shop_front")]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (encoded(CONTAINERS), 1,
         "nothing is removed: network shop_front is used by container db, shell, which is not of this stack"),
        (b"null", 3, "shop is not gone after 0 seconds"),
        (encoded(CONTAINERS[1:3]), 3, "network shop_front is not removed:\nlblint: docker: it is in use by task t1"),
        (b"{}", 2, "answers the list of containers in a form that is not known (it is not a list)"),
        (fails(500, "broken"), 2, "an error 500 (broken): see the daemon's log; nothing is removed"),
        (fails(403, "denied"), 3, "refuses the list of containers (denied)"),
    ],
    ids=["by-hand", "none", "tasks-and-other-networks", "odd", "error", "refused"],
)  # fmt: skip
def test_a_container_on_a_network_of_the_stack_will_not_let_go(
    answer: Any, code: int, said: str, docker: Docker, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    folder = Path(docker.path).parent
    version = 'if sys.argv[1:] == ["--version"]:\n    print("Docker version 28.2.2, build e"), sys.exit()\n'
    refuses = 'print("it is in use by task t1", file=sys.stderr), sys.exit(1)\n'
    Path(docker.path).write_text(Path(docker.path).read_text().replace("open(", version + "open(", 1) + refuses)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    answers = {**healthy(networks=[api_network("shop_front", "shop")]), "/tasks": b"[]", "/containers/json": answer,
               "/networks/id-shop_front": encoded(api_network("shop_front", "shop"))}  # fmt: skip
    with managers(answers) as (host, _):
        assert main(["rm", "-H", host, "--timeout", "0", "shop"]) == code
    assert said in capsys.readouterr().err
    assert (folder / "told").exists() is (code == 3)


def test_of_another_stack_nothing_is_left() -> None:
    assert left(LIVE, (), "none").nothing


PARTS = [
    Left(services={"shop_web": "1"}), Left(networks={"n1": "shop_front"}), Left(dying=("shop_back",)),
    Left(secrets={"shop_key": "1"}), Left(configs={"shop_page": "1"}), Left(tasks=2),
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.lines()[0])
def test_as_long_as_anything_is_left_it_is_not_nothing(part: Left) -> None:
    assert not part.nothing
    assert len(part.lines()) == 1


def test_what_is_left_is_told_by_its_names_in_order() -> None:
    found = Left(networks={"n1": "shop_front", "n2": "shop_back"}, tasks=2).lines()
    assert found == ["network shop_back", "network shop_front", "2 tasks, stopping"]


def test_a_service_that_is_no_proxy_will_not_let_go() -> None:
    live = LIVE._replace(services=(*LIVE.services, service("db", "", "n1")))
    assert left(live, (), "shop").foreign == {"network shop_front": ("db",)}


def test_secrets_and_configs_that_others_use() -> None:
    """Managers would refuse to remove them, and rm wait for it."""
    user = service("other_api", "other")._replace(secrets=(Use("shop_key", "s1", "key"), Use("key", "s2", "k")),
                                                  configs=(Use("shop_page", "c1", "/p"),))  # fmt: skip
    own = service("shop_web", "shop")._replace(secrets=(Use("shop_key", "s1", "key"),))
    live = LIVE._replace(services=(own, user))
    assert left(live, (), "shop").foreign == {"secret shop_key": ("other_api",), "config shop_page": ("other_api",)}


@pytest.mark.parametrize("name", ["", " ", "''", '""', "\t"])
def test_no_name_is_not_the_stack_of_all_that_have_none(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rm", "-H", "unix:///nowhere", name]) == 2
    assert "is not a valid stack name" in capsys.readouterr().err


DOCKER = """\
#!{python}
import sys
open({told!r}, "a").write(" ".join(sys.argv[1:]) + "\\n")
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """A docker that only writes down what it is asked."""
    monkeypatch.setattr(removal, "PAUSE", 0.01)
    path = tmp_path / "docker"
    path.write_text(DOCKER.format(python=sys.executable, told=str(tmp_path / "told")))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return Docker(str(path), "28.2.2")


def run(docker: Docker, looks: list[Left], **options: object) -> tuple[Left, list[str], list[str]]:
    """Remove a stack with what is left at each look: the rest, what docker was asked, what was said."""
    given: Iterator[Left] = iter(looks)
    said: list[str] = []
    asked = Removal("shop", docker, lambda: next(given, looks[-1]), said.append, lambda _: None)
    rest = remove(asked._replace(**options))  # type: ignore[arg-type]
    told = Path(docker.path).parent / "told"
    return rest, told.read_text().splitlines() if told.exists() else [], said


ALL = left(LIVE._replace(networks=LIVE.networks[:1]), (), "shop")
HELD = ALL._replace(services={}, secrets={}, configs={})
FREE = HELD._replace(held={})


def test_networks_go_when_interlock_has_let_go(docker: Docker) -> None:
    rest, told, said = run(docker, [ALL, HELD, HELD, FREE, Left()])
    assert rest.nothing
    assert told == ["service rm id-shop_web", "network rm n1"]
    assert said == ["removing service shop_web", "removing network shop_front"]


def test_proxies_are_detached_once(docker: Docker) -> None:
    rest, told, _ = run(docker, [ALL, HELD, HELD, HELD, HELD, FREE, Left()], detach=True)
    assert rest.nothing
    assert told == [
        "service rm id-shop_web",
        "service update --detach --network-rm shop_front ucp-interlock-proxy",
        "network rm n1",
    ]


def test_a_proxy_is_detached_from_all_networks_in_one_update(docker: Docker) -> None:
    """Each update starts the proxy anew."""
    proxy = (PROXY.name,)
    held = HELD._replace(networks={"n1": "shop_front", "n2": "shop_back"}, held={"n1": proxy, "n2": proxy})
    _, told, _ = run(docker, [held, held, Left()], detach=True)
    assert told == ["service update --detach --network-rm shop_front --network-rm shop_back ucp-interlock-proxy"]


def test_it_can_be_run_again(docker: Docker) -> None:
    rest, told, _ = run(docker, [FREE, FREE, Left()])
    assert rest.nothing
    assert told == ["network rm n1"]


def test_the_time_is_over(docker: Docker) -> None:
    rest, told, _ = run(docker, [HELD], limit=0.05)
    assert rest.lines() == ["network shop_front, held by ucp-interlock-proxy"]
    assert told == []


def test_where_docker_has_nothing_to_do_the_last_look_counts(docker: Docker) -> None:
    """Interlock may have let go while the time ran out."""
    rest, told, _ = run(docker, [HELD, HELD, Left()], limit=0)
    assert rest.nothing
    assert told == []


def test_docker_has_the_word_on_what_is_left(docker: Docker) -> None:
    Path(docker.path).write_text("#!/bin/sh\necho network shop_front is in use by task t1 >&2\nexit 1\n")
    rest, _, said = run(docker, [FREE], limit=0.05)
    assert rest.reasons == {"network shop_front": "network shop_front is in use by task t1"}
    assert rest.things == {"network shop_front"}
    assert said == [], "a network that is held for a moment is not told of"


def test_a_docker_that_does_not_end_is_not_waited_for(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(docker.path).write_text("#!/bin/sh\nsleep 60\n")
    monkeypatch.setattr(client, "SILENCE", 0.2)
    said: list[str] = []
    there = Left(services={"shop_web": "1"})
    asked = Removal("shop", docker, lambda: there, said.append, lambda _: None, limit=0.5)
    said_of = "docker service rm has not ended in 0.2 seconds"
    assert remove(asked) == there._replace(reasons={"service shop_web": said_of})
    assert said == ["service shop_web is not removed: docker service rm has not ended in 0.2 seconds"], "once"


def test_a_docker_that_is_gone_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    there = Left(services={"shop_web": "1"})
    gone = Docker(str(tmp_path / "none"), "28.2.2")
    remove(Removal("shop", gone, lambda: there, said.append, lambda _: None, limit=0))
    assert "service shop_web is not removed: docker cannot be run: No such file" in said[0]


def test_what_somebody_deploys_meanwhile_is_left_alone(docker: Docker) -> None:
    """A network is made before the services that join it."""
    anew = FREE._replace(networks={"n1": "shop_front", "n9": "shop_back"})
    rest, told, said = run(docker, [FREE, anew, anew._replace(networks={"n9": "shop_back"}), ALL._replace(
        services={"shop_web": "id-of-another"}, networks={"n9": "shop_back"}, secrets={"shop_key": "s9"})])  # fmt: skip
    assert told == ["network rm n1"]
    assert said[-1] == "shop is deployed anew meanwhile: no more is removed"
    assert not rest.nothing


def test_managers_that_are_away_for_a_moment_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    asked: list[float] = []

    def look(back: float, kind: type[SwarmError]) -> str:
        asked.append(now[0])
        if now[0] < back:
            raise kind("away")
        return "there"

    assert retry.patient(lambda: look(20, SwarmError))() == "there"
    with pytest.raises(SwarmError):
        retry.patient(lambda: look(200, SwarmError))()
    assert 49 <= now[0] <= 52
    asked.clear()
    with pytest.raises(RefusedError):
        retry.patient(lambda: look(200, RefusedError))()
    assert len(asked) == 1
