"""The page of a label: what `lblint labels` shows and docs/labels/ holds, from the one table of labels.

Its example config is the trial's, and its mistakes are those of the rules' own fixtures.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from lblint import rules
from lblint.installation import shipped
from lblint.interlock import LABELS, LabelSpec
from lblint.interlock.label_table import Relation
from lblint.records import NamedTuple
from lblint.report.text_table import table


def overview(format_: str, name: str = "") -> str:
    """A table of all labels. As JSON it has all their fields, of the one with this name where one is given."""
    if format_ == "json":
        head = ("label", "value", "default", "since", "dead", "doc", "example")
        chosen = [LABELS[name]] if name else LABELS.values()
        rows = [
            (label.key, label.kind, label.default, label.since, label.dead, label.doc, label.example)
            for label in chosen
        ]
        return table(head, rows, format_)
    return table(
        ("label", "value", "default"), [(label.key, label.kind, label.default) for label in LABELS.values()], format_
    )


def _facts(spec: LabelSpec) -> Iterator[tuple[str, str]]:
    yield "value", spec.kind
    yield "default", spec.default
    yield "since", f"{spec.since} (UCP or MKE)"
    if spec.dead:
        yield "do not use", spec.dead
    for relation in spec.needs:
        yield "needs", _relation(relation)
    for relation in spec.excludes:
        yield "not with", _relation(relation)


def _relation(relation: Relation) -> str:
    value = f": {relation.value}" if relation.value else ""
    return f"{relation.name}{value} ({relation.says})"


def as_text(spec: LabelSpec) -> str:
    """The page of a label for a terminal."""
    import textwrap

    from lblint.report.escape import printable

    lines = [spec.key, "", *textwrap.wrap(spec.doc, 100), ""]
    lines += [f"  {name + ':':<12}{fact}" for name, fact in _facts(spec)]
    if not spec.dead:
        lines += ["", "Good:", "", *(f"    {line}" for line in sample(spec).splitlines())]
        lines += ["", _CHANGES if adds(spec) else _UNSEEN, *([""] if adds(spec) else [])]
        lines += [f"    {line}" for line in adds(spec)]
    lines += ["", "What goes wrong (`lblint explain RULE` for each):"]
    for mistake in mistakes(spec, shipped("fixtures/rules")):
        line = f"{mistake.severity}: {printable(mistake.message)} [{mistake.rule}]"
        lines += ["", f"    {printable(mistake.line)}", f"      {line}"]
        lines += [f"      help: {printable(mistake.help)}"] if mistake.help else []
    return "\n".join([*lines, ""])


_CHANGES = "What it changes in the trial nginx.conf (`lblint render`):"
_UNSEEN = "It changes nothing in nginx.conf: it decides which proxy serves the route, or over which network."


def as_markdown(spec: LabelSpec) -> str:
    """The page of a label, as docs/labels/<name>.md."""
    from lblint.report.escape import fence, prose_text

    lines = [f"# {spec.name}", "", f"`{spec.key}`", "", prose_text(spec.doc), ""]
    lines += [f"- {name}: {prose_text(fact)}" for name, fact in _facts(spec)]
    if not spec.dead:
        changes = adds(spec)
        lines += ["", "Good:", "", fence(sample(spec), "yaml"), "", _CHANGES if changes else _UNSEEN]
        lines += ["", fence("\n".join(changes), "diff")] if changes else []
    lines += ["", "What goes wrong:", ""]
    for mistake in mistakes(spec, shipped("fixtures/rules")):
        line = f"[{mistake.rule}](../rules/{mistake.rule}.md), {mistake.severity}: {prose_text(mistake.message)}."
        help = f" Help: {prose_text(mistake.help)}." if mistake.help else ""
        lines.append(f"- {_code(mistake.line)}  \n  {line}{help}")
    return "\n".join([*lines, ""])


def _code(text: str) -> str:
    """A line of code, whatever backticks are in it."""
    from lblint.report.escape import printable

    ticks = "``" if "`" in text else "`"
    return f"{ticks}{printable(text)}{ticks}"


def index() -> str:
    """All labels as a table with links, for docs/labels.md."""
    rows = [
        (f"[{label.name}](labels/{label.name}.md)", label.kind, label.default, label.since, label.dead)
        for label in LABELS.values()
    ]
    return table(("label", "value", "default", "since", "do not use"), rows, "markdown")


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
_WITH: Mapping[str, Mapping[str, str]] = {
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
    """A mistake with a label: the rule that finds it, the line as it was written, what is said and what to do."""

    rule: str
    severity: str
    line: str
    message: str
    help: str


def sample(spec: LabelSpec) -> str:
    """Return a stack file with the label, and what it needs."""
    return _STACK % "\n".join(f'        com.docker.lb.{name}: "{value}"' for name, value in _labels(spec).items())


def _labels(spec: LabelSpec) -> dict[str, str]:
    needed = {need.name: LABELS[need.name].example for need in spec.needs}
    return {**_BASE, **needed, **_WITH.get(spec.name, {}), spec.name: spec.example}


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
_HELP = re.compile(r" *help: +(.*?)(?: \(fixable with [^)]*\))?")


def mistakes(spec: LabelSpec, folder: str) -> Iterator[Mistake]:
    """What the rules say of the label in their own examples, rule by rule; `folder` is that of all rules' fixtures."""
    own = re.compile(rf"[\"']?{re.escape(spec.key)}[\"']?(?: *[:=]|$)")
    for rule in [name for name, rule in rules.load().items() if rule.on.__name__ in ON_LABELS]:
        result: dict[str, Mistake] = {}
        outputs = sorted(name for name in os.listdir(os.path.join(folder, rule)) if re.fullmatch(r"bad.*\.out", name))
        for name in outputs:
            with open(os.path.join(folder, rule, name), encoding="utf-8") as file:
                blocks = file.read().split("\n\n")
            for lines in (block.splitlines() for block in blocks):
                head, shown = _HEAD.fullmatch(lines[0]), _SHOWN.fullmatch(lines[1]) if len(lines) > 1 else None
                if head and shown and head[1] != "info" and head[3] == rule and own.match(shown[1]):
                    help = next((match[1] for line in lines if (match := _HELP.fullmatch(line))), "")
                    message = head[2].removeprefix(spec.key + ": ")
                    result.setdefault(shown[1], Mistake(rule, head[1], shown[1], message, help))
        yield from list(result.values())[:MOST]
