"""Mangled stack files, each checked with and without the fast paths: the findings must be the same.

    python bench/fuzz_fast.py [--seed 1] [--seconds 60]

The files are those under fixtures/, with keys replaced by other keys or written in other letters, and with lines left
out, repeated or taken from another file.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from pathlib import Path

from lblint.lint import Options, check_stacks
from lblint.source import read

FILES = [path.read_bytes() for path in sorted((Path(__file__).parent.parent / "fixtures").rglob("*.yml"))]
KEY = re.compile(rb"([A-Za-z_.0-9-]+):")
KEYS = sorted({key for content in FILES for key in KEY.findall(content)})
LINES = [line for content in FILES for line in content.split(b"\n") if line.strip()]


def mangled(dice: random.Random) -> bytes:
    """A file with one to four changes."""
    lines = dice.choice(FILES).split(b"\n")
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(lines))
        change = dice.choice(("key", "key", "case", "drop", "insert", "repeat"))
        if change == "key":
            lines[at] = KEY.sub(lambda found: dice.choice(KEYS) + b":", lines[at], count=1)
        elif change == "case":
            lines[at] = KEY.sub(lambda found: found[1].title() + b":", lines[at], count=1)
        elif change == "drop":
            lines[at : at + 1] = [] if len(lines) > 1 else [b""]
        elif change == "repeat":
            lines.insert(at, lines[at])
        else:
            indent = len(lines[at]) - len(lines[at].lstrip())
            lines.insert(at, b" " * indent + dice.choice(LINES).lstrip())
    return b"\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    dice, count, end = random.Random(chosen.seed), 0, time.monotonic() + chosen.seconds
    while time.monotonic() < end:
        content, beside = mangled(dice), dice.choice(FILES)
        name, client = dice.choice((None, "shop")), dice.choice(("", "20.10", "27.1"))
        options = Options(env={"HOME": "/root"}, deploying=dice.random() < 0.3, stack_name=name, client=client)
        stacks = [[read(content, "a.yml")]]
        if name is None and dice.random() < 0.3:
            stacks.append([read(beside, "b.yml")])
        os.environ.pop("LBLINT_SLOW", None)
        quick = check_stacks(stacks, options)
        os.environ["LBLINT_SLOW"] = "1"
        slow = check_stacks(stacks, options)
        count += 1
        if (quick.findings, quick.unchecked) != (slow.findings, slow.unchecked):
            sys.stdout.buffer.write(content)
            sys.exit(f"file {count} of seed {chosen.seed}: {set(quick.findings) ^ set(slow.findings)}")
    print(f"{count} files, the same findings with and without the fast paths")


if __name__ == "__main__":
    main()
