"""The command line, thin: options in, the pipeline, a report out. Exit 0 clean, 1 findings, 2 could not check."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the `lblint` script."""
    from lblint.source import libyaml

    libyaml.alone()
    from lblint.cli.app import app

    try:
        app.main(prog_name="lblint", standalone_mode=True)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
