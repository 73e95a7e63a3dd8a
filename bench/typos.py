"""Single-character typos of labels, as they happen: how many are errors, warnings, or pass as another value.

    python bench/typos.py [--seed N] [--whole N] [--keys all|some|none] FILE or FOLDER...

The values of `com.docker.lb.*` labels are taken out of real files (for a label that none has, the example of `lblint
labels`); each sound one is edited in all ways that one slip of the finger can (delete, insert, replace, swap of
neighbours; printable ASCII and some others), and the label's validator judges the edit. Of the edits that pass it,
--whole are drawn and put through `lblint check` in a stack where the unedited value is right: networks and secrets are
looked up there. Every edit of every key goes through `lblint check` too; one that passes without a word makes the exit
code 1.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import string
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from lblint.finding import Breaks, Severity  # noqa: E402
from lblint.interlock import LABELS, PREFIX, LabelSpec  # noqa: E402
from lblint.lint import check_stacks, make_options  # noqa: E402
from lblint.source import read  # noqa: E402

CHARACTERS = string.printable[:95] + "\t\né’–\u00a0\u200b"
"""What a slip puts in: ASCII, and what keyboards and word processors make: an accent, a quote, a dash, odd spaces."""

_LABEL = re.compile(r"com\.docker\.lb\.([a-z_]+)[\"']?\s?[:=][ \t]*([^\r\n]*)")
_BATCH = 400


def edits(text: str, characters: str = CHARACTERS) -> set[str]:
    """All texts that one edit makes of a text."""
    found = set()
    for at in range(len(text) + 1):
        found |= {text[:at] + char + text[at:] for char in characters}
        if at < len(text):
            found |= {text[:at] + char + text[at + 1 :] for char in characters}
            found.add(text[:at] + text[at + 1 :])
            found.add(text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :])
    return found - {text}


def values(paths: list[Path]) -> dict[str, set[str]]:
    """The values of each label in some files, without quotes and comments."""
    found: dict[str, set[str]] = {name: set() for name in LABELS}
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                for name, rest in _LABEL.findall(file.read_text("utf-8", "replace")):
                    value = plain(rest)
                    if name in found and value:
                        found[name].add(value)
    return found


def plain(rest: str) -> str:
    """What stands behind a key, as a value: the text in quotes, or the text up to a comment, comma or backslash."""
    rest = rest.strip()
    if rest[:1] in ("'", '"'):
        return rest[1:].partition(rest[0])[0]
    return re.split(r"[ \t]+[#\\]|[\"']|\s*$", rest)[0].strip()


def verdict(spec: LabelSpec, value: str) -> str:
    """What the validator makes of a value."""
    problems = list(spec.problems(value))
    worst = max((problem.severity for problem in problems), default=None)
    if worst is Severity.ERROR:
        hurt = {problem.breaks for problem in problems if problem.severity is worst}
        return "error proxy" if Breaks.PROXY in hurt else "error route"
    return str(worst) if worst else "passes"


def service(labels: dict[str, str]) -> dict[str, Any]:
    """A service with these labels on the network `front`."""
    deploy = {"labels": {key: value.replace("$", "$$") for key, value in labels.items()}}
    return {"image": "example/web:1.4", "networks": ["front"], "deploy": deploy}


def severities(services: dict[str, Any], network: str, secrets: list[str]) -> dict[str, Severity]:
    """The worst finding of each service in a stack of them."""
    whole = {
        "version": "3.8",
        "services": services,
        "networks": {"front": {"external": True, "name": network}},
        "secrets": {f"s{number}": {"external": True, "name": name} for number, name in enumerate(secrets)},
    }
    result = check_stacks([[read(json.dumps(whole).encode(), "stack.yml")]], make_options(env={}, stack_name="demo"))
    worst: dict[str, Severity] = {}
    for finding in result.findings:
        if finding.service:
            worst[finding.service] = max(worst.get(finding.service, Severity.INFO), finding.severity)
    assert not result.unchecked, result.unchecked
    return worst


def whole(name: str, value: str, typo: str) -> str:
    """What `lblint check` makes of a typo where the value itself is right."""
    labels = {"hosts": "app.example.org", "port": "8080", "network": "front"}
    needs = {
        "ssl_cert": {"ssl_key": "k"},
        "ssl_key": {"ssl_cert": "c"},
        "context_root_rewrite": {"context_root": "/app"},
    }
    labels |= needs.get(name, {})
    if name == "redirects":
        labels["hosts"] = ",".join(sorted({*re.findall(r"https?://([^,;/:]+)[^,;]*,", value)})) or labels["hosts"]
    secrets = ["c", "k", value] if name in ("ssl_cert", "ssl_key") else ["c", "k"]
    keyed = {PREFIX + label: text for label, text in {**labels, name: typo}.items()}
    found = severities({"web": service(keyed)}, value if name == "network" else "front", secrets)
    return str(found["web"]) if "web" in found else "passes"


def silent_keys(spec: LabelSpec, characters: str) -> Iterator[str]:
    """The edits of a label's key that pass `lblint check` without an error or a warning."""
    typos = sorted(edits(spec.key, characters))
    for start in range(0, len(typos), _BATCH):
        batch = dict(enumerate(typos[start : start + _BATCH]))
        base = {PREFIX + "hosts": "", PREFIX + "port": "8080", PREFIX + "network": "front"}
        base.pop(spec.key, None)
        services = {}
        for number, typo in batch.items():
            host = {PREFIX + "hosts": f"h{number}.example.org"} if PREFIX + "hosts" in base else {}
            services[f"s{number}"] = service({**base, **host, typo: spec.example})
        found = severities(services, "front", ["demo_app.example.org.cert", "demo_app.example.org.key"])
        yield from (typo for number, typo in batch.items() if found.get(f"s{number}", Severity.INFO) < Severity.WARNING)


def main() -> int:
    """Print the tables; 1 if an edit of a key passes in silence."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--whole", type=int, default=2000, help="passing edits of values to put through lblint check")
    options.add_argument("--keys", choices=["all", "some", "none"], default="all", help="which edits of keys to check")
    options.add_argument("paths", nargs="+", type=Path)
    given = options.parse_args()
    dice = random.Random(given.seed)
    columns = ("error proxy", "error route", "warning", "info", "passes")
    total: Counter[str] = Counter()
    passing: list[tuple[str, str, str]] = []
    started = time.perf_counter()
    print(f"| label | values | sound | edits | {' | '.join(columns)} |")
    print("|:--|" + "--:|" * (3 + len(columns)))
    for name, found in values(given.paths).items():
        spec = LABELS[name]
        sound = [value for value in sorted(found or {spec.example}) if verdict(spec, value) in ("passes", "info")]
        counts: Counter[str] = Counter()
        for value in sound:
            for typo in edits(value):
                said = verdict(spec, typo)
                counts[said] += 1
                if said == "passes":
                    passing.append((name, value, typo))
        total += counts
        cells = [len(found), len(sound), counts.total(), *(counts[column] for column in columns)]
        print(f"| {name} | {' | '.join(map(str, cells))} |")
    print(f"| all | | | {total.total()} | {' | '.join(str(total[column]) for column in columns)} |")
    print(f"\n{time.perf_counter() - started:.0f} s")
    drawn: Counter[tuple[str, str]] = Counter()
    for name, value, typo in dice.sample(passing, min(given.whole, len(passing))):
        drawn[name, whole(name, value, typo)] += 1
    print(f"\n{drawn.total()} of the edits that pass their validator, through lblint check (seed {given.seed}):")
    for (name, said), count in sorted(drawn.items()):
        print(f"{count:7} {name}: {said}")
    silent = {}
    keys = 0
    for spec in LABELS.values() if given.keys != "none" else ():
        characters = CHARACTERS if given.keys == "all" else "aZ0._- :=/"
        keys += len(edits(spec.key, characters))
        silent[spec.key] = list(silent_keys(spec, characters))
    count = sum(map(len, silent.values()))
    print(f"\n{keys} edits of {len(silent)} keys through lblint check: {count} pass in silence")
    for key, typos in silent.items():
        for typo in typos[:10]:
            print(f"  {key}: {typo!a}")
    print(f"{time.perf_counter() - started:.0f} s")
    return 1 if count else 0


if __name__ == "__main__":
    raise SystemExit(main())
