"""Fuzz of everything at once: files with bytes flipped, cut, spliced, nested, repeated, through the whole pipeline.

    python bench/fuzz_bytes.py [--seed N] [--runs N] [--keep FOLDER] [FILE or FOLDER]...

Files are taken from fixtures/ unless others are named. Reports tracebacks (must be 0), how the files ended, and the
slowest. Files that end in a traceback are written to --keep, by the number of their run.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lblint.finding import Severity  # noqa: E402
from lblint.lint import Result, check_stacks, make_options  # noqa: E402
from lblint.report import render_json, render_text  # noqa: E402
from lblint.source import read  # noqa: E402

Dice = random.Random
WORD = re.compile(rb"\w[\w./-]*")
PIECES = [
    b"\0", b"\x07", b"\x1b[31m", b"\x7f", b"\x85", b"\xff", b"\xc3", b"\xe2\x80\xa8", b"\xe2\x80\xae",
    b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80", b"\r", b"\t", b"\n", b": ", b":", b"- ", b"? ", b"#", b"'", b'"', b"{",
    b"}", b"[", b"]", b",", b"&a ", b"*a", b"<<: *a", b"<<: ", b"!!int ", b"!t ", b"|\n", b">\n", b"---\n", b"...\n",
    b"%YAML 1.1\n", b"~", b"true", b"0", b"-1", b"1e999", b".nan", b"9" * 400, b"0x" + b"f" * 40, b"2020-01-01",
    b"$", b"${", b"${A}", b"${A:-b}", b"${A:?b}", b"$$", b"x" * 3000, b"..", b"/", b"\\", b";", b"*", b"~^(",
    b"(a+)+$", b"http://", b"https://a,http://b", b"=", b"==", b"services:", b"  web:\n", b"networks:", b"deploy:",
    b"labels:", b"com.docker.lb.hosts: ", b"com.docker.lb.port: ", b"com.docker.lb.", b"external: true",
    b"env_file: /dev/zero", b"env_file: ..", b"file: /dev/null", b"version: '3.8'",
]  # fmt: skip


def flip(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]


def cut(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def drop(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + data[at + dice.choice((1, 1, 2, 5, 40)) :]


def insert(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice(PIECES) * dice.choice((1, 1, 1, 2, 50)) + data[at:]


def value(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    """Another value behind one of the colons."""
    lines = data.split(b"\n")
    index = dice.randrange(len(lines))
    key, colon, _ = lines[index].partition(b":")
    lines[index] = key + colon + b" " + dice.choice(PIECES)
    return b"\n".join(lines)


def quoted(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    """Another value in quotes, which YAML takes whatever it is."""
    lines = data.split(b"\n")
    index = dice.randrange(len(lines))
    key, colon, _ = lines[index].partition(b":")
    if not colon:
        key, colon, _ = lines[index].partition(b"- ")
    text = b"".join(dice.choice(PIECES) for _ in range(dice.choice((1, 2, 4)))).decode("utf-8", "ignore")
    lines[index] = key + colon + b" " + json.dumps(text).encode()
    return b"\n".join(lines)


def word(data: bytes, dice: Dice, others: list[bytes]) -> bytes:
    """A word of another file in the place of one of this."""
    mine, theirs = list(WORD.finditer(data)), list(WORD.finditer(dice.choice(others)))
    if not mine or not theirs:
        return data
    place = dice.choice(mine)
    return data[: place.start()] + dice.choice(theirs)[0] + data[place.end() :]


def splice(data: bytes, dice: Dice, others: list[bytes]) -> bytes:
    other = dice.choice(others)
    return data[: dice.randrange(len(data) + 1)] + other[dice.randrange(len(other) + 1) :]


def swap(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    lines = data.split(b"\n")
    a, b = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def shift(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    """Some lines further in or out."""
    lines = data.split(b"\n")
    start = dice.randrange(len(lines))
    for index in range(start, min(len(lines), start + dice.choice((1, 1, 3, 10)))):
        lines[index] = b"  " + lines[index] if dice.random() < 0.5 else lines[index].removeprefix(b"  ")
    return b"\n".join(lines)


def repeat(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    lines = data.split(b"\n")
    start = dice.randrange(len(lines))
    part = lines[start : start + dice.choice((1, 2, 5))]
    return b"\n".join([*lines[:start], *part * dice.choice((2, 2, 3, 200)), *lines[start:]])


def nest(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    deep = dice.choice((2, 20, 120, 5000))
    at = dice.randrange(len(data) + 1)
    opening, closing = dice.choice(((b"[", b"]"), (b"{a: ", b"}")))
    return data[:at] + opening * deep + closing * deep + data[at:]


def alias(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    """Aliases of aliases in front of it all."""
    levels, width = dice.choice(((2, 3), (3, 10), (6, 10), (12, 2), (30, 9)))
    form = dice.choice((b"x-a%d: &a%d [%s]\n", b"x-a%d: &a%d {<<: [%s]}\n"))
    text = b"x-a0: &a0 {k: v}\n"
    for level in range(1, levels):
        text += form % (level, level, b", ".join([b"*a%d" % (level - 1)] * width))
    return text + data


def huge(data: bytes, dice: Dice, _all: list[bytes]) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice(PIECES) * dice.choice((1000, 20_000)) + data[at:]


COMMON: list[Callable[[bytes, Dice, list[bytes]], bytes]] = [
    flip, cut, drop, insert, value, splice, swap, shift, quoted, quoted, quoted, quoted, quoted, quoted, word, word,
    word, word, word, word,
]  # fmt: skip
RARE: list[Callable[[bytes, Dice, list[bytes]], bytes]] = [repeat, nest, alias, huge]


def mutated(files: list[bytes], dice: Dice) -> bytes:
    data = dice.choice(files)
    for _ in range(dice.choice((1, 1, 1, 1, 1, 2, 3, 6))):
        change = dice.choice(RARE) if dice.random() < 0.03 else dice.choice(COMMON)
        data = change(data, dice, files)
    return data


def whole(content: bytes, dice: Dice) -> Result:
    """The pipeline, from bytes to both reports."""
    client = dice.choice(("", "", "", "20.10", "24"))
    name = dice.choice((None, "demo", "a b"))
    source = read(content, "stack.yml", "v2" if client else "v3")
    options = make_options(
        stack_name=name, client=client, env={"A": dice.choice(("", "a", "a b;")), "B": "1"}, base="/nonexistent"
    )
    result = check_stacks([[source]], options)
    render_text(result)
    render_json(result)
    return result


def ending(result: Result) -> str:
    if result.unchecked:
        return "could not be checked"
    worst = max((finding.severity for finding in result.findings), default=None)
    return "no findings" if worst is None else f"worst is {worst if isinstance(worst, Severity) else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / "fixtures"])
    chosen = parser.parse_args()
    paths = [file for path in chosen.paths for file in (sorted(path.rglob("*.yml")) if path.is_dir() else [path])]
    files = [path.read_bytes() for path in paths]
    endings: Counter[str] = Counter()
    traces: Counter[str] = Counter()
    slowest: list[tuple[float, int, int]] = []
    begun = time.monotonic()
    for run in range(chosen.runs):
        dice = Dice(f"{chosen.seed}/{run}")
        content = mutated(files, dice)
        start = time.monotonic()
        try:
            endings[ending(whole(content, dice))] += 1
        except Exception:
            trace = traceback.format_exc().strip().split("\n")
            traces["\n".join(trace[-7:])] += 1
            endings["traceback"] += 1
            if chosen.keep:
                chosen.keep.mkdir(parents=True, exist_ok=True)
                (chosen.keep / f"{chosen.seed}-{run}.yml").write_bytes(content)
        slowest = sorted([*slowest, (time.monotonic() - start, run, len(content))], reverse=True)[:5]
    for trace, count in traces.most_common():
        print(f"--- {count} times\n{trace}")
    print(f"{chosen.runs} files in {time.monotonic() - begun:.0f} s, seed {chosen.seed}, from {len(files)} files")
    for name, count in endings.most_common():
        print(f"  {count:7} {name}")
    for seconds, run, size in slowest:
        print(f"  {seconds:7.3f} s run {run}, {size} bytes")
    return 1 if traces else 0


if __name__ == "__main__":
    sys.exit(main())
