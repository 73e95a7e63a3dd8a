"""`lblint rules`, `lblint explain`, `lblint labels`: what lblint knows, offline."""

from __future__ import annotations

import click

from lblint import UncheckedError
from lblint import rules as catalog
from lblint.cli import output
from lblint.cli.app import format_option
from lblint.cli.stacks import near
from lblint.report.table import table


@click.command()
@format_option
def rules(format_: str) -> None:
    """List the rules with their severity and what they break."""
    rows = [(rule.id, str(rule.severity), str(rule.breaks), rule.summary) for rule in catalog.load().values()]
    output.write(table(("rule", "severity", "breaks", "summary"), rows, format_))


@click.command()
@click.argument("rule", metavar="RULE")
def explain(rule: str) -> None:
    """Explain a rule: why it breaks, with a bad and a good example."""
    from lblint.report.page import as_text, page

    found = catalog.load().get(rule)
    if found is None:
        raise UncheckedError(f"there is no rule {rule!r}{near(rule, catalog.load())}; see `lblint rules`")
    output.write(as_text(page(found)))


@click.command()
@click.argument("key", required=False, metavar="[KEY]")
@format_option
def labels(key: str | None, format_: str) -> None:
    """List the labels that Interlock reads, or explain one."""
    from lblint.interlock import LABELS, PREFIX
    from lblint.report.label import as_text, overview

    if key is None:
        output.write(overview(format_))
        return
    spec = LABELS.get(key.removeprefix(PREFIX))
    if spec is None:
        raise UncheckedError(f"Interlock reads no label {key!r}{near(key.removeprefix(PREFIX), LABELS)}")
    output.write(as_text(spec))
