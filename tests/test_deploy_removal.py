"""`lblint rm`: what is left of a stack, and the steps by which it goes."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lblint.deploy import removal
from lblint.deploy.client import Docker
from lblint.deploy.removal import Left, Removal, left, remove
from lblint.swarm.model import STACK_LABEL, Attachment, FileObject, Network, Service, Snapshot
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


def test_of_another_stack_nothing_is_left() -> None:
    assert left(LIVE, (), "none").nothing


def test_a_service_that_is_no_proxy_will_not_let_go() -> None:
    live = LIVE._replace(services=(*LIVE.services, service("db", "", "n1")))
    assert left(live, (), "shop").foreign == {"shop_front": ("db",)}


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
    rest, told, _ = run(docker, [ALL, HELD, HELD, FREE, Left()], detach=True)
    assert rest.nothing
    assert told[1] == "service update --detach --network-rm shop_front ucp-interlock-proxy"
    assert len(told) == 3


def test_it_can_be_run_again(docker: Docker) -> None:
    rest, told, _ = run(docker, [FREE, FREE, Left()])
    assert rest.nothing
    assert told == ["network rm n1"]


def test_the_time_is_over(docker: Docker) -> None:
    rest, told, _ = run(docker, [HELD], limit=0.05)
    assert rest.lines() == ["network shop_front, held by ucp-interlock-proxy"]
    assert told == []
