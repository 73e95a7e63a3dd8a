"""`lblint interlock`: Interlock's config.toml from the Swarm and into it."""

from __future__ import annotations

import click

from lblint.cli.commands import command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def interlock() -> None:
    """Show, compare, write and apply Interlock's config.toml, the config of ucp-interlock."""


def _add() -> None:
    from lblint.cli.interlock_apply import apply
    from lblint.cli.interlock_config import diff, show
    from lblint.cli.interlock_draft import new

    for function in (show, diff, new, apply):
        interlock.add_command(command(f"interlock {function.__name__}", function), function.__name__)


_add()
