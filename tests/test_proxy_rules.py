"""No fault of the trial goes unsaid: each kind is taken up by one rule."""

from __future__ import annotations

import pytest
from faultkinds import fields_of, instance, kinds_of

from lblint import rules
from lblint.finding import Fault, Place
from lblint.interlock import Ingress
from lblint.proxy import Trial, faults

ELSEWHERE = {faults.TlsWildcard: "every wildcard is said to be one, TLS or not, by the rule on the host's form"}
KINDS = kinds_of(faults)


def rules_on(fault: Fault) -> list[str]:
    trial = Trial(Ingress((), ()), (), (fault,))
    return [rule.id for rule in rules.load().values() if rule.on is Trial for _ in rule.check(trial)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_fault_is_said_once(kind: type[Fault]) -> None:
    said = rules_on(instance(kind))
    assert len(said) == (kind not in ELSEWHERE), said


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "other" in fields_of(kind)], ids=lambda kind: kind.__name__)
def test_the_other_may_be_one_that_no_file_has(kind: type[Fault]) -> None:
    assert len(rules_on(instance(kind, other=Place("running.conf")))) == 1
