"""What a run found: findings, those that are silenced, and what could not be checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lblint.finding import Finding
from lblint.records import NamedTuple
from lblint.source import Source
from lblint.stack import Stack

if TYPE_CHECKING:
    from lblint.interlock import Ingress
    from lblint.source.baseline import Baseline


class Silenced(NamedTuple):
    """A finding that is not counted, and why: by "comment" with its reason and line, or by "baseline"."""

    finding: Finding
    by: str
    reason: str = ""
    line: int = 0


class Checked(NamedTuple):
    """What a run was about: the files, the stacks, and the ingress of all of them.

    `whole`: the ingress is all that the proxies carry, as the managers were asked. `values` are those of the stacks
    that came from the environment.
    """

    sources: Mapping[str, Source]
    stacks: tuple[Stack, ...]
    ingress: Ingress | None = None
    whole: bool = False
    values: Mapping[str, str] = {}


class Result(NamedTuple):
    """What a run found.

    `unchecked` names what could not be checked, with the reason: (file, sentence). `silenced` are findings that do not
    count. `baseline`: that of the options, if it was used, as it would be written now. `rules` are those that ran, by
    their ids. `checked` is what the run was about, for reports that show more than findings. `skipped` are files that
    look like stacks and were left out on purpose: (file, reason). `most` is how many findings of one rule in one file a
    report lists, 0 for all: see lblint/report/finding_limit.py.
    """

    findings: tuple[Finding, ...]
    unchecked: tuple[tuple[str, str], ...]
    checked: Checked
    silenced: tuple[Silenced, ...] = ()
    baseline: Baseline | None = None
    rules: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    most: int = 0
