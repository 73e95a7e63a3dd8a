"""The rules: one module each, the only place that judges.

A rule module is named after its rule (`host_not_a_name.py` is `host-not-a-name`), its docstring is the page that
`lblint explain` shows (the first line is the summary), and it holds one function:

    @rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.PROXY)
    def check(ingress: Ingress) -> Iterator[Hit]:
        ...

`on` is the subject, and the folder of the rule that of the reader which makes it: source/ for `Source` (one file),
stack/ for `Stack` (one stack), interlock/ for `Ingress` (all stacks of the run behind one proxy), config/ for
`InterlockConfig`, proxy/ for `Trial` (the config rendered for them) and `NginxVerdict`, swarm/ for `Live`, suppression/
for `Suppressions` (the comments that speak to lblint). Only the folders of subjects that a run meets are imported. A
rule does no input or output and keeps no state. Its fixtures are `fixtures/rules/<id>/bad*.yml` with the golden
`bad*.out`, and `good*.yml`. There is no list to add it to.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.record import NamedTuple

Subject = TypeVar("Subject")
Check = Callable[[Any], Iterator[Hit]]

CONSEQUENCES: dict[Breaks, str] = {
    Breaks.PROXY: "nginx refuses the whole config: the proxy of everybody's routes goes down or rolls back",
    Breaks.ROUTE: "the route of this service does not work as written; other routes are not hurt",
    Breaks.DEPLOY: "docker refuses the file: nothing is deployed",
    Breaks.NOTHING: "",
}
STAGES: dict[Stage, str] = {
    Stage.CLIENT_BEFORE: "docker stops before it creates anything (but with --prune, services are already removed)",
    Stage.CLIENT_MIDWAY: "docker stops midway: the networks, secrets and configs of the stack are left behind, "
    "without its services",
    Stage.MANAGER_NETWORK: "the manager refuses the network: other networks of the stack may be left behind, "
    "without any service",
    Stage.MANAGER_OBJECT: "the manager refuses the secret or config: the networks of the stack are left behind, "
    "without any service",
    Stage.MANAGER_SERVICE: "the manager refuses the service: all networks, secrets and configs and a random part of "
    "the services are left behind",
    Stage.TASKS: "the deploy is accepted, but the tasks of the service cannot run",
}


class Rule(NamedTuple):
    """A rule and what is said of it. `doc` is the page, without the examples that come from its fixtures."""

    id: str
    on: type
    severity: Severity
    breaks: Breaks
    stage: Stage | None
    consequence: str
    doc: str
    check: Check

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.doc.partition("\n")[0]


FOLDERS = ("source", "stack", "interlock", "config", "proxy", "swarm", "suppression")
"""The folders of the rules, in the order in which a stack file meets what they judge."""
_SUBJECTS = {f"lblint.{folder}": folder for folder in FOLDERS} | {
    "lblint.interlock.config": "config",
    "lblint.source.suppression": "suppression",
}
_loaded: set[str] = set()

RULES: dict[str, Rule] = {}
"""The rules that are imported, by id."""


def rule(
    *,
    on: type[Subject],
    severity: Severity,
    breaks: Breaks = Breaks.NOTHING,
    stage: Stage | None = None,
    consequence: str = "",
) -> Callable[[Callable[[Subject], Iterator[Hit]]], Callable[[Subject], Iterator[Hit]]]:
    """Register the decorated function as the rule of its module.

    `severity` and `breaks` are the most that the rule says of a hit; `stage` is where docker or a manager stops
    (rules that break the deploy); `consequence` replaces the standard sentence on what breaks and for whom.
    """

    def register(check: Callable[[Subject], Iterator[Hit]]) -> Callable[[Subject], Iterator[Hit]]:
        name = check.__module__.rpartition(".")[2].replace("_", "-")
        said = consequence or (STAGES[stage] if stage is not None else CONSEQUENCES[breaks])
        doc = (sys.modules[check.__module__].__doc__ or "").strip()
        RULES[name] = Rule(name, on, severity, breaks, stage, said, doc, check)
        return check

    return register


def ids() -> dict[str, str]:
    """The ids of all rules and the folder that each stands in; imports none of them."""
    return {name.replace("_", "-"): folder for folder in FOLDERS for name in _modules(folder)}


def of(subject: type) -> list[Rule]:
    """The rules on a subject, sorted by id: imports those that stand in its folder, once."""
    known = [prefix for prefix in _SUBJECTS if subject.__module__.startswith(prefix)]
    if not known:
        return []
    folder = _SUBJECTS[max(known, key=len)]
    if folder not in _loaded:
        for module in _modules(folder):
            importlib.import_module(f"{__name__}.{folder}.{module}")
        _loaded.add(folder)
    return sorted((rule for rule in RULES.values() if rule.on is subject), key=lambda rule: rule.id)


def load() -> dict[str, Rule]:
    """All rules, sorted by id; for who wants to know of them. A check imports those on what it meets (`of`)."""
    for folder in FOLDERS:
        for module in _modules(folder):
            importlib.import_module(f"{__name__}.{folder}.{module}")
        _loaded.add(folder)
    return {name: RULES[name] for name in sorted(RULES)}


def _modules(folder: str) -> list[str]:
    """The names of the modules in a folder that are rules."""
    names = os.listdir(os.path.join(__path__[0], folder))
    return sorted(name[:-3] for name in names if name.endswith(".py") and not name.startswith("_"))
