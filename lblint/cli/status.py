"""`lblint status`."""

from __future__ import annotations

from lblint import UncheckedError
from lblint.cli import output
from lblint.cli.check import split_names
from lblint.cli.exit_codes import EXIT_FINDINGS, EXIT_UNCHECKED
from lblint.finding import Severity

SHOWN = ("configs", "networks")
"""What the tables are made of, besides the services: without it they are shown, but are not the whole."""


def status(
    host: str | None, context: str | None, format_: str, fail_on: str, ignore: tuple[str, ...], color: str
) -> int:
    """Show the ingress that runs: hosts and their services, proxies and their networks, and what is wrong.

    TASKS are those that run, of those that are to run. OVER is the network that requests travel over, or `host` for a
    port published on the nodes. ORPHANED are networks that a proxy is attached to and no service that it serves.
    Findings stand at the labels of the running services, as a stack file would have them.

    Exit code: 0, 1 findings at or above --fail-on, 2 could not ask.
    """
    from lblint.cli.cluster_connection import reader
    from lblint.cli.inputs import with_rules
    from lblint.lint import Options
    from lblint.lint.service_check import check_running
    from lblint.report.status import render_status
    from lblint.swarm.errors import SwarmError
    from lblint.swarm.inventory import inventory

    options = with_rules(Options(), (), split_names(ignore))
    try:
        now = reader(context, host)(frozenset())
        inventory_of_swarm = inventory(now)
        result = check_running(inventory_of_swarm.ingress, options)
    except SwarmError as error:
        raise UncheckedError(str(error)) from None
    refused = {name: now.refused[name] for name in sorted(now.refused) if name in SHOWN}
    if format_ == "json":
        from lblint.report.status import render_status_json

        output.write(render_status_json(inventory_of_swarm, result, refused))
    else:
        output.write(render_status(inventory_of_swarm, result, output.colored(color), output.width()))
    for sentence in refused.values():
        output.say(sentence)
    if refused:
        return EXIT_UNCHECKED
    if fail_on == "never":
        return 0
    return EXIT_FINDINGS if any(f.severity >= Severity[fail_on.upper()] for f in result.findings) else 0
