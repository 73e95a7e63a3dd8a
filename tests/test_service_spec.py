"""A service as a client asks the managers for it: the same judgement as of the stack file that it came from."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import docker_client
from fixture import FIXTURES, changed, mains, options, run
from hypothesis import given, settings
from hypothesis import strategies as st
from recorder import specs

import lblint
from lblint import rules
from lblint.finding import Breaks, Severity
from lblint.interlock import PREFIX
from lblint.lint import Options, Result
from lblint.lint.service_check import Neighbours, check_service
from lblint.source.toml import read_toml
from lblint.swarm import api_decode
from lblint.swarm.model import Attachment, Interlock, Network, Service, Snapshot
from lblint.swarm.service_as_stack import shown_path

SNAPSHOT = Snapshot(
    services=(
        Service(
            "1", "old_web", networks=(Attachment("n1"),),
            labels={"com.docker.lb.hosts": "shop.example.org", "com.docker.lb.port": "80",
                    "com.docker.lb.network": "front"},
        ),
    ),
    networks=(Network("n1", "front"),),
)  # fmt: skip


def spec(networks: str = "front", **labels: str) -> dict[str, Any]:
    """The body of a request: labels of Interlock, and one network by its name or id."""
    return {
        "Name": "web",
        "Labels": {"com.docker.lb." + key: value for key, value in labels.items()},
        "TaskTemplate": {"ContainerSpec": {"Image": "nginx:1.27"}, "Networks": [{"Target": networks}]},
        "Mode": {"Replicated": {}},
    }


def said(wanted: dict[str, Any], live: Snapshot | None = None) -> set[tuple[str, str]]:
    """Errors by rule, with the path into the spec."""
    found = lblint.check_spec(wanted, live)
    return {(finding.rule, shown_path(finding.path)) for finding in found if finding.severity is Severity.ERROR}


def test_a_label_is_named_by_its_path_and_quoted_from_the_spec() -> None:
    wanted = spec(hosts="a b.example.org", port="80", network="front")
    (finding,) = lblint.check_spec(wanted)
    assert (finding.file, shown_path(finding.path)) == ("service web", 'Labels["com.docker.lb.hosts"]')
    assert (finding.position.line, finding.position.column) == (4, 30)  # the space
    assert said(spec(hosts="web.example.org", port="80", network="front"), SNAPSHOT) == set()


def test_what_runs_is_beside_it_and_its_own_older_self_is_not() -> None:
    twice = spec(hosts="shop.example.org", port="8080", network="other", ssl_cert="c", ssl_key="k")
    alone, beside = ({finding.rule for finding in lblint.check_spec(twice, live)} for live in (None, SNAPSHOT))
    assert beside - alone
    own = SNAPSHOT._replace(services=(SNAPSHOT.services[0]._replace(name="web"),))
    assert {finding.rule for finding in lblint.check_spec(twice, own)} == alone


def test_a_network_may_be_given_by_its_id() -> None:
    by_name, by_id = (
        spec("front", hosts="a.example.org", port="80", network="front"),
        spec("n1", hosts="a.example.org", port="80", network="front"),
    )
    assert lblint.check_spec(by_name, SNAPSHOT) == lblint.check_spec(by_id, SNAPSHOT) == []
    assert said(spec("n2", hosts="a.example.org", port="80", network="front"), SNAPSHOT)


@pytest.mark.parametrize("odd", [None, [], {}, {"Name": 3}, {"Name": "a", "Labels": {"a": 1}},
                                 {"Name": "a", "TaskTemplate": {"Networks": "front"}},
                                 {"Name": "a", "Mode": {"Replicated": {"Replicas": "two"}}}])  # fmt: skip
def test_what_is_no_spec_is_refused_with_a_sentence(odd: Any) -> None:
    with pytest.raises(lblint.UncheckedError, match="not the spec of a service"):
        lblint.check_spec(odd)


ON_ROUTES = (Breaks.PROXY, Breaks.ROUTE)
LABELLED = [
    path
    for path in mains(FIXTURES / "rules", "*/*.yml")
    if rules.load()[path.parent.name].breaks in ON_ROUTES and b"com.docker.lb." in path.read_bytes()
    if not path.with_name(f"{path.stem}.snapshot.json").exists()
]


def errors(result: Result) -> set[str]:
    """The rules with errors on the proxy and on routes."""
    return {f.rule for f in result.findings if f.severity is Severity.ERROR and f.breaks in ON_ROUTES}


KNOWN: dict[str, tuple[set[str], set[str]]] = {
    # what only the file shows: the word that YAML has changed, and the key of a network that has a name of its own
    "label-changed-by-yaml/bad.yml": ({"label-changed-by-yaml"}, set()),
    "network-label-without-prefix/bad-name.yml": (set(), {"network-label-not-joined"}),
    # what the run is told besides: a nginx to ask, a second stack
    "nginx-refuses-config/bad.yml": ({"nginx-refuses-config"}, set()),
    "second-default-backend/bad-files.yml": ({"second-default-backend"}, set()),
}
"""Fixtures whose errors differ: those of the file alone, and those of the specs alone."""


@pytest.mark.needs_docker28
def test_errors_on_a_stack_file_are_errors_on_what_docker_sends_of_it() -> None:
    """The services of each fixture that docker takes, one after the other and each beside those before it, have the
    errors on proxies and routes that the file has beside a Swarm with nothing in it."""
    docker = docker_client("28")
    assert docker is not None
    compared = []
    for path in LABELLED:
        chosen, env = options(path)
        files = [path, *sorted(path.parent.glob(f"{path.stem}.over*.yml"))]
        sent = specs(docker, files, chosen.stack.name or "s", env)
        if sent is None:
            continue
        name = chosen.stack.name or "s"
        expected = run(path, name=name, live=lambda names: Snapshot())
        order = [service.name for service in expected.checked.stacks[0].services]
        running: list[Service] = []
        found: set[str] = set()
        for body in sorted(sent, key=lambda body: order.index(body["Name"])):
            found |= errors(check_service(body, Snapshot(services=tuple(running)), changed(chosen, live=None)))
            running.append(api_decode.service({"ID": body["Name"], "Spec": body}))
        compared.append((path, errors(expected), found))
    assert len(compared) > 200
    differing = {path.relative_to(FIXTURES / "rules").as_posix(): (a - b, b - a) for path, a, b in compared if a != b}
    assert differing == KNOWN


def config_with(*clusters: str) -> str:
    """A config.toml with an extension for each service cluster, "" for services without the label."""
    return 'ListenAddr = ":8080"\n' + "".join(
        f'[Extensions.e{at}]\n  Image = "i"\n  ServiceName = "e{at}"\n'
        f'  ProxyImage = "p"\n  ProxyServiceName = "p{at}"\n'
        f'  ConfigImage = "c"\n  ConfigServiceName = "c{at}"\n  ProxyReplicas = 1\n'
        + (f'  ServiceCluster = "{cluster}"\n' if cluster else "")
        for at, cluster in enumerate(clusters)
    )


@pytest.mark.parametrize("from_settings", [True, False])
def test_the_config_that_runs_counts_before_that_of_the_settings(from_settings: bool) -> None:
    """As for stacks: a config that was named counts before the one that runs, and this before that of .lblint.yml."""
    core = Service("c", "ucp-interlock")
    live = Snapshot(
        services=(core,), networks=(Network("n1", "front"),), interlock=Interlock(core, "conf-1", config_with("west"))
    )
    chosen = changed(
        Options(), interlock=read_toml(config_with("").encode(), "config.toml"), from_settings=from_settings
    )
    wanted = spec(hosts="a.example.org", port="80", network="front")
    found = {finding.rule for finding in check_service(wanted, live, chosen).findings}
    assert ("service-cluster-missing" in found) is from_settings


HOSTS = st.sampled_from(["a.org", "b.org", "a.org,b.org", "bad host", "*.org", "", "c.org"])
RUNNING = st.lists(
    st.builds(
        lambda name, hosts, port, network, root: Service(
            name, name, networks=(Attachment(network),),
            labels={PREFIX + key: value for key, value in
                    {"hosts": hosts, "port": port, "network": "front", "context_root": root}.items() if value},
        ),
        st.sampled_from("pqrs"), HOSTS, st.sampled_from(["80", "81", "x"]), st.sampled_from(["n1", "n2"]),
        st.sampled_from(["", "/x", "/x y"]),
    ),
    max_size=4, unique_by=lambda service: service.name,
)  # fmt: skip


NAMES = st.sampled_from([("front", "back"), ("back", "front")])


@given(st.lists(st.tuples(RUNNING, NAMES, HOSTS), min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_what_is_kept_from_before_changes_no_judgement(steps: list[tuple[list[Service], tuple[str, str], str]]) -> None:
    kept = None
    for services, names, hosts in steps:
        networks = tuple(Network(f"n{at}", name) for at, name in enumerate(names, 1))
        live = Snapshot(services=tuple(services), networks=networks)
        kept = Neighbours(live, Options(), kept)
        wanted = spec(hosts=hosts, port="80", network="front")
        for _ in range(2):  # the second time nothing is read back anew
            assert check_service(wanted, kept).findings == check_service(wanted, live).findings
