"""The rules, by topic: the only place that judges.

A rule is one decorated function. Its name is the rule's id (`host_too_long` is `host-too-long`), its docstring the page
that `lblint explain` shows (the first line is the summary):

    @rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
    def invalid_port(stack: Stack) -> Iterator[Hit]:
        \"\"\"The label port holds something that is no port. ...\"\"\"
        yield from value_hits(stack, "port")

`on` is what the rule judges: `Source` (one file), `Stack` (one stack), `Ingress` (all stacks of the run behind one
proxy), `InterlockConfig`, `Trial` (the nginx.conf rendered for them) and `NginxVerdict`, `Live` (a stack beside what
the managers have), `Suppressions` (the comments that speak to lblint) and `Outdated` (entries of the baseline). A rule
does no input or output and keeps no state. Its fixtures are `fixtures/rules/<id>/bad*.yml` with the golden `bad*.out`,
and `good*.yml`.

There is no list to add a rule or a module to: all modules of this folder are found. Those that begin with an underscore
hold what several topics share; those of `SPECIAL` are imported when a run meets what they judge.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeVar

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.installation import package
from lblint.records import NamedTuple

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

SPECIAL = {
    "InterlockConfig": "config",
    "Trial": "trial",
    "NginxVerdict": "nginx",
    "Live": "live",
    "Suppressions": "suppressions",
    "Outdated": "suppressions",
}
"""The types that most runs do not meet, and the first word of the modules with the rules on them."""


class Rule(NamedTuple):
    """A rule and what is said of it. `others`: who writes the file is not the only one whose word counts."""

    id: str
    on: type
    severity: Severity
    breaks: Breaks
    stage: Stage | None
    consequence: str
    check: Check
    others: bool = False

    @property
    def doc(self) -> str:
        """The page, without the examples that come from its fixtures."""
        from inspect import cleandoc

        return cleandoc(self.check.__doc__ or "")

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.doc.partition("\n")[0]


RULES: dict[str, Rule] = {}
"""The rules that are imported, by id."""


def rule(
    *,
    on: type[Subject],
    severity: Severity,
    breaks: Breaks = Breaks.NOTHING,
    stage: Stage | None = None,
    consequence: str = "",
    others: bool = False,
) -> Callable[[Callable[[Subject], Iterator[Hit]]], Callable[[Subject], Iterator[Hit]]]:
    """Register the decorated function as a rule.

    `severity` and `breaks` are the most that the rule says of a hit; `stage` is where docker or a manager stops
    (rules that break the deploy); `consequence` replaces the standard sentence on what breaks and for whom; `others`
    says that the finding is about what others own (a host of theirs, what the settings allow), as what breaks the proxy
    always is. Raises `ValueError` where there is a rule of that name already.
    """

    def register(check: Callable[[Subject], Iterator[Hit]]) -> Callable[[Subject], Iterator[Hit]]:
        name = check.__name__.replace("_", "-")
        if name in RULES:
            raise ValueError(f"two rules are called {name}")
        said = consequence or (STAGES[stage] if stage is not None else CONSEQUENCES[breaks])
        RULES[name] = Rule(name, on, severity, breaks, stage, said, check, others)
        return check

    return register


def rules_on(subject: type) -> list[Rule]:
    """Return the rules on subjects of a type, sorted by id. Imports the modules that hold them."""
    _import(SPECIAL.get(subject.__name__, ""))
    return sorted((rule for rule in RULES.values() if rule.on is subject), key=lambda rule: rule.id)


def load() -> dict[str, Rule]:
    """Return all rules, sorted by id. Imports all modules: a check asks for those that it needs (`rules_on`)."""
    for topic in _modules():
        _import(topic)
    return {name: RULES[name] for name in sorted(RULES)}


@cache
def _import(topic: str) -> None:
    for module in _modules()[topic]:
        importlib.import_module(f"{__name__}.{module}")


@cache
def _modules() -> dict[str, list[str]]:
    """Return the modules by their first word if that is one of `SPECIAL`; the others are under ""."""
    modules: dict[str, list[str]] = {topic: [] for topic in ("", *SPECIAL.values())}
    for file in sorted(os.listdir(os.path.join(package(), "rules"))):
        name, ending = os.path.splitext(file)
        if ending == ".py" and not name.startswith("_"):
            topic = name.partition("_")[0]
            modules[topic if topic in modules else ""].append(name)
    return modules
