"""How the time and the memory of `lblint check` grow with the number of stack files, and with the services of one file.

    python bench/speed_size.py [--most 10000] [--services 1000]

For each of several sizes the least of three runs (one, of the largest): wall time, CPU time of all processes, and the
memory that they have at once at the most (proportional set size, sampled every 5 ms, so that what forks share counts
once). Below it the exponent of the CPU time over the size, with the time of a start taken off: 1.0 is linear.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from speed import STACK, find

PORT = "com.docker.lb.port: 8080"
CLUSTER = "com.docker.lb.service_cluster: cluster"
"""The stacks of 500 share a proxy: no proxy's config with more than some thousand hosts is tried."""

SERVICE = """\
  app{number}:
    image: shop/app{number}:1.4.2
    environment:
      DB_HOST: db
    networks: [ingress]
    volumes:
      - data{number}:/data
    deploy:
      replicas: 2
      labels:
        com.docker.lb.hosts: app{number}.example.org
        com.docker.lb.port: 8080
        com.docker.lb.network: ingress_prod
      resources:
        limits: {{cpus: "0.50", memory: 256M}}
"""


def services(count: int) -> str:
    """One stack with so many routed services, each with a volume of its own."""
    body = "".join(SERVICE.format(number=number) for number in range(count))
    volumes = "".join(f"  data{number}:\n" for number in range(count))
    network = "networks:\n  ingress: {external: true, name: ingress_prod}\n"
    return f'version: "3.7"\nservices:\n{body}{network}volumes:\n{volumes}'


def memory(group: int) -> float:
    """What the processes of a group have now, in MiB; what several share is counted once."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                text = (folder / "smaps_rollup").read_text()
                total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
        except (OSError, ValueError):
            continue
    return total / 1024


def run(target: Path) -> tuple[float, float, float]:
    """One check: wall time and CPU time in seconds, and memory in MiB."""
    lblint = find("lblint")
    argv = [lblint, "check", str(target)] if lblint else [sys.executable, "-m", "lblint", "check", str(target)]
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    before, began, most = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0.0
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, env=env, start_new_session=True)
    while process.poll() is None:
        most = max(most, memory(process.pid))
        time.sleep(0.005)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"lblint check {target}: exit code {process.returncode}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, most


def table(what: str, targets: dict[int, Path], start: float) -> None:
    """Print a row for each size, and the exponent over them all."""
    print(f"\n| {what} | wall, s | CPU, s | CPU per one, ms | memory, MiB |\n| --- | --- | --- | --- | --- |")
    points = []
    for size, target in targets.items():
        runs = [run(target) for _ in range(3 if size < 5000 else 1)]
        wall, cpu, most = (min(run[part] for run in runs) for part in range(3))
        points.append((math.log(size), math.log(max(cpu - start, 0.001))))
        print(f"| {size} | {wall:.2f} | {cpu:.2f} | {1000 * (cpu - start) / size:.2f} | {most:.0f} |", flush=True)
    x, y = (sum(point[part] for point in points) / len(points) for part in range(2))
    slope = sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)
    print(f"\nCPU time grows with the size to the power of {slope:.2f}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=10_000)
    parser.add_argument("--services", type=int, default=1000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files: dict[int, Path] = {}
        for size in (chosen.most // 100, chosen.most // 10, chosen.most):
            files[size] = Path(folder, f"of{size}")
            files[size].mkdir()
            for number in range(size):
                text = STACK.format(host=f"shop{number}").replace(PORT, f"{PORT}\n        {CLUSTER}{number // 500}")
                (files[size] / f"shop{number}-stack.yml").write_text(text)
        one = Path(folder, "one-stack.yml")
        one.write_text(STACK.format(host="shop"))
        run(one)
        start = min(run(one)[1] for _ in range(3))
        stacks: dict[int, Path] = {}
        for size in (chosen.services // 10, chosen.services // 3, chosen.services):
            stacks[size] = Path(folder, f"services{size}-stack.yml")
            stacks[size].write_text(services(size))
        table("services in one stack", stacks, start)
        table("stack files", files, start)


if __name__ == "__main__":
    main()
