"""`lblint deploy --wait`: what counts as rest, what as trouble, and which label is named for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lblint.deploy import convergence as module
from lblint.deploy.client import Docker
from lblint.deploy.convergence import Outcome, State, Watch, bar, troubles, waiting, watch
from lblint.deploy.culprit import culprit, last_words
from lblint.source import read
from lblint.stack import load
from lblint.swarm.model import STACK_LABEL, Service, Snapshot
from lblint.swarm.tasks import Task

WEB = Service("w", "shop_web", 1, {STACK_LABEL: "shop"}, replicas=2)
PROXY = Service("p", "ucp-interlock-proxy", 7, replicas=1)
OTHER = Service("o", "other_web", 1, {STACK_LABEL: "other"}, replicas=5, update="paused")
PROXY_RUNS = Task("p1", "p", 1, stamp="1")


def run(slot: int, **more: str) -> Task:
    return Task(f"w{slot}{more}", "w", slot, **more)  # type: ignore[arg-type]


RUNS = (run(1), run(2), PROXY_RUNS)
BEFORE = State(Snapshot(services=(PROXY, OTHER)), (PROXY_RUNS,))
ROUTED = Watch("shop", BEFORE, ("ucp-interlock-proxy",))
PLAIN = Watch("shop", BEFORE)


def state(*tasks: Task, web: Service = WEB, proxy: Service = PROXY) -> State:
    return State(Snapshot(services=(web, proxy, OTHER)), tasks)


WAITS = [
    pytest.param(PLAIN, state(*RUNS), [], id="at-rest"),
    pytest.param(PLAIN, state(run(1), PROXY_RUNS), ["shop_web: 1 of 2 tasks run"], id="one-of-two"),
    pytest.param(
        PLAIN, state(*RUNS, web=WEB._replace(update="updating")), ["shop_web is updated (2 of 2 tasks run)"],
        id="updating",
    ),
    pytest.param(
        ROUTED, state(*RUNS), ["ucp-interlock-proxy: Interlock has not updated it yet"], id="proxy-not-touched",
    ),
    pytest.param(ROUTED, state(*RUNS, proxy=PROXY._replace(version=8)), [], id="proxy-updated"),
    pytest.param(
        PLAIN, state(*RUNS, proxy=PROXY._replace(update="updating")),
        ["ucp-interlock-proxy is updated (1 of 1 tasks run)"], id="proxy-updating",
    ),
    pytest.param(
        PLAIN, state(run(1, state="complete", desired="shutdown"), PROXY_RUNS,
                     web=WEB._replace(mode="replicated-job", replicas=1)), [], id="job",
    ),
    pytest.param(
        PLAIN, state(Task("g", "w", 0, "n1"), Task("h", "w", 0, "n2", "preparing"), PROXY_RUNS,
                     web=WEB._replace(mode="global", replicas=None)), ["shop_web: 1 of 2 tasks run"], id="global",
    ),
    pytest.param(
        PLAIN, state(Task("g", "w", 0, "n1"), Task("h", "w", 0, "n2", "running", "shutdown"),
                     Task("i", "w", 0, "n2", "failed"), PROXY_RUNS, web=WEB._replace(mode="global", replicas=None)),
        [], id="global-on-a-node-less",
    ),
    pytest.param(
        PLAIN, state(Task("g", "w", 0, "n1", "complete", "complete"), PROXY_RUNS,
                     web=WEB._replace(mode="global-job", replicas=None, desired=2)),
        ["shop_web: 1 of 2 tasks run"], id="global-job",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("watched", "now", "wanted"), WAITS)
def test_waiting(watched: Watch, now: State, wanted: list[str]) -> None:
    assert list(waiting(watched, now)) == wanted
    assert list(troubles(watched, now)) == []


DEAD = [Task(f"d{n}", "w", 1, state="failed", desired="shutdown", error="task: non-zero exit (1)", stamp=str(n))
        for n in range(3)]  # fmt: skip
REJECTED = [task._replace(state="rejected", error="No such image: x") for task in DEAD]
ROLLED = PROXY._replace(version=8, update="rollback_completed", update_message="rollback completed")

TROUBLES = [
    pytest.param(state(*RUNS, *DEAD), "it is flapping: 3 tasks have died: task: non-zero exit (1)", id="flapping"),
    pytest.param(state(*REJECTED[:2]), "its tasks are rejected and cannot start: No such image: x", id="rejected"),
    pytest.param(
        state(run(1, state="pending", error="no suitable node (x)")),
        "its tasks cannot be placed: no suitable node (x)", id="pending",
    ),
    pytest.param(
        state(*RUNS, web=WEB._replace(version=2, update="paused", update_message="why")), "its update is paused (why)",
        id="paused",
    ),
    pytest.param(state(*RUNS, proxy=ROLLED), "it was rolled back (rollback completed)", id="rolled-back"),
]  # fmt: skip


@pytest.mark.parametrize(("now", "said"), TROUBLES)
def test_trouble(now: State, said: str) -> None:
    assert [trouble.said for trouble in troubles(PLAIN, now)] == [said]


def test_what_died_before_the_deploy_is_not_its_fault() -> None:
    watched = Watch("shop", State(Snapshot(services=(ROLLED,)), tuple(DEAD)))
    assert list(troubles(watched, state(*RUNS, *DEAD, proxy=ROLLED))) == []


def test_a_job_counts_the_tasks_of_its_own_iteration_alone() -> None:
    job = WEB._replace(mode="replicated-job", replicas=1, iteration=1, restart="none")
    former = Task("j0", "w", 1, "complete", "complete", stamp="0")._replace(state="complete", iteration=0)
    assert list(waiting(PLAIN, state(former, PROXY_RUNS, web=job))) == ["shop_web: 0 of 1 tasks run"]
    failed = DEAD[0]._replace(iteration=1)
    said = [(trouble.said, trouble.looks) for trouble in troubles(PLAIN, state(former, failed, PROXY_RUNS, web=job))]
    assert said == [("its tasks failed and will not restart: task: non-zero exit (1)", 1)]
    done = former._replace(id="j1", iteration=1)
    assert list(waiting(PLAIN, state(former, done, PROXY_RUNS, web=job))) == []


DEV, IDLE = (PROXY._replace(id=name, name=f"ucp-interlock-proxy-{name}") for name in ("dev", "idle"))
BOTH = Watch("shop", State(Snapshot(services=(PROXY, DEV, IDLE))), ("ucp-interlock-proxy", "ucp-interlock-proxy-dev"))


@pytest.mark.parametrize(
    ("updated", "wanted"),
    [
        ((), ["ucp-interlock-proxy", "ucp-interlock-proxy-dev"]), ((PROXY,), ["ucp-interlock-proxy-dev"]),
        ((DEV,), ["ucp-interlock-proxy"]), ((IDLE,), ["ucp-interlock-proxy", "ucp-interlock-proxy-dev"]),
        ((PROXY, DEV), []),
    ],
    ids=["none", "one", "the-other", "one-without-routes", "both"],
)  # fmt: skip
def test_each_proxy_with_a_route_of_the_stack_is_to_change(updated: tuple[Service, ...], wanted: list[str]) -> None:
    services = tuple(s._replace(version=8) if s in updated else s for s in (PROXY, DEV, IDLE))
    tasks = tuple(Task(s.id + "1", s.id, 1) for s in services)
    now = State(Snapshot(services=(WEB, *services)), (run(1), run(2), *tasks))
    assert list(waiting(BOTH, now)) == [f"{name}: Interlock has not updated it yet" for name in wanted]


def test_a_proxy_that_only_the_config_calls_so_is_waited_for() -> None:
    edge = PROXY._replace(name="edge")
    watched = Watch("shop", State(Snapshot(services=(edge,))), ("edge",))
    now = State(Snapshot(services=(WEB, edge)), RUNS)
    assert list(waiting(watched, now)) == ["edge: Interlock has not updated it yet"]


ONCE = WEB._replace(restart="on-failure", attempts=1, replicas=1)
DIED = [task._replace(id=f"a{task.id}") for task in DEAD[:2]]
ENDED = [task._replace(state="complete", error="") for task in DEAD]


def test_the_last_attempt_ends_the_wait() -> None:
    (found,) = troubles(PLAIN, state(*DIED, PROXY_RUNS, web=ONCE))
    assert found.said == "its tasks failed and will not restart after max_attempts 1: task: non-zero exit (1)"
    assert found.looks > 1, "a successor may be on its way"
    successor = run(1, state="ready", stamp="5")
    assert list(troubles(PLAIN, state(*DIED, successor, PROXY_RUNS, web=ONCE))) == []
    without_end = ONCE._replace(attempts=0)
    assert list(troubles(PLAIN, state(*DIED, PROXY_RUNS, web=without_end))) == []


def test_one_replica_of_several_that_will_not_restart_ends_the_wait() -> None:
    (found,) = troubles(PLAIN, state(DEAD[0], run(2), PROXY_RUNS, web=WEB._replace(restart="none")))
    assert (found.said, found.looks) == ("its tasks failed and will not restart: task: non-zero exit (1)", 1)


@pytest.mark.parametrize("restart", ["none", "on-failure"])
def test_a_task_that_ends_well_and_is_not_restarted_is_at_rest(restart: str) -> None:
    now = state(ENDED[0], PROXY_RUNS, web=ONCE._replace(restart=restart))
    assert (list(waiting(PLAIN, now)), list(troubles(PLAIN, now))) == ([], [])


def test_a_program_that_ends_again_and_again_without_an_error_is_flapping() -> None:
    (found,) = troubles(PLAIN, state(*RUNS, *ENDED))
    assert found.said == "it is flapping: 3 tasks have died: exit code 0"


def fresh(text: str) -> str:
    """An equal text that is another object, as what the managers answer is."""
    return "".join(list(text))


def test_tasks_are_of_a_service_by_its_id() -> None:
    """Its own text: two answers of the managers share none."""
    tasks = [Task(f"f{slot}", fresh("w"), slot, state=fresh("running"), desired=fresh("running")) for slot in (1, 2)]
    now = state(*tasks, PROXY_RUNS, web=WEB._replace(mode=fresh("replicated"), restart=fresh("none")))
    assert list(waiting(PLAIN, now)) == list(troubles(PLAIN, now)) == []
    dead = Task("f0", fresh("w"), 1, state=fresh("failed"), desired=fresh("shutdown"))
    assert list(troubles(PLAIN, now._replace(tasks=(*now.tasks, dead)))) == [], "another task may still do it"


def test_deaths_in_several_places_are_not_flapping() -> None:
    once = [task._replace(slot=number) for number, task in enumerate(DEAD, 1)]
    assert list(troubles(PLAIN, state(*RUNS, *once))) == []


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)
        monkeypatch.setattr("time.sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def watched(looks: list[State], monkeypatch: pytest.MonkeyPatch, routes: bool = True) -> tuple[Outcome, float]:
    """The outcome, and the seconds that it took; the last look stays."""
    clock = Clock(monkeypatch)
    rest: Iterator[State] = iter(looks)
    what = ROUTED if routes else PLAIN
    found = watch(what, lambda: next(rest, looks[-1]), lambda _: None, 60)
    return found, clock.now


WELL = state(*RUNS, proxy=PROXY._replace(version=8, update="completed"))


def test_rest_must_last(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched([WELL, WELL, state(*RUNS), WELL], monkeypatch) == (Outcome(), 2 + module.REST)


def test_a_loop_of_crashes_is_longer_than_no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that dies 40 seconds after each start: once it has died, all must stay well for as long."""
    clock = Clock(monkeypatch)

    def look() -> State:
        dead = [
            DEAD[0]._replace(id=f"d{n}", stamp=f"2026-01-01T00:{n:02}:00.000000001Z", since=f"2026-01-01T00:{n:02}:40Z")
            for n in range(int(clock.now + 30) // 45)  # it was 30 seconds old at the first look
        ]
        restarts = dead and (clock.now + 30) % 45 < 5
        one = run(1, state="ready" if restarts else "running")
        return state(one, run(2), PROXY_RUNS, *dead, proxy=WELL.snapshot.services[1])

    assert look().tasks[0].age == 0
    found = watch(ROUTED, look, lambda _: None, 300)
    assert [trouble.said.partition(":")[0] for trouble in found.troubles] == ["it is flapping"]
    assert clock.now < 120


@pytest.mark.parametrize(("since", "stamp", "age"), [
    ("2026-03-29T01:00:10.5Z", "2026-03-29T00:59:30.123456789Z", 40.0), ("", "2026-03-29T00:59:30Z", 0.0),
    ("soon", "2026-03-29T00:59:30Z", 0.0), ("2026-03-29T00:59:20Z", "2026-03-29T00:59:30Z", 0.0),
])  # fmt: skip
def test_age_of_a_task(since: str, stamp: str, age: float) -> None:
    assert Task("t", "w", stamp=stamp, since=since).age == age


def test_a_deploy_that_changes_no_route_gives_interlock_time_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched([state(*RUNS)], monkeypatch, routes=False) == (Outcome(), module.REACTION)


def test_a_trouble_that_passes_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    pending = state(run(1, state="pending", error="no suitable node (port in use)"), run(2), PROXY_RUNS)
    assert watched([pending, pending, pending, WELL], monkeypatch)[0] == Outcome()


def test_a_trouble_that_comes_and_goes_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts when it is seen in three looks in a row, not in three of many."""
    rejected = state(*REJECTED[:2])
    assert watched([rejected, rejected, WELL, rejected, rejected, WELL], monkeypatch)[0] == Outcome()
    found, _ = watched([rejected, rejected, rejected, WELL], monkeypatch)
    assert [trouble.service.name for trouble in found.troubles] == ["shop_web"]


def test_a_rollback_is_watched_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    rolling = state(*RUNS, proxy=ROLLED._replace(update="rollback_started"))
    found, _ = watched([rolling] * 9 + [state(*RUNS, proxy=ROLLED)], monkeypatch)
    assert [trouble.said for trouble in found.troubles] == ["it was rolled back (rollback completed)"]


def test_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    left = Outcome((), ("ucp-interlock-proxy: Interlock has not updated it yet",))
    assert watched([state(*RUNS)], monkeypatch) == (left, 60)


BARS = [
    pytest.param(state(), "[....................] 0/3", id="nothing-yet"),
    pytest.param(state(run(1), PROXY_RUNS), "[#############.......] 2/3", id="two-of-three"),
    pytest.param(state(*RUNS), "[####################] 3/3", id="all"),
    pytest.param(state(*RUNS, run(3), run(4)), "[####################] 3/3", id="old-tasks-still-there"),
    pytest.param(State(Snapshot()), "[####################] 0/0", id="nothing-to-wait-for"),
]


@pytest.mark.parametrize(("now", "drawn"), BARS)
def test_the_bar_counts_the_tasks_of_the_stack_and_of_the_proxy(now: State, drawn: str) -> None:
    assert bar(PLAIN, now) == drawn


def test_the_bar_is_shown_while_something_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    shown: list[str] = []
    looks = iter([state(run(1), PROXY_RUNS)])
    watch(ROUTED, lambda: next(looks, WELL), shown.append, 60)
    assert shown[0].startswith("[#############.......] 2/3 waiting for shop_web: 1 of 2 tasks run")


STACK = """\
services:
  api:
    image: example/api:1
    deploy:
      labels:
        com.docker.lb.hosts: api.example.com
        com.docker.lb.port: "80"
        com.docker.lb.context_root: /docs/nginx.conf
        org.example.note: listen
  web:
    image: example/web:1
    deploy: {labels: {com.docker.lb.hosts: "http://shop.example.com", com.docker.lb.port: "80"}}
"""

SAID = [
    pytest.param(
        '[emerg] invalid port in upstream "http://shop.example.com" in /etc/nginx/nginx.conf:61', "web", id="whole"
    ),
    pytest.param('[emerg] host not found in upstream "up-http://shop.example.com"', "web", id="part"),
    pytest.param('[emerg] unknown directive "nonsense" in /etc/nginx/nginx.conf:3', None, id="none"),
    pytest.param("worker process 7 exited on signal 11", None, id="nothing-quoted"),
    pytest.param('[emerg] open() "/etc/nginx/nginx.conf" failed', None, id="the-config-itself"),
    pytest.param('[emerg] "listen" directive is duplicate', None, id="a-label-of-others"),
]


@pytest.mark.parametrize(("said", "service"), SAID)
def test_label_that_nginx_quotes(said: str, service: str | None) -> None:
    found = culprit(load([read(STACK.encode(), "stack.yml")], "shop", {}), said)
    assert (found.service.key if found else None) == service
    assert found is None or found.label.key == "com.docker.lb.hosts"


LOGS = [
    pytest.param("echo begun; echo ended", "ended", id="the-last-line"),
    pytest.param("echo '[emerg] bad value' >&2; echo ended", "[emerg] bad value", id="nginx-on-stderr"),
    pytest.param("echo '[emerg] first'; echo '[emerg] second'; echo", "[emerg] second", id="the-last-of-nginx"),
    pytest.param("true", "", id="no-log"),
    pytest.param("echo no such task >&2; exit 1", "", id="docker-refuses"),
]


@pytest.mark.parametrize(("script", "line"), LOGS)
def test_the_last_words_of_a_task(script: str, line: str, tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\n[ "$*" = "--host tcp://x service logs --raw --tail 20 t1" ] || exit 2\n{script}\n')
    docker.chmod(0o755)
    assert last_words(Docker(str(docker), "28.2.2", ("--host", "tcp://x")), "t1") == line
    assert last_words(Docker(str(tmp_path / "none"), "28.2.2"), "t1") == ""
