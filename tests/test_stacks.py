"""Whole stacks as teams deploy them: what lblint says of them, the config it tries, and what nginx says of that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fixture import FIXTURES, mains, options, run
from nginx import sandbox, sandboxed

from lblint.finding import Breaks, Finding, Severity
from lblint.interlock import Ingress, read_routes
from lblint.interlock.clusters import extension_of
from lblint.lint import known_to
from lblint.proxy import Trial, trial, trials
from lblint.proxy.settings import configured
from lblint.report import render_text

STACKS = [pytest.param(path, id=path.parent.name) for path in mains(FIXTURES / "stacks", "*/*.yml")]
CONFIGS = [pytest.param(path, id=path.parent.name) for path in mains(FIXTURES / "stacks", "*/*.toml")]
CORRECT = {"overlay", "host-mode", "host-mode-with-config", "service-cluster", "three-clusters"}


def hold(golden: Path, text: str, update: bool) -> None:
    """The text is that of the golden file; `--update` makes it so."""
    if update:
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def routed(path: Path) -> Ingress:
    """The routes of a stack file, and of those beside it, under the config that it names."""
    return known_to(read_routes(run(path).checked.stacks), options(path)[0])


def tried(ingress: Ingress) -> Iterator[Trial]:
    """The trial of each service cluster, with ports and files that nginx may have here."""
    for one in trials(ingress):
        extension = extension_of(ingress, one.ingress.routes[0]) if one.ingress.routes else None
        yield from trials(one.ingress, sandboxed(configured(extension, ingress.version)))


@pytest.mark.parametrize("path", STACKS)
def test_stack_gives_its_golden_findings_and_config(path: Path, update: bool) -> None:
    result = run(path)
    hold(path.with_suffix(".out"), render_text(result), update)
    hold(path.parent / "nginx.conf", trial(routed(path)).text, update)


@pytest.mark.parametrize("path", CONFIGS)
def test_config_gives_its_golden_findings(path: Path, update: bool) -> None:
    """The configs of whole installations: nothing in them is wrong."""
    result = run(path)
    assert not [finding for finding in result.findings if finding.severity > Severity.INFO]
    hold(path.with_suffix(".out"), render_text(result), update)


@pytest.mark.parametrize("path", STACKS)
def test_correct_stacks_have_no_error_and_no_warning(path: Path) -> None:
    loud = [finding for finding in run(path).findings if finding.severity > Severity.INFO]
    assert (not loud) is (path.parent.name in CORRECT)


def blocks(finding: Finding) -> bool:
    """Whether lblint says that nginx refuses the config, or that it may where Interlock does not leave a part out."""
    return finding.severity is Severity.ERROR or (
        finding.severity is Severity.WARNING and finding.breaks is Breaks.PROXY
    )


@pytest.mark.needs_nginx
def test_nginx_takes_the_config_of_every_file_that_passes() -> None:
    """But for what a warning says may stop the proxy, where Interlock does not document what it renders."""
    refused: dict[str, str] = {}
    count = 0
    with sandbox() as box:
        for path in (*mains(FIXTURES / "stacks", "*/*.yml"), *mains(FIXTURES / "rules", "*/*.yml")):
            result = run(path)
            found = (*result.findings, *(one.finding for one in result.silenced))  # silenced, it breaks all the same
            loud = [finding for finding in found if finding.severity > Severity.INFO]
            if any(finding.severity is Severity.ERROR or finding.breaks is Breaks.PROXY for finding in loud):
                continue
            for one in tried(routed(path)):
                count += bool(one.ingress.routes)
                verdict = box.test(one.text)
                if not verdict.ok:
                    refused[str(path.relative_to(FIXTURES))] = verdict.message
    assert refused == {}
    assert count > 50
