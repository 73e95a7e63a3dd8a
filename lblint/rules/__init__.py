"""The rules, by topic: the only place that judges.

A rule is one decorated function. Its name is the rule's id (`host_too_long` is `host-too-long`), its docstring the page
that `lblint explain` shows (the first line is the summary):

    @rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
    def invalid_port(stack: Stack) -> Iterator[Hit]:
        \"\"\"The label port is not a valid port. ...\"\"\"
        yield from value_hits(stack, "port")

`on` is what the rule judges: `Source` (one file), `Stack` (one stack), `Ingress` (all stacks of the run behind one
proxy), `InterlockConfig`, `Trial` (the nginx.conf rendered for them) and `NginxVerdict`, `Live` (a stack beside what
the managers have), `LiveConfig` (a config of Interlock beside it), `LiveLabels` (labels of running services beside a
stack), `IngressStatus` (the ingress that runs), `Suppressions` (the comments that speak to lblint)
and `Outdated` (entries of the baseline). A rule does no input or output and keeps no state. Its fixtures are
`fixtures/rules/<id>/bad*.yml` with the golden `bad*.out`, and `good*.yml`.

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
    Breaks.PROXY: "nginx refuses the whole config: every route behind this proxy goes down, "
    "or the update is paused or rolled back",
    Breaks.ROUTE: "this route does not work as written; other routes are not affected",
    Breaks.DEPLOY: "docker refuses the file; nothing is deployed",
    Breaks.NOTHING: "",
}
POSSIBLE: dict[Breaks, str] = {
    Breaks.PROXY: "nginx may refuse the config of this proxy",
    Breaks.ROUTE: "this route may not work as written; other routes are not affected",
    Breaks.DEPLOY: "the deploy may fail",
    Breaks.NOTHING: "",
}
"""The consequences of findings that are no errors: what may happen, never what will."""
STAGES: dict[Stage, str] = {
    Stage.CLIENT_BEFORE: "docker stops before it creates or removes anything",
    Stage.CLIENT_MIDWAY: "docker stops midway: the stack's networks, secrets and configs are created, "
    "its services are not",
    Stage.MANAGER_NETWORK: "the manager refuses the network: the stack's other networks may already be created, "
    "its services are not",
    Stage.MANAGER_OBJECT: "the manager refuses the secret or config: the stack's networks are created, "
    "its services are not",
    Stage.MANAGER_SERVICE: "the manager refuses the service: networks, secrets, configs and some services may already "
    "have been created",
    Stage.TASKS: "the deploy is accepted, but the tasks of this service cannot run",
}

SPECIAL = {
    "InterlockConfig": "config",
    "Trial": "trial",
    "NginxVerdict": "nginx",
    "Live": "live",
    "LiveConfig": "live",
    "LiveLabels": "live",
    "IngressStatus": "live",
    "Probed": "probe",
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
    possible: str = ""

    @property
    def doc(self) -> str:
        """The page, without the examples that come from its fixtures."""
        from inspect import cleandoc

        return cleandoc(self.check.__doc__ or "")

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.doc.partition("\n")[0]

    @property
    def topic(self) -> str:
        """The name of the module that it is in, as a rule's id is written: `ingress-hosts`."""
        return self.check.__module__.rpartition(".")[2].replace("_", "-")


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
    possible: str = "",
) -> Callable[[Callable[[Subject], Iterator[Hit]]], Callable[[Subject], Iterator[Hit]]]:
    """Register the decorated function as a rule.

    `severity` and `breaks` are the most that the rule says of a hit; `stage` is where docker or a manager stops
    (rules that break the deploy); `consequence` replaces the standard sentence on what breaks and for whom, `possible`
    that of hits with a lower severity than the rule's; `others` says that the finding is about what others own (a host
    of theirs, what the settings allow), as what breaks the proxy always is. Raises `ValueError` where there is a rule
    of that name already.
    """

    def register(check: Callable[[Subject], Iterator[Hit]]) -> Callable[[Subject], Iterator[Hit]]:
        name = check.__name__.replace("_", "-")
        if name in RULES:
            raise ValueError(f"two rules are called {name}")
        RULES[name] = Rule(name, on, severity, breaks, stage, consequence, check, others, possible)
        return check

    return register


def consequence(rule: Rule, breaks: Breaks, severity: Severity) -> str:
    """Return the sentence on what a hit of the rule breaks and for whom.

    That of the rule if it has one of its own; a finding that is not an error (`severity` before the settings change it)
    says what may happen and not what will.
    """
    if breaks is rule.breaks and rule.consequence and (severity is rule.severity or breaks is Breaks.NOTHING):
        return rule.consequence
    own = breaks is rule.breaks
    if severity is not Severity.ERROR and own and rule.possible:
        return rule.possible
    if severity is not Severity.ERROR:
        return "the tasks of this service may not run" if own and rule.stage is Stage.TASKS else POSSIBLE[breaks]
    if own and rule.stage is not None:
        return STAGES[rule.stage]
    return CONSEQUENCES[breaks]


def rules_on(subject: type) -> list[Rule]:
    """Return the rules on subjects of a type, sorted by id. Imports the modules that hold them."""
    _import(SPECIAL.get(subject.__name__, ""))
    return sorted((rule for rule in RULES.values() if rule.on is subject), key=lambda rule: rule.id)


def load() -> dict[str, Rule]:
    """Return all rules, sorted by id. Imports all modules: a check asks for those that it needs (`rules_on`)."""
    for topic in _modules():
        _import(topic)
    return {name: RULES[name] for name in sorted(RULES)}


def topics() -> dict[str, str]:
    """Return the topics of all rules, sorted, and what the rules of each are on. Imports all modules."""
    modules = {rule.topic: rule.check.__module__ for rule in load().values()}
    docs = {topic: (importlib.import_module(name).__doc__ or "").partition("\n")[0] for topic, name in modules.items()}
    return {topic: docs[topic].removeprefix("Rules on ").rstrip(".") for topic in sorted(docs)}


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
