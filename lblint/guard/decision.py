"""Whether a call is let through: what it makes of a service is judged, and what hurts others is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from lblint import UncheckedError
from lblint.finding import Breaks, Finding, Severity
from lblint.guard.api_call import BadBodyError, Call, change, has_labels, previous_spec, spec_of
from lblint.records import NamedTuple
from lblint.report.text import blocks
from lblint.swarm.errors import SwarmError

ON_FAILURE = ("auto", "deny", "allow")
"""What becomes of a call that cannot be judged: refused, let through, or "auto": refused if it may have labels of
Interlock."""
REST = "lblint check --live on the stack file shows all findings"
"""Where to see the findings after the first."""


LONGEST_VALUE = 200
"""Characters of a value that are kept of it."""


class Policy(NamedTuple):
    """What is refused. `fail_on` None: errors that break the proxy or that are about what others own; else every
    finding of that severity or above. `on_failure` is one of `ON_FAILURE`; `rest` says where all findings are."""

    fail_on: Severity | None = None
    on_failure: str = "auto"
    rest: str = REST


class Managers(Protocol):
    """What is asked of the managers. Both raise `SwarmError` or `UncheckedError` where they do not answer."""

    def judge(self, spec: Mapping[str, Any]) -> Sequence[Finding]:
        """Return the findings on a spec beside what runs."""

    def service(self, name: str) -> Mapping[str, Any]:
        """Return a service by its name or id, as `GET /services/ID` does."""


class Decision(NamedTuple):
    """What becomes of a call. `message` is for who sent it, where it is refused.

    `service` is the name in the spec, "" where none was read. `findings` are all, also where the call is let through;
    `refused_for` are those of them for which it is not.
    `failure` says why it could not be judged; "" where it was, or where there was nothing to judge. `value` is what
    stands in the spec at the place of the first finding for which the call is refused, cut where it is long.
    """

    allowed: bool
    message: str = ""
    service: str = ""
    findings: tuple[Finding, ...] = ()
    refused_for: tuple[Finding, ...] = ()
    failure: str = ""
    value: str = ""


LET_THROUGH = Decision(True)
"""The decision on a call that does nothing to a service."""


def decide(call: Call, managers: Managers, policy: Policy = Policy()) -> Decision:  # noqa: B008
    """Decide on a call. Raises nothing that `managers` raises: what cannot be judged is decided on by `on_failure`."""
    what = change(call)
    if what is None:
        return LET_THROUGH
    decision = LET_THROUGH
    if what.asks_rollback:
        decision = _decide(lambda: previous_spec(managers.service(what.service)), managers, policy)
    if decision.allowed and what.sends_spec:
        try:
            spec = spec_of(call)
        except BadBodyError as error:
            return Decision(False, f"lblint refuses this call, as its body cannot be judged: {error}")
        decision = _decide(lambda: spec, managers, policy)
    return decision


def _decide(read: Callable[[], dict[str, Any] | None], managers: Managers, policy: Policy) -> Decision:
    spec: dict[str, Any] | None = None
    try:
        spec = read()
        if spec is None or (policy.fail_on is None and not has_labels(spec)):
            return LET_THROUGH
        findings = tuple(managers.judge(spec))
    except (SwarmError, UncheckedError) as error:
        return failed(str(error), spec, policy)
    grave = tuple(finding for finding in findings if is_grave(finding, policy.fail_on))
    if not grave:
        return Decision(True, "", _name(spec), findings)
    return Decision(False, message(grave, policy.rest), _name(spec), findings, grave, value=_value(spec, grave[0]))


def unjudged(reason: str, call: Call, policy: Policy) -> Decision:
    """Decide on a call that was not judged for a reason; what a rollback brings back is not in its body."""
    what = change(call)
    if what is None:
        return LET_THROUGH
    try:
        spec = None if what.asks_rollback else spec_of(call)
    except BadBodyError:
        spec = None
    return failed(reason, spec, policy)


def failed(reason: str, spec: Mapping[str, Any] | None, policy: Policy) -> Decision:
    """Decide on a call that could not be judged for a reason; `spec` None is one that is not known."""
    denied = policy.on_failure == "deny" or (policy.on_failure == "auto" and (spec is None or has_labels(spec)))
    text = f"lblint refuses this call, as it cannot be judged: {reason}" if denied else ""
    return Decision(not denied, text, _name(spec), failure=reason)


def is_grave(finding: Finding, fail_on: Severity | None) -> bool:
    """Whether a finding keeps a call from being let through (see `Policy`)."""
    if fail_on is not None:
        return finding.severity >= fail_on
    from lblint.rules import RULES

    others = finding.rule in RULES and RULES[finding.rule].others
    return finding.severity is Severity.ERROR and (finding.breaks is Breaks.PROXY or others)


def message(findings: Sequence[Finding], rest: str = REST) -> str:
    """Return the text of a refusal: the first finding as in the format text, and where the others are."""
    first, more = findings[0], len(findings) - 1
    lines = [f"lblint refuses this service: {first.message} [{first.rule}]"]
    for label, text in blocks(first):
        head, *below = text.split("\n")
        lines += [f"  {f'{label}:'.ljust(8)}{head}", *(f"          {line}" for line in below)]
    if more:
        lines.append(f"  and {more} more: {rest}")
    return "\n".join(lines)


def _value(spec: Any, finding: Finding) -> str:
    for step in finding.path:
        try:
            spec = spec[step]
        except (KeyError, IndexError, TypeError):
            return ""
    return spec[:LONGEST_VALUE] if isinstance(spec, str) else ""


def _name(spec: Mapping[str, Any] | None) -> str:
    name = spec.get("Name") if spec else None
    return name if isinstance(name, str) else ""
