"""`lblint rules`, `lblint explain`, `lblint labels`: what lblint knows, offline."""

from __future__ import annotations

import click

from lblint import UncheckedError
from lblint import rules as catalog
from lblint.cli import output
from lblint.cli.app import format_option
from lblint.cli.stacks import did_you_mean
from lblint.report.table import table


@click.command()
@format_option
def rules(format_: str) -> None:
    """List the rules: id, severity, what breaks, summary."""
    rows = [(rule.id, str(rule.severity), str(rule.breaks), rule.summary) for rule in catalog.load().values()]
    output.write(table(("rule", "severity", "breaks", "summary"), rows, format_))


@click.command()
@click.argument("rule", metavar="RULE")
def explain(rule: str) -> None:
    """Say what a rule finds, why it breaks and what to write, with a bad and a good example."""
    from lblint.report.page import as_text, page

    found = catalog.load().get(rule)
    if found is None:
        raise UncheckedError(f"there is no rule {rule!r}{did_you_mean(rule)}; see `lblint rules`")
    output.write(as_text(page(found)))
