"""Calls are authorised in bounded time: each is decided on, counted and, where it is refused, logged."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TimeIsUpError
from typing import Any

from lblint.guard.api_call import Call, change
from lblint.guard.decision import LET_THROUGH, Decision, Managers, Policy, decide, unjudged
from lblint.records import NamedTuple

JUDGES = 2
"""Calls that are judged at a time."""
TURNS = 10
"""So many times the seconds of a judgement a call waits until its turn comes."""
MOST_WAITING = 64
"""Calls that wait to be judged; one more is decided on by `Policy.on_failure`."""


class Outcome(NamedTuple):
    """What became of a call: "passed" (nothing to judge), "allowed", "refused", "failed" (refused, as it could not be
    judged), "unjudged" (let through all the same) or "audited" (would have been refused); and in how many seconds."""

    kind: str
    decision: Decision
    seconds: float

    @property
    def allowed(self) -> bool:
        """Whether the call is let through."""
        return self.kind not in ("refused", "failed")


KINDS = ("passed", "allowed", "refused", "failed", "unjudged", "audited")
"""All kinds of outcomes."""


class Authorizer:
    """Decides on calls for many threads at once, each within `seconds` of its turn, which comes within `TURNS` times
    as many.

    With `audit`, nothing is refused. `record` is told of each call that is not simply let through, as a mapping for
    JSON; `count` of every outcome.
    """

    def __init__(
        self,
        managers: Managers,
        policy: Policy,
        seconds: float,
        audit: bool = False,
        record: Callable[[Mapping[str, Any]], None] = lambda entry: None,
        count: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        self._managers, self._policy, self._seconds, self._audit = managers, policy, seconds, audit
        self._record, self._count = record, count
        self._judges = ThreadPoolExecutor(JUDGES, "judge")
        self._places = threading.BoundedSemaphore(JUDGES + MOST_WAITING)
        self.outcomes: Counter[str] = Counter()

    def authorize(self, call: Call) -> Outcome:
        """Decide on a call."""
        begun = time.monotonic()
        if change(call) is None:
            decision, judged = LET_THROUGH, False
        else:
            decision, judged = self._decided(call), True
        outcome = Outcome(_kind(decision, judged, self._audit), decision, time.monotonic() - begun)
        self.outcomes[outcome.kind] += 1
        self._count(outcome)
        if outcome.kind not in ("passed", "allowed"):
            self._record(entry(call, outcome))
        return outcome

    def _decided(self, call: Call) -> Decision:
        if not self._places.acquire(blocking=False):
            return self._failed(f"{JUDGES + MOST_WAITING} other calls are being judged", call)
        begun = threading.Event()
        try:
            future = self._judges.submit(self._decide, call, begun)
        except RuntimeError:  # it is being stopped
            self._places.release()
            return self._failed("the guard is stopping", call)
        future.add_done_callback(lambda _: self._places.release())
        if not begun.wait(self._seconds * TURNS) and future.cancel():
            return self._failed(f"its turn did not come within {self._seconds * TURNS:g} seconds", call)
        try:
            return future.result(self._seconds)
        except TimeIsUpError:
            return self._failed(f"there was no judgement within {self._seconds:g} seconds", call)
        except Exception as error:  # a mistake of lblint's own must not stop the manager
            return self._failed(f"lblint failed: {type(error).__name__}", call)

    def _decide(self, call: Call, begun: threading.Event) -> Decision:
        begun.set()
        return decide(call, self._managers, self._policy)

    def _failed(self, reason: str, call: Call) -> Decision:
        return unjudged(reason, call, self._policy)

    def stop(self) -> None:
        """Judge no more; what is being judged is not waited for."""
        self._judges.shutdown(wait=False, cancel_futures=True)


def _kind(decision: Decision, judged: bool, audit: bool) -> str:
    if not decision.allowed:
        return "audited" if audit else "failed" if decision.failure else "refused"
    if decision.failure:
        return "unjudged"
    return "allowed" if judged else "passed"


def entry(call: Call, outcome: Outcome) -> dict[str, Any]:
    """Return what is logged of a call: a mapping of texts and numbers."""
    from datetime import UTC, datetime

    decision = outcome.decision
    first = decision.refused_for[0] if decision.refused_for else None
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "decision": outcome.kind,
        "user": call.user,
        "method": call.method,
        "uri": call.uri,
        "service": decision.service,
        "rule": first.rule if first else "",
        "value": decision.value,
        "message": first.message if first else decision.failure or decision.message,
        "findings": len(decision.refused_for),
        "milliseconds": round(outcome.seconds * 1000, 1),
    }
