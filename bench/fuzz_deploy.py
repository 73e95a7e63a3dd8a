"""Differential fuzz of the deploy: where lblint says that `docker stack deploy` stops, it stops on a real Swarm.

    python bench/fuzz_deploy.py [--seed N] [--runs N]

Each run makes a stack that the client can read, with settings that client or manager may refuse later
(tests/deployable.py), checks it, and deploys it to a Swarm of one drained node that is started for it (needs root,
dockerd and a docker client 28). What counts is the stage: that of the first thing that goes wrong, or "accepted".
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from conftest import docker_client  # noqa: E402
from deployable import generate, lay_out  # noqa: E402
from swarm import foretell, manager  # noqa: E402


def main() -> None:
    """Deploy `--runs` stacks, from `--seed` on, and list those that stop elsewhere than foretold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=500)
    chosen = parser.parse_args()
    docker = docker_client("28")
    if docker is None:
        raise SystemExit("no docker client 28 on PATH")
    start, seen, wrong = time.perf_counter(), Counter[str](), 0
    with manager(docker) as swarm, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stack.yml"
        lay_out(path.parent)
        for seed in range(chosen.seed, chosen.seed + chosen.runs):
            name, data = generate(seed)
            path.write_text(json.dumps(data), "utf-8")
            foretold = foretell([path], name, {"HOME": "/root"})
            deployed = swarm.deploy(name, [path], {})
            unread = deployed.said.startswith(("open ", "read "))  # a secret's file: nothing else is read here
            stage = "client-midway" if unread else deployed.stage
            seen[stage] += 1
            if stage != foretold.stage:
                wrong += 1
                print(f"seed {seed}: foretold {foretold.stage} ({', '.join(sorted(foretold.rules))})")
                print(f"    stopped at {stage}: {deployed.said}")
    stages = ", ".join(f"{count} {stage}" for stage, count in seen.most_common())
    print(f"{chosen.runs} stacks in {time.perf_counter() - start:.0f} s ({stages}): {wrong} stopped elsewhere")


if __name__ == "__main__":
    main()
