"""The rules: one module each, the only place that judges.

A rule module is named after its rule (`host_not_a_name.py` is `host-not-a-name`), its docstring is the page that
`lblint explain` shows (the first line is the summary), and it holds one function:

    @rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.PROXY)
    def check(ingress: Ingress) -> Iterator[Hit]:
        ...

`needs`, where given, are words without which the rule has nothing to say: kinds of the subject's faults, keys of its
files, labels, or what else it may have (`stack.…`, `ingress.…`): the subject's `words`. It is then not asked and, by
the `lblint` script, not even imported: most files need few rules. LBLINT_SLOW=1 asks all of them.

`on` is the subject, and the folder of the rule that of the reader which makes it: source/ for `Source` (one file),
stack/ for `Stack` (one stack), interlock/ for `Ingress` (all stacks of the run behind one proxy), config/ for
`InterlockConfig`, proxy/ for `Trial` (the config rendered for them) and `NginxVerdict`, swarm/ for `Live`, suppression/
for `Suppressions` (the comments that speak to lblint) and `Outdated` (entries of the baseline). Only the folders of
subjects that a run meets are imported. A rule does no input or output and keeps no state. Its fixtures are
`fixtures/rules/<id>/bad*.yml` with the golden `bad*.out`, and `good*.yml`. There is no list to add it to.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeVar

from lblint import kept
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
    """A rule and what is said of it. `doc` is the page, without the examples that come from its fixtures. `others`: who
    writes the file is not the only one whose word counts."""

    id: str
    on: type
    severity: Severity
    breaks: Breaks
    stage: Stage | None
    consequence: str
    doc: str
    check: Check
    needs: frozenset[str] = frozenset()
    others: bool = False

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.doc.partition("\n")[0]


class Known(NamedTuple):
    """What a run must know of a rule before it asks it; `stat` is its file's time of change in ns and size in bytes."""

    id: str
    folder: str
    on: str
    needs: frozenset[str]
    stat: tuple[int, int]

    def silent(self, words: Collection[str]) -> bool:
        """Whether the rule has nothing to say of a subject with these words."""
        return bool(self.needs) and self.needs.isdisjoint(words)


FOLDERS = ("source", "stack", "interlock", "config", "proxy", "swarm", "suppression")
"""The folders of the rules, in the order in which a stack file meets what they judge."""
_SUBJECTS = {f"lblint.{folder}": folder for folder in FOLDERS} | {
    "lblint.interlock.config": "config",
    "lblint.source.suppression": "suppression",
    "lblint.source.baseline": "suppression",
}
_known: dict[str, dict[str, Known]] = {}

RULES: dict[str, Rule] = {}
"""The rules that are imported, by id."""


def rule(
    *,
    on: type[Subject],
    severity: Severity,
    breaks: Breaks = Breaks.NOTHING,
    stage: Stage | None = None,
    consequence: str = "",
    needs: Iterable[str] = (),
    others: bool = False,
) -> Callable[[Callable[[Subject], Iterator[Hit]]], Callable[[Subject], Iterator[Hit]]]:
    """Register the decorated function as the rule of its module.

    `severity` and `breaks` are the most that the rule says of a hit; `stage` is where docker or a manager stops
    (rules that break the deploy); `consequence` replaces the standard sentence on what breaks and for whom; `needs` are
    words of which the subject must have one, or the rule is silent; `others` says that the finding is about what others
    own (a host of theirs, what the settings allow), as what breaks the proxy always is. It depends on nothing outside
    the rule's module.
    """

    def register(check: Callable[[Subject], Iterator[Hit]]) -> Callable[[Subject], Iterator[Hit]]:
        name = check.__module__.rpartition(".")[2].replace("_", "-")
        said = consequence or (STAGES[stage] if stage is not None else CONSEQUENCES[breaks])
        doc = (sys.modules[check.__module__].__doc__ or "").strip()
        RULES[name] = Rule(name, on, severity, breaks, stage, said, doc, check, frozenset(needs), others)
        return check

    return register


def ids() -> dict[str, str]:
    """The ids of all rules and the folder that each stands in; imports none of them."""
    return {_id(module): folder for folder in FOLDERS for module in _modules(folder)}


def of(subject: type) -> list[Known]:
    """The rules on a subject, sorted by id. Imports those that stand in its folder, but for those of which an earlier
    run has kept what there is to know."""
    prefixes = [prefix for prefix in _SUBJECTS if subject.__module__.startswith(prefix)]
    if not prefixes:
        return []
    folder = _SUBJECTS[max(prefixes, key=len)]
    if folder not in _known:
        _known[folder] = {_id(module): _look(folder, module, stat) for module, stat in _modules(folder).items()}
    on = _name(subject)
    return [rule for _, rule in sorted(_known[folder].items()) if rule.on == on]


def get(rule: Known) -> Rule:
    """A rule with all there is; imports it."""
    if rule.id not in RULES:
        _import(rule.folder, rule.id.replace("-", "_"))
    return RULES[rule.id]


def load() -> dict[str, Rule]:
    """All rules, sorted by id; for who wants to know of them. A check imports those that it needs (`get`)."""
    for folder in FOLDERS:
        for module in _modules(folder):
            _import(folder, module)
    return {name: RULES[name] for name in sorted(RULES)}


def learn() -> bool:
    """Keep what there is to know of the rules that this run has met; whether any of it is new."""
    told = {
        f"{known.folder}/{name.replace('-', '_')}": (*known.stat, known.on, tuple(sorted(known.needs)))
        for rules in _known.values()
        for name, known in rules.items()
    }
    new = any(kept.RULES.get(module) != what for module, what in told.items())
    kept.RULES.update(told)
    return new


def _look(folder: str, module: str, stat: tuple[int, int]) -> Known:
    """What there is to know of a rule: as it was kept, if its file is as it was then."""
    told = kept.RULES.get(f"{folder}/{module}")
    if told is not None and told[:2] == stat:
        return Known(_id(module), folder, told[2], frozenset(told[3]), stat)
    kept.news.append("rule")
    _import(folder, module)
    rule = RULES[_id(module)]
    return Known(rule.id, folder, _name(rule.on), rule.needs, stat)


def _import(folder: str, module: str) -> None:
    name = f"{__name__}.{folder}.{module}"
    if name not in sys.modules and not (kept.load and kept.load(name)):
        importlib.import_module(name)


def _id(module: str) -> str:
    return module.replace("_", "-")


def _name(subject: type) -> str:
    return f"{subject.__module__}.{subject.__qualname__}"


def _modules(folder: str) -> dict[str, tuple[int, int]]:
    """The modules in a folder that are rules, by name, each with its time of change in ns and its size in bytes."""
    found = {}
    with os.scandir(os.path.join(__path__[0], folder)) as entries:
        for entry in entries:
            if entry.name.endswith(".py") and not entry.name.startswith("_"):
                stat = entry.stat()
                found[entry.name[:-3]] = stat.st_mtime_ns, stat.st_size
    return dict(sorted(found.items()))
