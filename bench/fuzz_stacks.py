"""Differential fuzz of whole stack files: what `lblint check` passes, the real nginx must take.

    python bench/fuzz_stacks.py [--seed N] [--runs N] [--others 0,1,100] [--show N]

Each run writes a stack file with sound and damaged labels, checks it beside 0, 1 or 100 other services, renders the
trial config of everything in it, and asks `nginx -t`. What counts: no error from lblint though nginx refuses (must be
0), or reads another tree than was meant (must be 0; by nginx_words.py, a reader of its own); an error that says the
proxy breaks though nginx takes the config and reads it as meant (listed by rule, with examples; README.md argues each).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "bench")]

from fuzz_nginx import GOOD, damaged  # noqa: E402
from nginx import SETTINGS, sandbox  # noqa: E402
from nginx_words import as_meant  # noqa: E402

from lblint.finding import Breaks, Severity  # noqa: E402
from lblint.interlock import Ingress, read_routes  # noqa: E402
from lblint.interlock.routes import Word  # noqa: E402
from lblint.lint import check_stacks, make_options  # noqa: E402
from lblint.proxy import template  # noqa: E402
from lblint.proxy.directive import lines  # noqa: E402
from lblint.proxy.template import meant  # noqa: E402
from lblint.source import read  # noqa: E402

EMPTY = "no servers are inside upstream"
"""nginx's words where a service has no task; whether Interlock leaves its hosts out is not documented: a warning."""

LONG = "could not build server_names_hash"
"""Its words for a name that is too long for a table that MKE 3.4.2 and later make large enough: a warning."""

SECRETS = [*GOOD["ssl_cert"], *GOOD["ssl_key"]]


def value(label: str, dice: random.Random, harm: float) -> str:
    """A value of this label, sound or damaged; `$` doubled as docker wants it, mostly."""
    text = dice.choice(GOOD[label])
    if dice.random() < harm:
        text = damaged(text, dice)
    return text.replace("$", "$$") if dice.random() < 0.8 else text


def service(dice: random.Random, mine: str) -> dict[str, Any]:
    """A service with some labels. `mine` makes its first host its own, so that runs do not all end in conflicts."""
    harm = dice.choice([0, 0, 0.1, 0.1, 0.5])
    many = dice.random()
    flags = ("context_root_rewrite", "ssl_passthrough", "ip_hash", "default_backend")
    odds = (0.5, 0.12, 0.12, 0.05) if many < 0.97 else (1.0, 0.5, 1.0, 0.5)
    labels = {"hosts": ",".join([mine, *(value("hosts", dice, harm) for _ in range(dice.choice([0, 0, 1, 3])))])}
    replicas = dice.choice([0, 1, 1, 1, 1, 2, 2, 2, 5, 5, 5, 40, 60, 62, 63, 64, 65, 120])
    if many < 0.02:
        hosts, replicas = dice.choice([(20, 64), (50, 63), (150, 2), (400, 1)])
        labels["hosts"] += "".join(f",h{number}.{mine}" for number in range(hosts))
    if dice.random() < harm:
        labels["hosts"] = damaged(labels["hosts"], dice)
    labels["port"] = value("port", dice, harm)
    labels["network"] = "front"
    for label in ("context_root", "sticky_session_cookie", "max_fails", "fail_timeout", "ssl_cert", "ssl_key"):
        if dice.random() < 0.2 or many > 0.97 or (label == "ssl_key" and "ssl_cert" in labels and dice.random() < 0.9):
            labels[label] = value(label, dice, harm)
    if dice.random() < 0.25:
        labels["websocket_endpoints"] = ",".join(
            value("websocket_endpoints", dice, harm) for _ in range(dice.choice([1, 1, 2]))
        )
    if dice.random() < 0.15:
        labels["redirects"] = f"http://{mine},{value('target', dice, harm)}"
    for flag, odd in zip(flags, odds, strict=True):
        if dice.random() < odd:
            labels[flag] = dice.choice(["true", "true", "true", "false", "TRUE", "yes"])
    if dice.random() < 0.1:
        labels["backend_mode"] = dice.choice(["vip", "task"])
    return {
        "image": "nginx:1.22",
        "networks": ["front"],
        "deploy": {
            "replicas": replicas,
            "labels": {"com.docker.lb." + label: text for label, text in labels.items()},
        },
    }


def stack(services: dict[str, Any]) -> str:
    """A stack file, in the part of YAML that JSON is."""
    whole = {
        "version": "3.8",
        "services": services,
        "networks": {"front": {"external": True}},
        "secrets": {name.replace(".", "_"): {"external": True, "name": name} for name in SECRETS},
    }
    return json.dumps(whole, indent=1)


def other(number: int) -> dict[str, Any]:
    """Somebody else's service."""
    labels = {"hosts": f"other{number}.example.net", "port": "8080", "network": "front"}
    named = {"com.docker.lb." + label: text for label, text in labels.items()}
    return {"image": "nginx:1.22", "networks": ["front"], "deploy": {"labels": named}}


def rendered(path: Sequence[str | int], made: dict[str, Any], text: str) -> bool:
    """Whether the value of a label stands in nginx.conf, or a part of it: others make it unused, or have its host."""
    found: Any = {"services": made}
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    parts = re.split("[,;]", found) if isinstance(found, str) else []
    return any(part.strip() and part.strip() in text for part in parts)


def as_written(ingress: Ingress) -> Ingress:
    """The ingress with the ports that are no numbers too, which the reader leaves out of the trial."""
    routes = []
    for route in ingress.routes:
        label = route.label("port")
        if route.port is None and label and label.value.strip(" "):
            route = route._replace(port=Word(label.value.strip(" "), label.place))
        routes.append(route)
    return ingress._replace(routes=tuple(routes))


def main() -> int:
    """Run, and print the figures; 1 if lblint passed anything that nginx refuses."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--runs", type=int, default=2000)
    options.add_argument("--first", type=int, default=0, help="number of the first run, to come back to one")
    options.add_argument("--others", default="0,1,100")
    options.add_argument("--show", type=int, default=1, help="examples printed for each kind")
    options.add_argument("--every", type=int, default=0, help="print the counts after so many runs")
    given = options.parse_args()
    others = []
    for count in map(int, given.others.split(",")):
        text = stack({f"other{number}": other(number) for number in range(count)})
        others.append([[read(text.encode(), "other.yml")]] if count else [])
    counts: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    bad = 0
    started = time.perf_counter()
    template.SHOWN = template.SHOWN_FOR_ALL_HOSTS = 10_000  # nginx is to see every server
    with sandbox() as box:
        for run in range(given.first, given.first + given.runs):
            dice = random.Random(f"{given.seed}-{run}")
            made = {
                f"s{number}": service(dice, f"s{number}.example.org") for number in range(dice.choice([1, 1, 2, 3]))
            }
            result = check_stacks(
                [[read(stack(made).encode(), "stack.yml")], *dice.choice(others)], make_options(env={})
            )
            errors = [finding for finding in result.findings if finding.severity is Severity.ERROR]
            breaking = {finding.rule for finding in errors if finding.breaks is Breaks.PROXY}
            tree = meant(as_written(read_routes(result.checked.stacks)).routes, SETTINGS)
            text = "".join(line.text + "\n" for line in lines(tree))
            verdict = box.test(text)
            right = verdict.ok and as_meant(text, tree)
            nginx = "takes as meant" if right else "takes as something else" if verdict.ok else "refuses"
            said = "breaks the proxy" if breaking else "error" if errors or result.unchecked else "passes"
            warned = {finding.rule for finding in result.findings}
            if said == "passes" and verdict.message == EMPTY and "no-tasks-to-route-to" in warned:
                said = "warns of no replicas"
            elif said == "passes" and "unset-variable" in warned:
                said = "warns of a variable that is not set"
            elif said == "passes" and verdict.message.startswith(LONG) and "host-too-long" in warned:
                said = "warns of a name too long before MKE 3.4.2"
            counts[f"lblint: {said}; nginx {nginx}"] += 1
            if said == "passes" and not right:
                bad += 1
                why = verdict.message[:70] or "reads otherwise"
                examples.setdefault("MISSED " + why, []).append(f"{run}: {json.dumps(made)[:600]}")
            elif len(breaking) == 1 and right:
                guilty = next(finding for finding in errors if finding.breaks is Breaks.PROXY)
                name = guilty.rule + ("" if rendered(guilty.path, made, text) else ", of a value not in nginx.conf")
                message = guilty.message
                rules[name] += 1
                examples.setdefault("strict " + name, []).append(f"{run}: {message!a:.200}")
            if given.every and (run + 1) % given.every == 0:
                print(f"after {run + 1}: {dict(counts)}", flush=True)
    print(f"seed {given.seed}, {given.runs} stacks, {time.perf_counter() - started:.0f} s")
    for name, count in sorted(counts.items()):
        print(f"{count:7} {name}")
    print("said to break the proxy by one rule alone, though nginx takes it as meant:")
    for name, count in rules.most_common():
        print(f"{count:7} {name}")
    for name, texts in sorted(examples.items()):
        for text in texts[: given.show]:
            print(f"{name}: {text}")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
