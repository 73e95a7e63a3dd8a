"""How the time and the memory of `lblint check` grow with one kind of input each: size, CPU time, exponent, memory.

    python bench/speed_cases.py [--size 1000] [CASE...]

Each case is measured at a size, twice that and four times that, each in a process of its own. The exponent is that of
the CPU time between the last two, with the time of a start taken off: 1.0 is linear.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from speed import find

HEAD = 'version: "3.8"\nservices:\n'
Files = dict[str, str]


def services(body: str, count: int, rest: str = "") -> Files:
    """A stack with so many services; `#` in their text is their number."""
    text = "".join(f"  a#:\n    image: nginx:1.27\n{body}".replace("#", str(at)) for at in range(count))
    return {"s.yml": HEAD + text + rest}


def labels(*pairs: str) -> str:
    """The labels of a routed service."""
    every = ("hosts: a#.example.org", 'port: "80"', *pairs)
    return "    deploy:\n      labels:\n" + "".join(f"        com.docker.lb.{pair}\n" for pair in every)


def each(line: str, count: int) -> str:
    """A line as often as that, with its number for `#`."""
    return "".join(line.replace("#", str(at)) for at in range(count))


def shared_base(count: int) -> Files:
    """Stacks of two files, of which all have the first in common."""
    files = {f"t{at}.yml": services(labels(), 1)["s.yml"].replace("a0", f"a{at}") for at in range(count)}
    stacks = each("  - {name: s#, files: [base.yml, t#.yml]}\n", count)
    return {"base.yml": HEAD + "  web: {image: nginx:1.27}\n", ".lblint.yml": "stacks:\n" + stacks, **files}


def near_secrets(count: int) -> Files:
    """Labels that name twice as many secrets, each close to one that is declared."""
    secrets = each("  crt#.y: {external: true}\n  key#.y: {external: true}\n", count)
    return services(labels("ssl_cert: crt#.x", "ssl_key: key#.x"), count, "secrets:\n" + secrets)


def merge_list(count: int) -> Files:
    """One merge of a list of many mappings."""
    parts = each("  - &a# {k#: v}\n", count)
    names = ", ".join(f"*a{at}" for at in range(count))
    web = f"services:\n  w:\n    image: nginx:1.27\n    environment:\n      <<: [{names}]\n"
    return {"s.yml": f'version: "3.8"\nx-a:\n{parts}{web}'}


def broken(line: str, above: str = "") -> Callable[[int], Files]:
    """One service with many wrong lines, or many wrong services."""
    return lambda count: {"s.yml": HEAD + above + each(line, count)}


SERVICE = "  w:\n    image: nginx:1.27\n"
MOVED = '    labels:\n      com.docker.lb.hosts: a#.example.org\n      com.docker.lb.port: "80"\n'
CASES: dict[str, tuple[Callable[[int], Files], list[str]]] = {
    "stacks that share a base file": (shared_base, []),
    "TLS labels beside near secrets": (near_secrets, ["s.yml"]),
    "labels that --fix moves": (lambda count: services(MOVED, count), ["s.yml", "--fix"]),
    "fixes with --diff": (lambda count: services("    init: 'true'\n", count), ["s.yml", "--diff"]),
    "a merge of a list": (merge_list, ["s.yml"]),
    "undeclared service clusters": (lambda count: services(labels("service_cluster: c#"), count), ["s.yml"]),
    "undeclared networks": (
        lambda count: services("    networks: [nett#]\n", count, "networks:\n" + each("  nets#: {}\n", count)),
        ["s.yml"],
    ),
    "undeclared volumes": (
        lambda count: services('    volumes: ["volt#:/a"]\n', count, "volumes:\n" + each("  vols#: {}\n", count)),
        ["s.yml"],
    ),
    "unknown keys": (broken("    k#: 5\n", SERVICE), ["s.yml"]),
    "services that are no mappings": (broken("  a#: 5\n"), ["s.yml"]),
    "labels": (broken('        l#: "5"\n', SERVICE + "    deploy:\n      labels:\n"), ["s.yml"]),
    "unknown com.docker.lb labels": (
        broken('        com.docker.lb.x#: "5"\n', SERVICE + "    deploy:\n      labels:\n"),
        ["s.yml"],
    ),
    "one host, many paths": (
        lambda count: services(labels("context_root: /a#").replace("a#.example", "a.example"), count),
        ["s.yml"],
    ),
    "comments that silence": (
        lambda count: services("    # lblint: ignore[unknown-key] measured\n    imgae: a\n", count), ["s.yml"],
    ),
}  # fmt: skip


def run(files: Files, words: list[str]) -> tuple[float, float]:
    """One check in a folder with these files: CPU time in seconds, and the most memory in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, "utf-8")
        lblint = find("lblint")
        command = [lblint] if lblint else [sys.executable, "-m", "lblint"]
        code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)"
        code += "; u = resource.getrusage(resource.RUSAGE_CHILDREN); print(u.ru_utime + u.ru_stime, u.ru_maxrss)"
        argv = [sys.executable, "-c", code, *command, "check", *words]
        env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=True)
        seconds, kilobytes = done.stdout.split()
        return float(seconds), int(kilobytes) / 1024


def main() -> None:
    """Measure the cases that are named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("case", nargs="*", choices=[[], *CASES])
    arguments = parser.parse_args()
    start, _ = run({"s.yml": HEAD + SERVICE}, ["s.yml"])
    print("| input | size | CPU, s | exponent | memory, MiB |")
    print("| --- | --- | --- | --- | --- |")
    print(f"| start | 1 | {start:.2f} | | |")
    for name in arguments.case or CASES:
        make, words = CASES[name]
        before = 0.0
        for size in (arguments.size, 2 * arguments.size, 4 * arguments.size):
            seconds, memory = run(make(size), words)
            grown = f"{math.log2((seconds - start) / (before - start)):.2f}" if before > start < seconds else ""
            print(f"| {name} | {size} | {seconds:.2f} | {grown} | {memory:.0f} |", flush=True)
            before = seconds


if __name__ == "__main__":
    main()
