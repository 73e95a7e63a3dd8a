"""What a guard has decided, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from lblint.guard.authorization import KINDS, Outcome

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
"""Upper bounds in seconds."""


def serve_metrics(address: str, port: int, age: Callable[[], float | None]) -> Callable[[Outcome], None]:
    """Serve `http://ADDRESS:PORT/metrics`; return the function that counts an outcome. Raises `OSError`.

    `age` tells how many seconds ago the managers were read; it is -1 before the first time.
    """
    registry = CollectorRegistry()
    decisions = Counter("lblint_guard_decisions", "Calls, by what became of them.", ["decision"], registry=registry)
    seconds = Histogram(
        "lblint_guard_seconds", "Seconds until a call that changes a service is decided on.", buckets=BUCKETS,
        registry=registry,
    )  # fmt: skip
    snapshot = Gauge("lblint_guard_snapshot_age_seconds", "Seconds since the managers were read.", registry=registry)
    snapshot.set_function(lambda: -1 if (known := age()) is None else known)
    for kind in KINDS:
        decisions.labels(kind)
    start_http_server(port, address, registry)

    def count(outcome: Outcome) -> None:
        decisions.labels(outcome.kind).inc()
        if outcome.kind != "passed":
            seconds.observe(outcome.seconds)

    return count
