"""What a run is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lblint.finding import Severity
from lblint.interlock.running_proxy import Running
from lblint.records import NamedTuple
from lblint.source import Source

if TYPE_CHECKING:
    from lblint.interlock.owner_policy import Site
    from lblint.interlock.version import Version
    from lblint.source.baseline import Baseline
    from lblint.swarm.model import Snapshot


def _untold(step: str, done: int, total: int) -> None:
    """Who hears of the steps where nobody wants to know."""


class StackSettings(NamedTuple):
    """What the settings say of one stack: its name, None where they say none, its environment, and the names in that
    whose values the settings have."""

    name: str | None = None
    env: Mapping[str, str] | None = None
    written: frozenset[str] = frozenset()


class StackOptions(NamedTuple):
    """How stacks are read, as the docker client would.

    `env` None is the process environment; `base` the folder that paths are relative to. `deploying`: the environment is
    that of the deploy itself; `prune`: services that the files no longer have go first. `own` is for single stacks, by
    the names of their files in order; `name` comes first.
    """

    name: str | None = None
    env: Mapping[str, str] | None = None
    client: str = ""
    base: str | None = None
    deploying: bool = False
    prune: bool = False
    own: Mapping[tuple[str, ...], StackSettings] = {}


class RuleOptions(NamedTuple):
    """Which rules run: those of `select` (all where it is empty) without those of `ignore`.

    `severities` replace those of rules; None is one that is off. Rules of `select` that are `exact` (None: all of them)
    run even if they are off.
    """

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    exact: frozenset[str] | None = None
    severities: Mapping[str, Severity | None] = {}


class SurroundingOptions(NamedTuple):
    """What is known besides the stacks.

    `nginx` is the program to try the proxy's config with, "" for none; `running` is what proxies serve already;
    `interlock` is Interlock's own config, `version` that of UCP or MKE. `from_settings`: a settings file says so, and
    what the managers say comes before it. `live` reads what the managers have, given the names of the stacks; None
    where nobody asks them. `site` holds what the people who run the ingress allow.
    """

    nginx: str = ""
    running: tuple[Running, ...] = ()
    interlock: Source | None = None
    version: Version | None = None
    from_settings: bool = False
    live: Callable[[frozenset[str]], Snapshot] | None = None
    site: Site | None = None


class SilencingOptions(NamedTuple):
    """What comments and the `baseline` may silence.

    `suppress` is "all", "own" (no finding that affects others, as what breaks the proxy does), or "none".
    """

    suppress: str = "all"
    baseline: Baseline | None = None


class Options(NamedTuple):
    """The options of a run, by who reads them.

    `processes`: so many read the stacks (lblint/parallel.py); 0 for as many as there are processors where the process
    is lblint's own and the files are many, and else one. `tell` is called as each step begins, with its name, and how
    many of how many items are done.
    """

    stack: StackOptions = StackOptions()
    rules: RuleOptions = RuleOptions()
    surroundings: SurroundingOptions = SurroundingOptions()
    silencing: SilencingOptions = SilencingOptions()
    processes: int = 0
    tell: Callable[[str, int, int], None] = _untold


def make_options(
    stack_name: str | None = None,
    env: Mapping[str, str] | None = None,
    client: str = "",
    select: frozenset[str] = frozenset(),
    ignore: frozenset[str] = frozenset(),
    base: str | None = None,
    nginx: str = "",
    running: tuple[Running, ...] = (),
    interlock: Source | None = None,
    version: Version | None = None,
    from_settings: bool = False,
    deploying: bool = False,
    prune: bool = False,
    live: Callable[[frozenset[str]], Snapshot] | None = None,
    processes: int = 0,
    suppress: str = "all",
    tell: Callable[[str, int, int], None] = _untold,
) -> Options:
    """Return options from the fields of all their parts."""
    return Options(
        StackOptions(stack_name, env, client, base, deploying, prune),
        RuleOptions(select, ignore),
        SurroundingOptions(nginx, running, interlock, version, from_settings, live),
        SilencingOptions(suppress),
        processes,
        tell,
    )
