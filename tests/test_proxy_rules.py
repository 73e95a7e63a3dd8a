"""No fault of the trial goes unsaid: each kind that the proxy's table names is taken up by one rule."""

from __future__ import annotations

import re

import pytest

from lblint import proxy, rules
from lblint.finding import Fault, Place
from lblint.interlock import Ingress
from lblint.proxy import Trial

KINDS = re.findall(r"^(proxy\.[a-z.-]+) ", proxy.__doc__ or "", re.MULTILINE)
ELSEWHERE = {"proxy.lost.sni-wildcard": "every wildcard is said to be one, TLS or not, by the rule on the host's form"}
FACTS = {
    name: name
    for name in ("value", "odd", "directive", "message", "line", "meant", "found", "name", "length", "limit", "bucket",
                 "path", "servers", "fit", "kilobytes", "sockets", "connections", "pattern", "error", "hosts", "lines")
}  # fmt: skip


def test_the_table_is_found() -> None:
    assert len(KINDS) > 25


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", [Place("b.yml", ("services", "b")), None], ids=["other", "alone"])
def test_every_kind_of_fault_is_said_once(kind: str, other: Place | None) -> None:
    fault = Fault(kind, Place("a.yml", ("services", "a")), facts={**FACTS, "other": other})
    trial = Trial(Ingress((), ()), (), (fault,))
    said = [rule.id for rule in rules.load().values() if rule.on is Trial for _ in rule.check(trial)]
    assert len(said) == (kind not in ELSEWHERE), said
