"""Which calls of the API make or change a service, what is read of them, and which are refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_service_spec import SNAPSHOT, spec

import lblint
from lblint import rules
from lblint.finding import Finding, Severity
from lblint.guard.api_call import LARGEST, BadBodyError, Call, Change, change, spec_of
from lblint.guard.decision import Policy, decide
from lblint.swarm.errors import SwarmError
from lblint.swarm.model import Snapshot

GOOD = spec(hosts="web.example.org", port="80", network="front")
BREAKS_PROXY = spec(hosts="web example.org", port="80", network="front")
BREAKS_ITSELF = spec(hosts="web.example.org", port="80", network="other")
PLAIN = {"Name": "web", "Labels": {"team": "shop"}, "TaskTemplate": {"ContainerSpec": {"Image": "nginx"}}}


class Managers:
    """A Swarm with nothing in it but a service that had another spec before."""

    def __init__(
        self, before: Mapping[str, Any] | None = None, failure: str = "", live: Snapshot | None = None
    ) -> None:
        self.before, self.failure, self.live, self.judged = before, failure, live, 0

    def judge(self, wanted: Mapping[str, Any]) -> Sequence[Finding]:
        """The findings on a spec."""
        if self.failure:
            raise SwarmError(self.failure)
        self.judged += 1
        return lblint.check_spec(wanted, self.live)

    def service(self, name: str) -> Mapping[str, Any]:
        """The service that there is."""
        assert name == "web"
        if self.failure:
            raise SwarmError(self.failure)
        return {"ID": "1", "Spec": GOOD, **({"PreviousSpec": self.before} if self.before else {})}


def call(body: Any, uri: str = "/v1.41/services/create", kind: str = "application/json") -> Call:
    """A call with a body."""
    return Call("POST", uri, kind, body if isinstance(body, bytes) or body is None else json.dumps(body).encode())


@pytest.mark.parametrize(("method", "uri"), [
    ("GET", "/v1.41/services/create"), ("DELETE", "/v1.41/services/web"), ("GET", "/services/web/update"),
    ("POST", "/v1.41/containers/create"), ("POST", "/v1.41/containers/services/update"), ("POST", "/services"),
    ("POST", "/v1.41/services/update"), ("POST", "/v1.41/networks/create"), ("POST", "/services/create/more"),
    ("POST", "/v1.41/containers/create?name=/services/create"), ("POST", "*"), ("CONNECT", "services:1"),
])  # fmt: skip
def test_other_calls_are_let_through_unread(method: str, uri: str) -> None:
    managers = Managers(failure="it is not asked")
    assert decide(Call(method, uri, "text/plain", b"\x00"), managers).allowed


@pytest.mark.parametrize(("uri", "expected"), [
    ("/v1.41/services/create", Change("", False, True)),
    ("/services/create?", Change("", False, True)),
    ("/v1.41/services/web/update?version=14", Change("web", False, True)),
    ("http://docker/v1.41/services/web/update?version=14&rollback=none", Change("web", False, True)),
    ("/services/web/update?version=1&rollback=previous", Change("web", True, False)),
    ("/services/web/update?rollback=none&rollback=previous", Change("web", True, True)),
    ("/services/web/update?%72ollback=%70revious", Change("web", True, False)),
    ("/services/web/update?version=1;rollback=previous", Change("web", True, False)),
    ("/v1.41//services/./x/../create/", Change("", False, True)),
    ("/v1.41/%73ervices%2Fcreate", Change("", False, True)),
    ("/v1.41/services/a%2Fb/update", Change("a/b", False, True)),
])  # fmt: skip
def test_calls_that_change_a_service(uri: str, expected: Change) -> None:
    assert change(Call("POST", uri)) == expected


STEPS = st.sampled_from(["/v1.41/services/create", "/services/create", "/v1.99/services/web/update"])


@given(STEPS, st.data())
def test_no_spelling_of_a_path_hides_it(path: str, data: st.DataObject) -> None:
    escaped = "".join(
        f"%{ord(char):02x}" if data.draw(st.booleans()) else char + "/" * (char == "/" and data.draw(st.booleans()))
        for char in path
    )
    assert change(Call("POST", escaped)) is not None
    assert change(Call("post", quote(path) + data.draw(st.sampled_from(["", "/", "?x", "/.", "#f"])))) is not None


def test_what_breaks_the_proxy_is_refused_and_told_as_everywhere() -> None:
    decision = decide(call(BREAKS_PROXY), Managers())
    first = lblint.check_spec(BREAKS_PROXY)[0]
    assert not decision.allowed
    assert decision.message.startswith(f"lblint refuses this service: {first.message} [{first.rule}]\n  note:   ")
    assert "  help:   " in decision.message
    assert (decision.service, decision.refused_for[0].rule) == ("web", first.rule)


def test_only_what_hurts_others_is_refused_without_fail_on() -> None:
    errors = {finding.rule for finding in lblint.check_spec(BREAKS_ITSELF) if finding.severity is Severity.ERROR}
    assert errors
    assert not any(rules.load()[name].others for name in errors)
    decision = decide(call(BREAKS_ITSELF), Managers())
    assert decision.allowed
    assert {finding.rule for finding in decision.findings} >= errors
    assert not decide(call(BREAKS_ITSELF), Managers(), Policy(Severity.ERROR)).allowed
    assert decide(call(GOOD), Managers(), Policy(Severity.INFO)).allowed


def test_a_service_without_labels_of_interlock_is_not_judged() -> None:
    managers = Managers()
    assert decide(call(PLAIN), managers).allowed
    assert managers.judged == 0


def test_a_rollback_is_judged_by_the_spec_that_comes_back() -> None:
    uri = "/services/web/update?rollback=previous"
    assert not decide(call(GOOD, uri), Managers(before=BREAKS_PROXY)).allowed
    assert decide(call(BREAKS_PROXY, uri), Managers(before=GOOD)).allowed  # the body counts for nothing
    assert decide(call(None, uri), Managers()).allowed  # the manager refuses it: there is no spec before
    both = uri + "&rollback=none"
    assert not decide(call(BREAKS_PROXY, both), Managers(before=GOOD)).allowed
    assert not decide(call(GOOD, both), Managers(before=BREAKS_PROXY)).allowed


def dumped(value: Any, **more: str) -> bytes:
    """JSON with keys put in front as they are."""
    text = json.dumps(value)
    return (text[0] + "".join(f'"{key}": {item}, ' for key, item in more.items()) + text[1:]).encode()


@pytest.mark.parametrize(("body", "kind", "why"), [
    (None, "application/json", "1 MiB"),
    (None, "text/plain; charset=utf-8", "sent as text/plain"),
    (b"", "application/json", "empty"),
    (b"{", "application/json", "not JSON"),
    (b"[]", "application/json", "not a JSON object"),
    (b"{}{}", "application/json", "not JSON"),
    (b'\xef\xbb\xbf{}', "application/json", "not JSON"),
    (b'{"Name": "\xff"}', "application/json", "not UTF-8"),
    (json.dumps(GOOD).encode("utf-16"), "application/json", "not UTF-8"),
    (b'{"Name": NaN}', "application/json", "no number"),
    (b'{"a":' * 100_000, "application/json", "nested too deeply"),
    (dumped(GOOD, Labels="{}"), "application/json", "written twice"),
    (dumped({"Name": "web"}, labels='{"com.docker.lb.hosts": "a b"}'), "application/json", "as Labels: write Labels"),
    ('{"Label\u017f": {}}'.encode(), "application/json", "as Labels"),
    (dumped({"Name": "web"}, TaskTemplate='{"networks": []}'), "application/json", "as Networks"),
    (b" " * (LARGEST + 1), "application/json", "larger"),
])  # fmt: skip
def test_a_body_that_the_managers_may_read_otherwise_is_refused(body: bytes | None, kind: str, why: str) -> None:
    decision = decide(call(body, kind=kind), Managers(), Policy(on_failure="allow"))
    assert not decision.allowed
    assert why in decision.message


@given(st.binary(max_size=200))
def test_no_body_is_let_through_unread(body: bytes) -> None:
    decision = decide(call(body), Managers())
    try:
        read = spec_of(call(body))
    except BadBodyError:
        assert not decision.allowed
    else:
        assert decision.allowed == ("com.docker.lb" not in str(read.get("Labels")))


def test_labels_that_differ_in_case_are_the_users_own() -> None:
    assert spec_of(call({"Labels": {"name": "a", "NAME": "b", "labels": ""}}))["Labels"]["NAME"] == "b"


@pytest.mark.parametrize(("on_failure", "body", "allowed"), [
    ("auto", GOOD, False), ("deny", GOOD, False), ("allow", GOOD, True), ("auto", PLAIN, True), ("deny", PLAIN, True),
])  # fmt: skip
def test_what_cannot_be_judged_is_decided_by_on_failure(on_failure: str, body: Any, allowed: bool) -> None:
    decision = decide(call(body), Managers(failure="nobody answers"), Policy(on_failure=on_failure))
    assert decision.allowed is allowed
    assert (decision.failure == "nobody answers") is (body is GOOD)
    assert ("cannot be judged: nobody answers" in decision.message) is not allowed


def test_a_rollback_whose_spec_is_not_known_is_refused() -> None:
    uri = "/services/web/update?rollback=previous"
    assert not decide(call(PLAIN, uri), Managers(failure="nobody answers")).allowed
    assert decide(call(PLAIN, uri), Managers(failure="nobody answers"), Policy(on_failure="allow")).allowed


def test_a_host_of_another_service_is_refused() -> None:
    taken = spec(hosts="shop.example.org", port="80", network="front", ssl_cert="c", ssl_key="k")
    decision = decide(call(taken), Managers(live=SNAPSHOT))
    assert {finding.rule for finding in decision.refused_for} == {"shared-host-differs"}
    assert decide(call(taken), Managers()).allowed
