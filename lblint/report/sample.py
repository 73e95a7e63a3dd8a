"""What a label's page shows: a stack with it, what it adds to nginx.conf, and what goes wrong with it.

Nothing of it is written by hand: the config is the trial's, and the mistakes are those of the rules' own examples.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from lblint import rules
from lblint.interlock import LABELS, LabelSpec
from lblint.records import NamedTuple

_STACK = """\
services:
  web:
    image: example/web:1.4
    networks: [ingress]
    deploy:
      replicas: 2
      labels:
%s
networks:
  ingress:
    external: true
    name: demo_ingress
"""
_BASE = {"hosts": "app.example.org", "port": "8080"}
_BESIDE: Mapping[str, Mapping[str, str]] = {
    "redirects": {"hosts": "app.example.org,old.example.org", "ssl_cert": LABELS["ssl_cert"].example,
                  "ssl_key": LABELS["ssl_key"].example},
    "ssl_passthrough": {"port": "8443", "network": LABELS["network"].example},
}  # fmt: skip
"""What a label does not need to be taken, but to be of use."""
MOST = 2
"""So many mistakes of one rule are shown."""
ON_LABELS = {"Stack", "Ingress", "Trial", "NginxVerdict"}
"""The types that rules judge which look at labels, and not at the file or at what runs."""


class Mistake(NamedTuple):
    """A mistake with a label: the rule that finds it, the line as it was written, what is said and to write."""

    rule: str
    severity: str
    line: str
    message: str
    write: str


def sample(spec: LabelSpec) -> str:
    """A stack file with the label, and what it needs beside it."""
    return _STACK % "\n".join(f'        com.docker.lb.{name}: "{value}"' for name, value in _labels(spec).items())


def _labels(spec: LabelSpec) -> dict[str, str]:
    beside = {need.name: LABELS[need.name].example for need in spec.needs}
    return {**_BASE, **beside, **_BESIDE.get(spec.name, {}), spec.name: spec.example}


def adds(spec: LabelSpec) -> list[str]:
    """What the label changes in the trial nginx.conf, as the lines of a diff; none where nginx never sees it."""
    import difflib

    without = {name: value for name, value in _labels(spec).items() if name != spec.name}
    if spec.name in _BASE:
        without = {}
    before, after = (_config(labels) for labels in (without, _labels(spec)))
    lines = list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:]
    return ["..." if line.startswith("@@") else line for line in lines]


def _config(labels: Mapping[str, str]) -> list[str]:
    from lblint.interlock import read_routes
    from lblint.proxy import trial
    from lblint.source import read
    from lblint.stack import load

    written = "\n".join(f'        com.docker.lb.{name}: "{value}"' for name, value in labels.items())
    text = _STACK % (written or "        plain: label")
    return trial(read_routes([load([read(text.encode(), "stack.yml")], "demo")])).text.splitlines()


_HEAD = re.compile(r"\S+:\d+:\d+: (error|warning|info): (.*) \[([a-z0-9-]+)\]")
_SHOWN = re.compile(r" *\d+ \| *(?:- *)?(.*)")
_WRITE = re.compile(r" *write: +(.*)")


def mistakes(spec: LabelSpec, folder: str) -> Iterator[Mistake]:
    """What the rules say of the label in their own examples, rule by rule; `folder` is that of all rules' fixtures."""
    own = re.compile(rf"[\"']?{re.escape(spec.key)}[\"']?(?: *[:=]|$)")
    for rule in [name for name, rule in rules.load().items() if rule.on.__name__ in ON_LABELS]:
        found: dict[str, Mistake] = {}
        outputs = sorted(name for name in os.listdir(os.path.join(folder, rule)) if re.fullmatch(r"bad.*\.out", name))
        for name in outputs:
            with open(os.path.join(folder, rule, name), encoding="utf-8") as file:
                blocks = file.read().split("\n\n")
            for lines in (block.splitlines() for block in blocks):
                head, shown = _HEAD.fullmatch(lines[0]), _SHOWN.fullmatch(lines[1]) if len(lines) > 1 else None
                if head and shown and head[1] != "info" and head[3] == rule and own.match(shown[1]):
                    write = next((given[1] for line in lines if (given := _WRITE.fullmatch(line))), "")
                    message = head[2].removeprefix(spec.key + ": ")
                    found.setdefault(shown[1], Mistake(rule, head[1], shown[1], message, write))
        yield from list(found.values())[:MOST]
