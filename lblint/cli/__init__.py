"""The command line, thin: options in, the pipeline, a report out. Exit 0 clean, 1 findings, 2 could not check."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from lblint.cli.exit_codes import EXIT_INTERRUPTED, EXIT_UNCHECKED

COMPLETE = "_LBLINT_COMPLETE"
"""The variable in which a shell asks what a word may be completed with."""
BUG = "this is a bug in lblint: please report it with the file (LBLINT_DEBUG=1 shows where it happened)"


def script() -> int:
    """The `lblint` script and `python -m lblint`. Returns the exit code, if at all: see `leave`.

    Ctrl-C ends it without a word whenever it comes, before `main` is there to notice or after it, too.
    """
    registered = "atexit" in sys.modules  # by others: what lblint's own imports register has nothing to do at the end
    try:
        code = run()
        if not registered:
            leave(code)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return code


def run() -> int:
    """Run the command line in a process of its own and return the exit code."""
    import gc

    gc.disable()  # what a check makes stays until its end: there is nothing to be found
    from lblint import parallel

    parallel.own_process()
    return main()


def leave(code: int) -> None:
    """End the process without freeing what it made, which takes a tenth of a check, and in which Ctrl-C would kill it.
    Returns where there is still something to do: other threads run, or output cannot be written."""
    if "threading" in sys.modules:
        from threading import active_count

        if active_count() > 1:
            return
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. Never raises but for `SystemExit`; nothing ends in a traceback.

    `argv` are the arguments without the program's name; None takes those of the process. With LBLINT_DEBUG set, an
    exception that nobody foresaw is raised as it is.
    """
    try:
        return _main(argv)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except OSError as error:  # the output: a full disk, a closed terminal
        from lblint.cli.output import abandon

        abandon()
        return _say(f"cannot write: {error.strerror or error}")
    except Exception as error:
        if os.environ.get("LBLINT_DEBUG"):
            raise
        return _say(unforeseen(error))


def unforeseen(error: BaseException) -> str:
    """Return what is said of an exception that no code expected: a package is missing, or else it is a bug."""
    if isinstance(error, ImportError):
        from lblint.installation import missing_package

        missing = missing_package(error)
        if missing:
            return missing
    return f"{type(error).__name__}: {error}; {BUG}"


def _main(argv: Sequence[str] | None) -> int:
    from lblint import UncheckedError
    from lblint.cli import check_arguments
    from lblint.cli.output import tolerate

    tolerate(sys.stdout, sys.stderr)
    arguments = sys.argv[1:] if argv is None else list(argv)
    values = check_arguments.parse(arguments)
    try:
        if values is None:
            return _click(arguments)
        from lblint.cli.check import check

        return check(**values)
    except UncheckedError as error:
        return _say(str(error))


def _click(arguments: list[str]) -> int:
    import gc

    import click

    from lblint.cli.commands import app

    if COMPLETE in os.environ:
        from lblint.cli.completion import answer

        answer()
    gc.enable()  # a deploy may be watched for long

    try:
        code = app.main(arguments, prog_name="lblint", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit as end:  # a shell's question is answered
        code = end.code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return code if isinstance(code, int) else 0


def _say(sentence: str) -> int:
    """The sentence on stderr; the exit code for what could not be checked."""
    from lblint.cli.output import say

    say(sentence)
    return EXIT_UNCHECKED
