"""Fuzz of the fixes: what `lblint check --fix` and `--unsafe-fixes` make of damaged stack files.

    python bench/fuzz_fixes.py [--seed N] [--runs N] [--docker BINARY] [--show N]

Each run takes a stack (a fixture, a case, or one made up), damages it a few times (slips in keys and values, other
quotes, brackets, anchors, block texts, line ends, lines that are lost or doubled), and fixes it. What must hold:

- a second run changes nothing;
- no finding more, and no kind of error more than before;
- what `lblint config` says, and `docker stack config` where one is given, changes only where an edit was;
- docker takes what it took;
- lines change only where an edit was; line ends, and a missing one at the end, stay.

Prints the faults, and how much was done. Exit code 1 if there was a fault.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fixed import mended  # noqa: E402
from fixture import FIXTURES, options  # noqa: E402

from lblint.finding import Edit, Severity  # noqa: E402
from lblint.fix import Mended  # noqa: E402
from lblint.fix.syntax_tree import Item, last, locate, parse  # noqa: E402
from lblint.lint import Options, Result, make_options  # noqa: E402
from lblint.source import Source, read  # noqa: E402
from lblint.stack.docker_versions import client  # noqa: E402

Trail = tuple[str, ...]
VALUES = {
    "hosts": ["a.example.org", "http://a.example.org", "https://a.example.org/", "a.example.org:80", "a.example.org/x",
              "a.example.org, b.example.org", "a.example.org,", "bücher.example.org", '"a.example.org"',
              "A.example.org.", "a..example.org", "${HOST}", "a.${DOMAIN:-example.org}", "*.a.example.org",
              "a.example.org;b.example.org"],
    "port": ["8080", "080", "0x1F90", "8080/tcp", "80:8080", '"8080"', " 8080", "8e3", "${PORT}", "1.0", "99999", "''"],
    "network": ["front", "demo_front", "other_front", "frnt", "'front'", "${STACK}_front"],
    "context_root": ["app", "/app", "/app/", "//app", "/app/*", " /app", "https://a.example.org/app", "/"],
    "context_root_rewrite": ["true", "True", "'true'", "yes", "1", "on"],
    "ip_hash": ["true", "True", '"True"', "y"],
    "ssl_only": ["'true'", "'false'"],
    "ssl_passthrough": ["'true'", "true"],
    "redirects": ["http://a.example.org,https://a.example.org", "a.example.org,https://a.example.org",
                  "http://a.example.org, https://a.example.org/", "http://a.example.org,http://a.example.org",
                  "http://c.example.org,https://a.example.org"],
    "websocket_endpoints": ["/ws", "ws", "/ws, /x", "/ws,/ws"],
    "backend_mode": ["vip", "VIP", "tasks"],
    "sticky_session_cookie": ["sid", "'\"sid\"'", " sid"],
    "service_cluster": ["east", "' east'"],
}  # fmt: skip
LEGACY = ["com.docker.ucp.mesh.http: external_route=http://a.example.org,internal_port=8080",
          "interlock.hostname: a", "interlock.domain: example.org", "interlock.port: 80"]  # fmt: skip
EXTRAS = ["    restart: allways", "    mem_limit: 512m", "    cpus: 0.5", "    tty: yes",
          "    environment:\n      - A: 1",
          "    ports:\n      - 80:80\n      - 80:80", '    command: ["grep", "^x$"]', "    scale: 2", "    replicas: 2",
          "    environment: {DEBUG: yes, 8080: x}", "    healthcheck: {test: [curl, -f, localhost]}",
          "    stop_grace_period: '30'", "    lables: {a: b}", "    depends_on: {db: {condition: started}}",
          "    extra_hosts: db", "    working_dir: srv"]  # fmt: skip


def made_up(dice: random.Random) -> str:
    """A stack of one or two services with labels in some form."""
    lines = [dice.choice(['version: "3.8"', "version: '3.4'", "version: 3.7", "version: 3.8.1", "# no version"])]
    lines += ["services:"]
    for name in ("web", "api")[: dice.choice([1, 1, 2])]:
        lines += [f"  {name}:", "    image: example/web:1  # the image"]
        lines += [dice.choice(EXTRAS)] if dice.random() < 0.5 else []
        lines += ["    networks: [front]" if dice.random() < 0.8 else "    networks:\n      - front\n      - back"]
        pairs = [(f"com.docker.lb.{key}", dice.choice(VALUES[key])) for key in ("hosts", "port")]
        pairs += [(f"com.docker.lb.{key}", dice.choice(of)) for key, of in VALUES.items() if dice.random() < 0.15]
        if dice.random() < 0.1:
            pairs = [tuple(line.split(": ", 1)) for line in LEGACY[:1] if dice.random() < 0.7] or [
                tuple(line.split(": ", 1)) for line in LEGACY[1:]
            ]  # type: ignore[misc]
        pairs = list(dict(pairs).items())
        pad = "      " if dice.random() < 0.8 else "    "
        lines += ["    deploy:", "      labels:"] if len(pad) == 6 else ["    labels:"]
        lines += labels(pairs, pad + "  ", dice)
    lines += [
        "networks:",
        dice.choice(["  front: {external: true}", "  front: {}", "  front:", "  front:\n    driver: overlay"]),
    ]
    lines += [dice.choice(["    name: shared", "    nmae: x", "    external: {name: shared}"])] if (
        lines[-1] == "  front:" and dice.random() < 0.6) else []  # fmt: skip
    lines += ["  back: {}"] if dice.random() < 0.3 else []
    return "\n".join(lines) + "\n"


def labels(pairs: Sequence[tuple[str, str]], pad: str, dice: random.Random) -> list[str]:
    """Labels as a mapping, a list, or in brackets; some with a comment."""
    form = dice.random()
    plain = [(key, value.strip("'\"") if form > 0.7 else value) for key, value in pairs]
    if form > 0.9:
        return [pad + "{" + ", ".join(f'{key}: "{value}"' for key, value in plain) + "}"]
    if form > 0.7:
        sign = dice.choice(["=", "=", "=", ": "])
        quote = dice.choice(['"', '"', ""])
        return [f"{pad}- {quote}{key}{sign}{value}{quote}" + dice.choice(["", "", "  # why"]) for key, value in plain]
    return [
        dice.choice(["", "", "", "", f"{pad}# com.docker.lb.x: y\n"])
        + f"{pad}{key}: {value}"
        + dice.choice(["", "", "  # why", "   #"])
        for key, value in plain
    ]


def slip(line: str, dice: random.Random) -> str:
    """One slip of the finger."""
    if not line.strip():
        return line
    at = dice.randrange(len(line))
    char = dice.choice("abcdehilnoprst._-=: 0189\"'")
    return dice.choice([line[:at] + line[at + 1 :], line[:at] + char + line[at:], line[:at] + char + line[at + 1 :],
                        line[:at] + line[at : at + 2][::-1] + line[at + 2 :]])  # fmt: skip


def in_keys(lines: list[str], dice: random.Random) -> list[str]:
    """A slip in a label's key, or a key in capitals, or with another prefix."""
    found = [number for number, line in enumerate(lines) if "com.docker.lb." in line]
    if not found:
        return lines
    at = dice.choice(found)
    key = re.search(r"com\.docker\.lb\.\w*", lines[at])
    assert key
    new = dice.choice([slip(key[0], dice), key[0].upper(), key[0].replace("_", "-"), key[0].replace("docker", "dokcer"),
                       key[0].replace(".lb", ""), key[0] + ".1"])  # fmt: skip
    return [*lines[:at], lines[at].replace(key[0], new), *lines[at + 1 :]]


def in_values(lines: list[str], dice: random.Random) -> list[str]:
    """Another value for a label, perhaps as a block text or with an anchor."""
    found = [number for number, line in enumerate(lines) if re.match(r"\s*com\.docker\.lb\.\w+: \S", line)]
    if not found:
        return lines
    at = dice.choice(found)
    head, _, _ = lines[at].partition(": ")
    name = head.strip().removeprefix("com.docker.lb.")
    value = dice.choice(VALUES.get(name, ["x"]))
    pad = " " * (len(head) - len(head.lstrip()) + 2)
    written = dice.choice([value, value, f'"{value}"', f"'{value}'", f"&a{at} {value}", f"!!str {value}",
                           f"|\n{pad}{value}", f">-\n{pad}{value}"])  # fmt: skip
    return [*lines[:at], f"{head}: {written}", *lines[at + 1 :]]


def moved(lines: list[str], dice: random.Random) -> list[str]:
    """`deploy: labels:` as labels of the containers, or straight below deploy."""
    for number in range(len(lines) - 1):
        if lines[number].strip() == "deploy:" and lines[number + 1].strip() == "labels:":
            drop = number + dice.choice([0, 0, 1])
            rest = lines[drop + 1 :]
            end = next((n for n, line in enumerate(rest) if line.strip() and not line.startswith(" " * 6)), len(rest))
            return [*lines[:drop], *(line[2:] for line in rest[:end]), *rest[end:]]
    return lines


def shared(lines: list[str], dice: random.Random) -> list[str]:
    """A copy of a service through an alias or a merge of its labels."""
    for number, line in enumerate(lines):
        if line.strip() == "labels:" and "networks:" in lines:
            below = dice.choice(["labels: *l", "labels:\n        <<: *l", "labels:\n        <<: *l\n        x: y"])
            copy = ["  copy:", "    image: example/copy:1", "    networks: [front]", "    deploy:", f"      {below}"]
            at = lines.index("networks:")
            return (
                [*lines[:number], f"{line} &l", *lines[number + 1 : at], *copy, *lines[at:]] if at > number else lines
            )
    return lines


def anywhere(lines: list[str], dice: random.Random) -> list[str]:
    """A line lost, doubled, swapped, slipped, commented, indented."""
    if not lines:
        return lines
    at = dice.randrange(len(lines))
    line = lines[at]
    new = dice.choice([[], [line, line], [slip(line, dice)], [slip(line, dice)], [f"{line} # said"],
                       [f"# {line}", line], [line, ""], ["  " + line],
                       [line.replace("'", '"')], [f"{line}\t# tab"]])  # fmt: skip
    return [*lines[:at], *new, *lines[at + 1 :]]


_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\r\n]*", re.M)
DAMAGES: list[Callable[[list[str], random.Random], list[str]]] = [
    in_keys, in_keys, in_values, in_values, in_values, moved, shared, anywhere, anywhere,
]  # fmt: skip


def seeds() -> list[Path]:
    """The stack files that are damaged."""
    found = [*FIXTURES.glob("rules/*/*.yml"), *FIXTURES.glob("cases/*.yml"), *FIXTURES.glob("stacks/*/*.yml")]
    return sorted(path for path in found if path.stat().st_size < 6000)


def mutant(dice: random.Random, files: Sequence[Path]) -> tuple[list[str], Options, str]:
    """A damaged stack of one or two files, the options of its run, and where it comes from."""
    given, name = make_options(env={}, stack_name=dice.choice([None, "demo"])), "made up"
    text = made_up(dice)
    if dice.random() < 0.6:
        path = dice.choice(files)
        name = str(path.relative_to(FIXTURES))
        text = path.read_bytes().decode("utf-8", "replace")
        chosen, _ = options(path)
        own = chosen.stack
        given = make_options(env=own.env, stack_name=own.name or given.stack.name, client=own.client)
    texts = [text, *([over(text, dice)] if dice.random() < 0.15 else [])]
    return [damaged(one, dice) for one in texts], given._replace(stack=given.stack._replace(base=str(FIXTURES))), name


def over(text: str, dice: random.Random) -> str:
    """A file to merge over a stack: of its version, with other labels for its first service."""
    version = re.search(r"^version:.*$", text, re.M)
    service = re.search(r"^  (\w+):", text, re.M)
    pairs = [(f"com.docker.lb.{key}", dice.choice(VALUES[key])) for key in dice.sample(sorted(VALUES), 2)]
    lines = [*([version[0]] if version else []), "services:", f"  {service[1] if service else 'web'}:", "    deploy:",
             "      labels:", *labels(pairs, "        ", dice)]  # fmt: skip
    return "\n".join(lines) + "\n"


def damaged(text: str, dice: random.Random) -> str:
    """A text with some damage."""
    lines = text.split("\n")
    for _ in range(dice.choice([0, 1, 1, 2, 3])):
        lines = dice.choice(DAMAGES)(lines, dice)
    text = "\n".join(lines)
    return dice.choice([text, text, text, text.rstrip("\n"), text.replace("\r", "").replace("\n", "\r\n")])


def sources(texts: Sequence[str], given: Options) -> list[Source]:
    """The files of a stack: stack.yml, and over.yml if there are two."""
    dialect = client(given.stack.client).dialect
    names = ("stack.yml", "over.yml")
    return [read(text.encode("utf-8", "replace"), name, dialect) for text, name in zip(texts, names, strict=False)]


def faults(texts: Sequence[str], given: Options, unsafe: bool, docker: str = "") -> tuple[list[str], Mended]:
    """What does not hold of the fixes of one stack, and what came of it."""
    old = sources(texts, given)
    first = _checked(old, given)
    done = mended([old], given, unsafe)
    new = list(done.files[0])
    edits = [edit for _, fix in done.done for edit in fix.edits]
    found = []
    again = mended(done.files, given, unsafe)
    if [one.text for one in again.files[0]] != [one.text for one in new]:
        found.append(f"a second run changes it: {[fix.title for _, fix in again.done]}")
    if len(done.result.findings) > len(first.findings):
        found.append(f"{len(done.result.findings)} findings, and {len(first.findings)} before")
    more = _errors(done.result) - _errors(first)
    if more:
        found.append(f"errors that were not there: {dict(more)}")
    if [one.text for one in new] == [one.text for one in old]:
        return found, done
    found += [f"the config changes at {where}" for where in _strays(_config(first), _config(done.result), edits)]
    for before, after in zip(old, new, strict=True):
        found += _lines(before, after, [edit for edit in edits if edit.place.file == before.name])
    if docker:
        found += _docker(docker, old, new, given, edits)
    return found, done


def _checked(files: Sequence[Source], given: Options) -> Result:
    from lblint.lint import check_stacks

    return check_stacks([files], given)


def _errors(result: Result) -> Counter[str]:
    return Counter(one.rule for one in result.findings if one.severity is Severity.ERROR)


def _config(result: Result) -> Any:
    return None if not result.checked.stacks or result.checked.stacks[0].refused else result.checked.stacks[0].config


def _strays(old: Any, new: Any, edits: Sequence[Edit]) -> Iterator[str]:
    """The paths at which two trees of plain data differ and no edit was."""
    if old is None or new is None:
        return
    allowed = [trail for edit in edits for trail in _trails(edit)]
    keys = {trail[-1] for trail in allowed if trail}  # an anchor takes a label to other services
    lists = {edit.place.path[-2] for edit in edits if edit.place.path and isinstance(edit.place.path[-1], int)}
    for path in _differ(old, new, ()):
        near = any(path[: len(one)] == one or one[: len(path)] == path for one in allowed)
        again = path and (path[-1] in keys or path[0].startswith("x-") or (path[-2:-1] and path[-2] in lists))
        if not near and not again:
            yield ".".join(path)


def _trails(edit: Edit) -> Iterator[Trail]:
    """The paths that an edit is about, without the numbers of list items, which other edits shift."""
    path = tuple(step for step in edit.place.path if isinstance(step, str))
    yield path
    if edit.place.key and edit.op == "write":
        yield (*path[:-1], str(edit.value))
    if edit.op == "insert":
        yield from (
            (*path, key) for key in (edit.value if not edit.key and isinstance(edit.value, dict) else [edit.key])
        )
    if edit.op in ("move", "raise"):
        yield (*(step for step in edit.to if isinstance(step, str)), edit.key or path[-1])
        if "labels" in path and path[-1] == "labels":  # an item of a list
            yield tuple(step for step in edit.to if isinstance(step, str))


def _differ(old: Any, new: Any, path: Trail) -> Iterator[Trail]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from _differ(old.get(key), new.get(key), (*path, str(key)))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            yield from _differ(one, other, path)
    elif type(old) is not type(new) or old != new:
        yield path


def _lines(old: Source, new: Source, edits: Sequence[Edit]) -> Iterator[str]:
    """Lines that changed where no edit was, and line ends that changed at all."""
    before, after = old.text.splitlines(), new.text.splitlines()
    for one, other, source, word in ((before, after, old, "went"), (after, before, new, "came")):
        touched = _touched(source, edits)
        doubled = {one[number - 1] for number in touched}
        rest = iter(other)
        for number, line in enumerate(one, 1):
            along = line.lstrip()[:1] == "#" and any(edit.op == "move" for edit in edits)  # looked for below
            if number in touched or not line.strip() or line in doubled or along:
                continue
            if line not in rest:  # looks on where it found the last one
                yield f"a line {word}: {number}: {line!r}"
                break
    if not any(edit.op in ("remove", "raise") for edit in edits):
        lost = Counter(_COMMENT.findall(old.text)) - Counter(_COMMENT.findall(new.text))
        yield from (f"the comment {comment!r} is lost" for comment in lost)
    for name, end in (("LF", "\n"), ("CR LF", "\r\n")):
        alone = old.text.replace(end, "")
        if "\n" not in alone and "\r" not in alone and set(new.text.replace(end, "")) & set("\r\n"):
            yield f"line ends were {name} alone"
    if old.text[-1:] in "\r\n" and bool(old.text) is not (new.text[-1:] in "\r\n" and bool(new.text)):
        yield "the line end at the end of the file"


def _touched(source: Source, edits: Sequence[Edit]) -> set[int]:
    """The lines that edits are about, as far as their paths are in this text."""
    root = parse(source.text)
    found: set[int] = set()
    shifted = {edit.place.path[:-1] for edit in edits if edit.op in ("remove", "move")}
    for edit in edits if root is not None else ():
        for path in _paths(edit):
            numbered = path and isinstance(path[-1], int) and path[:-1] in shifted  # other items have its number now
            found |= _span(source, root, path[:-1] if numbered else path, edit)
    return found


def _paths(edit: Edit) -> Iterator[tuple[str | int, ...]]:
    path = edit.place.path
    yield path
    for up in range(1, len(path)):  # a collection goes with the last that is in it
        if edit.op in ("remove", "move", "insert"):
            yield path[:up]
    if edit.op == "write" and edit.place.key:
        yield (*path[:-1], str(edit.value))
    if edit.op == "insert":
        yield (*path, edit.key)
        if isinstance(edit.value, dict):
            yield from ((*path, key) for key in edit.value)
    if edit.op == "raise":
        yield path[:-1]
        yield (*path[:-2], path[-1])
    if edit.op == "move":
        yield from ((*edit.to[:up],) for up in range(2, len(edit.to) + 1))
        yield (*edit.to, edit.key or str(path[-1]))


def _span(source: Source, root: Item, path: tuple[str | int, ...], edit: Edit) -> set[int]:
    spot = locate(root, path)
    if not spot.whole:
        spot = locate(root, path[:-1])
        if not spot.whole or not spot.item.style:
            return set()
    start = spot.key.head if spot.key is not None else spot.item.head
    item = spot.item.value if spot.item.alias else spot.item
    end = last(source.text, item, spot.key)
    block = item.kind == "mapping" and not item.style
    emptied = edit.op == "move" and path == edit.place.path[:-1]  # the comments in it go along
    numbered = any(isinstance(step, int) for step in edit.place.path[-1:])
    into = edit.op in ("insert", "move") and path in (edit.place.path, edit.to) and not numbered
    if (
        block
        and not emptied
        and not (edit.op == "move" and path == edit.to)
        and (into or len(path) < len(edit.place.path))
    ):
        return {source.lines.at(start)[0]}  # its key alone
    if spot.shared or spot.item.alias or item.head < start:
        return set(range(source.lines.at(item.head)[0], source.lines.at(end)[0] + 1)) | {source.lines.at(start)[0]}
    return set(range(source.lines.at(start)[0], source.lines.at(end)[0] + 1))


def _docker(
    program: str, old: Sequence[Source], new: Sequence[Source], given: Options, edits: Sequence[Edit]
) -> Iterator[str]:
    """What docker says of both: it takes what it took, and prints the same but for the edits."""
    printed = []
    for files in (old, new):
        with tempfile.TemporaryDirectory(prefix="lblint-fuzz-fix-") as folder:
            words = [program, "stack", "config"]
            for source in files:
                path = Path(folder, source.name)
                path.write_bytes(source.text.encode("utf-8", "replace"))
                words += ["-c", str(path)]
            env = {"PATH": os.environ["PATH"], "HOME": folder, **(given.stack.env or {})}
            done = subprocess.run(words, capture_output=True, env=env, check=False)
            printed.append(done.stdout.decode().replace(folder, "") if done.returncode == 0 else None)
            said = done.stderr.decode()[:200]
    if printed[0] is not None and printed[1] is None:
        yield f"docker took it, and does not any more: {said}"
    if printed[0] is not None and printed[1] is not None:
        plain = [read(text.encode(), "printed").data for text in printed if text]
        yield from (f"docker's config changes at {where}" for where in _strays(*plain, edits))


def main() -> int:
    """Run it."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--runs", type=int, default=5000)
    given.add_argument("--docker", default="", help="a docker client to ask, too")
    given.add_argument("--show", type=int, default=5, help="faults to print with their file")
    asked = given.parse_args()
    files, counts, reasons, bad = seeds(), Counter[str](), Counter[str](), 0
    start = time.time()
    for number in range(asked.runs):
        dice = random.Random(asked.seed * 1_000_003 + number)
        texts, chosen, name = mutant(dice, files)
        unsafe = dice.random() < 0.5
        try:
            found, done = faults(texts, chosen, unsafe, asked.docker)
        except Exception as error:  # a crash is a fault, too
            found, done = [f"{type(error).__name__}: {error}"], None
        counts.update(files=1, unsafe=unsafe, fixes=len(done.done) if done else 0, changed=bool(done and done.done),
                      refused=len(done.refused) if done else 0, faulty=bool(found))  # fmt: skip
        for _, fix in done.done if done else ():
            counts[f"safe {fix.safe}"] += 1
        for _, _, why in done.refused if done else ():
            reasons[re.sub(r": .*|\\d+", "", why)[:60]] += 1
        if found and bad < asked.show:
            bad += 1
            print(f"--- run {number} ({name}, unsafe {unsafe})\n" + "\n".join(found) + "\n" + "\n=====\n".join(texts))
    print(f"{time.time() - start:.0f} s, seed {asked.seed}: {dict(counts)}")
    print("not made:", dict(reasons.most_common()))
    return 1 if counts["faulty"] else 0


if __name__ == "__main__":
    sys.exit(main())
