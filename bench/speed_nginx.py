"""Time of the trial of many routes, beside crossplane alone and `nginx -t` of the same config.

python bench/speed_nginx.py [--routes N] [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from nginx import SETTINGS, sandbox  # noqa: E402
from routes import ingress, route  # noqa: E402

from lblint.proxy import readback, start_refusals, trial  # noqa: E402
from lblint.proxy.crossplane_reader import parse  # noqa: E402
from lblint.proxy.directive import lines  # noqa: E402
from lblint.proxy.readback import differences  # noqa: E402
from lblint.proxy.template import meant  # noqa: E402


def median(rounds: int, work: Callable[[], object]) -> float:
    """Milliseconds of the median round."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def main() -> None:
    """Print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--routes", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=9)
    given = options.parse_args()
    made = ingress(*(route(f"s{i}", hosts=[f"s{i}.example.org"], targets=2) for i in range(given.routes)))
    tree = meant(made.routes, SETTINGS)
    text = list(lines(tree))
    parsed = parse(text).tree
    tried = trial(made, SETTINGS)
    assert not tried.faults
    print(f"{given.routes} routes, {len(text)} lines, {len(tried.text)} bytes; median of {given.rounds} rounds, in ms")
    rows: list[tuple[str, Callable[[], object]]] = [
        ("the whole trial", lambda: trial(made, SETTINGS)),
        ("  the tree", lambda: meant(made.routes, SETTINGS)),
        ("  its text", lambda: list(lines(tree))),
        ("  words", lambda: list(readback.misread_values(tree))),
        ("  crossplane alone", lambda: parse(text)),
        ("  comparison", lambda: list(differences(tree, parsed))),
        ("  limits", lambda: list(start_refusals.faults(tree, SETTINGS))),
    ]
    for name, work in rows:
        print(f"{median(given.rounds, work):8.1f}  {name}")
    with sandbox() as box:
        box.write(tried.text)
        print(f"{median(given.rounds, lambda: box.test(tried.text)):8.1f}  nginx -t")


if __name__ == "__main__":
    main()
