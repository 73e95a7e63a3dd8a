"""The generated parts of the documentation. In a Markdown file, what stands between `<!-- NAME -->` and `<!-- end -->`
is written by the part of that name; `<!-- $ lblint … -->` is the output of that command."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import click
from fixture import ROOT

from lblint import rules
from lblint.cli.commands import COMMANDS, app
from lblint.report.escape import fence
from lblint.report.rule_page import as_markdown, page
from lblint.report.text_table import table

TOPICS = ROOT / "docs" / "topics"
FILES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(TOPICS.glob("*.md")))
LANGUAGES = {"toml": "toml", "json": "json", "Makefile": "make", "Jenkinsfile": "groovy"}
"""What a file is shown as, by its name or ending."""
_PART = re.compile(r"(?P<begin>^<!-- (?P<name>[a-z$][^\n]*) -->\n).*?(?P<end>^<!-- end -->$)", re.MULTILINE | re.DOTALL)


def fill(path: Path) -> str:
    """The text of a file with all its parts written anew. A topic's commands run beside its examples."""
    folder = examples(path) if path.parent == TOPICS else ROOT
    text = path.read_text("utf-8")
    return _PART.sub(lambda match: f"{match['begin']}{_part(match['name'], folder)}\n{match['end']}", text)


def examples(topic: Path) -> Path:
    """The folder of a topic's examples."""
    return ROOT / "fixtures" / "topics" / topic.stem


def _part(name: str, folder: Path) -> str:
    kind, _, rest = name.partition(" ")
    if kind == "$":
        return _output(rest, folder)
    if kind == "file":
        name = rest.rpartition("/")[2]
        language = LANGUAGES.get(name) or LANGUAGES.get(name.rpartition(".")[2], "yaml")
        text = (folder / rest).read_text("utf-8").rstrip("\n")
        return f"```{language}\n{text}\n```" if language == "make" else fence(text, language)  # make needs its tabs
    if kind == "catches":
        return _catches(rest.split())
    return PARTS[name]().rstrip("\n")


MANAGERS = """
import json, sys
from lblint.cli import cluster_connection, main
from lblint.swarm.ingress_status import ingress_status
from lblint.swarm.snapshot_json import from_json
snapshot = from_json(json.load(open("swarm.snapshot.json")))
cluster_connection.reader = lambda *daemon: lambda names: snapshot
cluster_connection.status_reader = lambda *daemon: lambda: ingress_status(snapshot)
sys.exit(main(sys.argv[1:]))
"""
"""`lblint` where the managers have what swarm.snapshot.json holds."""


def _output(command: str, folder: Path) -> str:
    """A command and what it prints, as a reader would see it."""
    words = shlex.split(command)
    assert words[0] == "lblint"
    asked = "--live" in words or "status" in words
    python = [sys.executable, "-c", MANAGERS, *words[1:]] if asked else [sys.executable, "-m", *words]
    done = subprocess.run(python, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return fence(f"$ {command}\n{done.stdout}{done.stderr}", "text")


def _catches(ids: list[str]) -> str:
    """The rules of a topic, by their ids: a table with links to their pages."""
    known = rules.load()
    rows = [(f"[{id_}](../rules/{id_}.md)", str(known[id_].severity), known[id_].summary) for id_ in ids]
    return table(("rule", "severity", "what it finds"), rows, "markdown").rstrip("\n")


def _rules() -> str:
    parts = []
    for topic, what in rules.topics().items():
        rows = [(f"[{rule.id}](rules/{rule.id}.md)", str(rule.severity), str(rule.breaks), rule.summary)
                for rule in rules.load().values() if rule.topic == topic]  # fmt: skip
        heading = f"## {topic}: {what}" if what else f"## {topic}"
        parts.append(f"{heading}\n\n{table(('rule', 'severity', 'breaks', 'summary'), rows, 'markdown')}")
    return "\n".join(parts)


def rule_pages() -> dict[Path, str]:
    """The page of each rule, by its file."""
    return {ROOT / "docs" / "rules" / f"{rule.id}.md": as_markdown(page(rule)) for rule in rules.load().values()}


def _rule_count() -> str:
    known = rules.load().values()
    severities = Counter(str(rule.severity) for rule in known)
    said = ", ".join(f"{severities[name]} {name}s" for name in ("error", "warning", "info"))
    return f"It knows {len(known)} rules ({said}): [docs/rules.md](docs/rules.md)."


def _help() -> str:
    sections = []
    group = click.Context(app, info_name="lblint", help_option_names=["-h", "--help"])
    for name in sorted(COMMANDS):
        command = app.get_command(group, name)
        assert command is not None
        context = click.Context(command, parent=group, info_name=name, terminal_width=100, max_content_width=100)
        sections.append(f"## lblint {name}\n\n{fence(command.get_help(context), 'text')}")
        for below, one in sorted(command.commands.items()) if isinstance(command, click.Group) else ():
            context = click.Context(one, parent=context, info_name=below, terminal_width=100, max_content_width=100)
            sections.append(f"### lblint {name} {below}\n\n{fence(one.get_help(context), 'text')}")
            assert context.parent is not None
            context = context.parent
    return "\n\n".join(sections)


def _json_keys(name: str) -> str:
    schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    rows: list[tuple[str, str, str]] = []

    def walk(node: dict[str, object], prefix: str) -> None:
        for key, value in node.get("properties", {}).items():
            value = schema.get("$defs", {}).get(value.get("$ref", "").removeprefix("#/$defs/"), value)
            kinds = value.get("type", "string")
            kind = " or ".join(kinds) if isinstance(kinds, list) else "1" if "const" in value else kinds
            said = value.get("description", "")
            if "enum" in value:
                kind = " or ".join("null" if word is None else f"`{word}`" for word in value["enum"])
            rows.append((f"`{prefix}{key}`", kind, said))
            inner = value.get("items", value)
            inner = schema.get("$defs", {}).get(inner.get("$ref", "").removeprefix("#/$defs/"), inner)
            walk(inner, f"{prefix}{key}[]." if "items" in value else f"{prefix}{key}.")

    walk(schema, "")
    return table(("key", "type", "meaning"), rows, "markdown")


def _labels() -> str:
    from lblint.report.label_page import index

    return index()


def label_pages() -> dict[Path, str]:
    """The page of each label, by its file."""
    from lblint.interlock import LABELS
    from lblint.report.label_page import as_markdown as label

    return {ROOT / "docs" / "labels" / f"{name}.md": label(spec) for name, spec in LABELS.items()}


def _config_keys() -> str:
    from lblint.report.config_keys_page import as_markdown as tables

    return "\n".join(tables())


def settings_schema() -> str:
    """schemas/lblint.schema.json, for editors."""
    from lblint.settings.key_table import as_json, summaries

    return as_json(summaries())


def _settings_keys() -> str:
    """The keys of .lblint.yml, from its schema."""
    rows: list[tuple[str, str, str]] = []

    def walk(node: dict[str, Any], prefix: str) -> None:
        for key, value in node["properties"].items():
            rows.append((f"`{prefix}{key}`", _kind(value), value["description"]))
            inner = value.get("items", value)
            named = value.get("additionalProperties")
            if key != "rules" and "properties" in inner:
                walk(inner, f"{prefix}{key}[]." if "items" in value else f"{prefix}{key}.")
            elif isinstance(named, dict) and "properties" in named:
                walk(named, f"{prefix}{key}.*.")

    walk(json.loads(settings_schema()), "")
    return table(("key", "value", "meaning"), rows, "markdown")


def _kind(value: dict[str, Any]) -> str:
    """What a value of a schema is, in words."""
    if "enum" in value:
        return " or ".join(f"`{word}`" for word in value["enum"])
    if "oneOf" in value:
        return " or ".join(_kind(one) for one in value["oneOf"])
    if isinstance(value["type"], list):
        return "version"
    if value["type"] == "array":
        return f"list of {'map' if 'properties' in value['items'] else 'text'}s"
    return {"object": "map", "string": "text", "integer": "number"}[value["type"]]


def _mermaid() -> str:
    return fence((ROOT / "fixtures" / "routes" / "town" / "routes.mmd").read_text("utf-8"), "mermaid")


def _fixes() -> str:
    """What --fix and --unsafe-fixes do, rule by rule, as the fixtures show it."""
    from lblint.report.rule_page import fixes_of

    rows = []
    for name in rules.load():
        found = fixes_of(name)
        shown = [title[0] if title else "" for title in found]
        if any(found):
            rows.append((f"[{name}](rules/{name}.md)", *shown))
    return table(("rule", "--fix, for example", "--unsafe-fixes, for example"), rows, "markdown")


def _rules_on_others() -> str:
    found = (rule for rule in rules.load().values() if rule.others)
    return "\n".join(f"- [{rule.id}](rules/{rule.id}.md): {rule.summary}" for rule in found)


def _action() -> str:
    from ruamel.yaml import YAML

    action = YAML(typ="safe", pure=True).load((ROOT / "action.yml").read_text("utf-8"))
    rows = [(f"`{name}`", one["description"], f"`{one['default']}`" if one["default"] else "")
            for name, one in action["inputs"].items()]  # fmt: skip
    rows += [(f"output `{name}`", one["description"], "") for name, one in action["outputs"].items()]
    return table(("input", "what it is", "default"), rows, "markdown")


def _environment() -> str:
    from lblint.cli.options import ENVIRONMENT

    named = [(", ".join(f"`{name}`" for name in names.split(", ")), said) for names, said in ENVIRONMENT]
    return table(("variable", "what it does"), named, "markdown")


PARTS: dict[str, Callable[[], str]] = {
    "fixes": _fixes,
    "action": _action,
    "config keys": _config_keys,
    "environment": _environment,
    "help": _help,
    "json keys": lambda: _json_keys("findings"),
    "status keys": lambda: _json_keys("status"),
    "interlock config keys": lambda: _json_keys("interlock-config"),
    "probe keys": lambda: _json_keys("probe"),
    "interlock diff keys": lambda: _json_keys("interlock-diff"),
    "labels": _labels,
    "mermaid": _mermaid,
    "rule count": _rule_count,
    "settings keys": _settings_keys,
    "rules": _rules,
    "rules on others": _rules_on_others,
}


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub makes of the headings of a Markdown file."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def rows(text: str) -> dict[str, list[str]]:
    """The rows of the first table in a text, by their first cell."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]
    assert {len(row) for row in cells} == {len(cells[0])}, "a row with a cell too many or too few"
    return {first: rest for first, *rest in (cells[0], *cells[2:])}


@cache
def tests_in(name: str) -> set[str]:
    """The tests that a file of tests/ defines."""
    module = ast.parse((ROOT / "tests" / name).read_text("utf-8"))
    return {node.name for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
