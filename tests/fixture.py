"""Fixtures as stacks: how the files under fixtures/ are run.

`<stem>.yml` is a stack; `<stem>.over.yml` is merged over it with a second `-c`; `<stem>.beside*.yml` are further stacks
behind the same proxy. A first line `# with: --stack-name demo --client 20.10 NAME=value` gives options and variables.
`<stem>.snapshot.json` is what the managers have (lblint/swarm/snapshot_json.py): the run is one with `--live`.
`<stem>.status.json` is what the managers have, with the `tasks` of services and the time (`now`): `lblint status`.
`<stem>.answers.json` is what proxies answer: `lblint probe`.
`<stem>.toml` is a config of Interlock; `--interlock-config interlock.toml` names one that lies beside the stack, and
`--config .lblint.yml` settings.
"""

from __future__ import annotations

import atexit
import json
import os
import shlex
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from lblint.cli.settings import options_under
from lblint.interlock import read_routes
from lblint.interlock.running_proxy import Running
from lblint.interlock.version import parse_version
from lblint.lint import Options, Result, check_stacks, make_options
from lblint.lint.service_check import check_probed, check_running
from lblint.probe.questions import Answer, Asked, Probed, questions
from lblint.proxy.running_config import existing
from lblint.rules import load
from lblint.settings import read_settings
from lblint.source import Source, read
from lblint.source.baseline import read_baseline
from lblint.source.toml import read_toml
from lblint.stack import load as load_stack
from lblint.stack.docker_versions import client
from lblint.swarm.ingress_status import IngressStatus, ingress_status
from lblint.swarm.snapshot_json import from_json, tasks_from_json
from lblint.swarm.tasks import seconds

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"


def mains(folder: Path, pattern: str) -> list[Path]:
    """The main files of a folder: not those that are merged or stand beside. `.*` are stacks and configs."""
    found = (p for p in folder.glob(pattern) if p.suffix in (".yml", ".toml") or p.name.endswith(".status.json"))
    return sorted(p for p in found if ".over" not in p.name and ".beside" not in p.name)


def options(path: Path) -> tuple[Options, dict[str, str]]:
    """The options of the `# with:` line."""
    first = path.read_text("utf-8", "replace").partition("\n")[0]
    name: str | None = None
    client = ""
    env: dict[str, str] = {}
    select: set[str] = set()
    running: list[Running] = []
    nginx = version = ""
    interlock = settings = baseline = None
    words = iter(shlex.split(first.removeprefix("# with:")) if first.startswith("# with:") else ())
    for word in words:
        if word in ("-n", "--stack-name"):
            name = next(words)
        elif word == "--client":
            client = next(words)
        elif word == "--select":
            select.add(next(words))
        elif word == "--interlock-config":
            own = path.parent / next(words)
            interlock = read_toml(own.read_bytes(), own.name)
        elif word == "--interlock-version":
            version = next(words)
        elif word == "--config":
            own = path.parent / next(words)
            settings = read_settings(own.read_bytes(), own.name, str(path.parent), load)
        elif word == "--with":
            conf = path.parent / next(words)
            running.append(existing(conf.read_bytes(), conf.name))
        elif word == "--baseline":
            known = path.parent / next(words)
            baseline = read_baseline(known.read_bytes(), known.name, os.path.realpath("."))
        elif word == "--nginx":
            nginx = str(_program(path.parent / next(words)))
        else:
            key, _, value = word.partition("=")
            env[key] = value
    base, chosen, beside = str(path.parent), frozenset(select), tuple(running)
    given = make_options(stack_name=name, client=client, env=env, base=base, select=chosen, nginx=nginx)
    given = changed(given, interlock=interlock, version=parse_version(version), running=beside, baseline=baseline)
    return (options_under(settings, given, [[path.name]]) if settings else given), env


@cache
def _program(path: Path) -> Path:
    """A copy of a fixture's program that a user without rights may run, wherever the repository is."""
    folder = Path(tempfile.mkdtemp(prefix="lblint-fixture-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copy(path, folder)
    for made in (folder, folder / path.name):
        made.chmod(0o755)
    return folder / path.name


def changed(options: Options, **fields: Any) -> Options:
    """The options with other values of some fields, whichever part has them."""
    for name, value in fields.items():
        parts = {part: getattr(options, part) for part in Options._fields}
        owner = next((part for part, held in parts.items() if name in getattr(held, "_fields", ())), None)
        options = options._replace(**{owner: parts[owner]._replace(**{name: value})} if owner else {name: value})
    return options


def status(path: Path) -> IngressStatus:
    """The ingress of a fixture's snapshot, with its tasks, at its time."""
    document = json.loads(path.read_text("utf-8"))
    return ingress_status(from_json(document), tasks_from_json(document), seconds(document["now"]))


def _probed(content: bytes, path: Path, told: dict[str, Any], chosen: Options) -> Result:
    """Check the answers of a proxy: to a host that nobody has, and those to URLs, of which the others are like them."""
    source = read(content, path.name)
    ingress = read_routes([load_stack([source], chosen.stack.name or "demo")])
    asked, _ = questions(ingress, "")
    answers = [Asked(question, Answer(**told["answers"].get(question.url, told["others"]))) for question in asked]
    probed = Probed("", told["address"], Answer(**told["unknown"]), tuple(answers))
    return check_probed([probed], ingress, {source.name: source}, chosen)


def run(path: Path, text: str | None = None, **told: Any) -> Result:
    """Check a fixture, with the file's own name in the findings. `text` stands in the place of its own, `told` are
    options beside its own."""
    chosen = changed(options(path)[0], **told)
    if path.suffix == ".json":
        return check_running(status(path), chosen)
    content = path.read_bytes() if text is None else text.encode("utf-8", "surrogateescape")
    managers = path.with_name(f"{path.stem}.snapshot.json")
    if managers.exists():
        snapshot = from_json(json.loads(managers.read_text("utf-8")))
        chosen = changed(chosen, live=lambda names: snapshot)
    answers = path.with_name(f"{path.stem}.answers.json")
    if answers.exists():
        return _probed(content, path, json.loads(answers.read_text("utf-8")), chosen)
    if path.suffix == ".toml":
        return check_stacks([[read_toml(content, path.name)]], chosen)
    over = sorted(path.parent.glob(f"{path.stem}.over*.yml"))
    stacks = [[path, *over], *([p] for p in sorted(path.parent.glob(f"{path.stem}.beside*.yml")))]
    yaml = client(chosen.stack.client).dialect

    def source(file: Path) -> Source:
        return read(content if file == path else file.read_bytes(), file.name, yaml)

    return check_stacks([[source(file) for file in stack] for stack in stacks], chosen)
