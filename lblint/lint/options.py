"""What a run is told, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lblint.finding import Finding, Severity
from lblint.interlock.running_proxy import Running
from lblint.records import NamedTuple
from lblint.source import Source
from lblint.stack import Stack

if TYPE_CHECKING:
    from lblint.interlock import Ingress
    from lblint.interlock.policy import Site
    from lblint.interlock.version import Version
    from lblint.source.baseline import Baseline
    from lblint.swarm.model import Snapshot


def _untold(step: str, done: int, total: int) -> None:
    """Who hears of the steps where nobody wants to know."""


class Own(NamedTuple):
    """What is known of one stack alone: its name, None where it is not, and the environment, as in `Options`."""

    name: str | None = None
    env: Mapping[str, str] | None = None


class Options(NamedTuple):
    """What a run is told. `env` None is the process environment; `select` empty means all rules; those of them that
    are `exact` (None: all) run even if `severities` switch them off; `nginx` is the program
    to try the proxy's config with, "" for none; `running` is what proxies serve already.
    `interlock` is Interlock's own config, `version` that of UCP or MKE; `hearsay`: a file beside the stacks
    says so, and what the managers tell comes before it.
    `site` holds what the people behind the ingress allow. `severities` replace those of rules; None is one that is off.
    `own` is for single stacks, by the names of their files in order; `stack_name` comes first.
    `deploying`: the environment is that of the deploy itself; `prune`: services that the files no longer have go first.
    `live` reads what the managers have, given the names of the stacks; None where nobody asks them.
    `suppress` says what comments and the `baseline` may silence: "all", "own" (nothing that hurts others, as what
    breaks the proxy does), or "none".
    `processes`: so many read the stacks (lblint/parallel.py); 0 for as many as there are processors where the process
    is lblint's own and the files are many, and else one.
    `tell` hears of each step as it begins: its name, and how many of how many items are done."""

    stack_name: str | None = None
    env: Mapping[str, str] | None = None
    client: str = ""
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    exact: frozenset[str] | None = None
    base: str | None = None
    nginx: str = ""
    running: tuple[Running, ...] = ()
    interlock: Source | None = None
    version: Version | None = None
    hearsay: bool = False
    deploying: bool = False
    prune: bool = False
    live: Callable[[frozenset[str]], Snapshot] | None = None
    processes: int = 0
    suppress: str = "all"
    site: Site | None = None
    severities: Mapping[str, Severity | None] = {}
    own: Mapping[tuple[str, ...], Own] = {}
    baseline: Baseline | None = None
    tell: Callable[[str, int, int], None] = _untold


class Silenced(NamedTuple):
    """A finding that is not counted, and why: by "comment" with its reason and line, or by "baseline"."""

    finding: Finding
    by: str
    reason: str = ""
    line: int = 0


class Result(NamedTuple):
    """What a run found. `unchecked` names what could not be checked, with the reason: (file, sentence). `whole`: its
    ingress is all that the proxies carry, as the managers were asked. `silenced` was found, too, and does not count.
    `baseline`: that of the options, if it was used, as it would be written now. `rules` are those that
    ran, by their ids. `skipped` are files that look like stacks and were left out on purpose: (file, reason)."""

    findings: tuple[Finding, ...]
    unchecked: tuple[tuple[str, str], ...]
    sources: Mapping[str, Source]
    stacks: tuple[Stack, ...]
    ingress: Ingress | None = None
    whole: bool = False
    silenced: tuple[Silenced, ...] = ()
    baseline: Baseline | None = None
    rules: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
