"""Result -> report and exit code: the end of every check, however its arguments were read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from lblint.cli import EXIT_FINDINGS, EXIT_UNCHECKED, output, runs
from lblint.cli.plain import Plain
from lblint.cli.reports import Report, overwritten, save
from lblint.finding import Severity
from lblint.lint import Options, Result
from lblint.records import NamedTuple
from lblint.report import render, render_brief
from lblint.spread import FEW


def check(plain: Plain) -> int:
    """A check with nothing but the everyday options; its exit code."""
    options = Options(
        stack_name=plain.stack_name, client=plain.client, select=split(plain.select), ignore=split(plain.ignore),
        suppress=plain.suppress,
    )  # fmt: skip
    config = runs.config_of(plain.config, plain.no_config)
    read = runs.read_runs(plain.files, plain.compose_files, options, config, configs=True)
    read = runs.with_baseline(read, plain.baseline)
    look = Look(plain.color, quiet=plain.quiet)
    return report(run(read, plain.quiet), plain.reports, runs.limit(read, plain.fail_on), look, read)


class Look(NamedTuple):
    """How a text is shown: the `--color`, whether with what comments silence, and whether with what decides alone."""

    color: str
    silenced: bool = False
    quiet: bool = False


def run(read: Sequence[runs.Run], quiet: bool, verbose: bool = False) -> Result:
    """Check the stacks. Who waits for it on a terminal sees how far it is, if not `quiet`; `verbose` tells on stderr
    what was done."""
    check: Callable[[Sequence[runs.Run]], Result] = runs.check_runs
    if not quiet and any(len(run.stacks) >= FEW or run.options.live or run.options.nginx for run in read):
        from lblint.cli import progress

        check = progress.check_runs
    if verbose:
        from lblint.cli import verbose as told

        return told.check_runs(check, read)
    return check(read)


def report(
    result: Result, reports: Sequence[Report], fail_on: str, look: Look, read: Sequence[runs.Run], error: bool = False
) -> int:
    """Write the reports of the runs that were `read`; 0, or 1 for findings at or above `fail_on`, or 2 where something
    could not be checked, or a report not be written. Files come first: who waits for the end of the terminal's finds
    them whole. With `error`, the terminal's goes to stderr."""
    least = Severity[fail_on.upper()]
    unwritten = _save(result, reports, look, read)
    for name, file in reports:
        if not file:
            seen = (output.colored(look.color), output.width())
            brief = look.quiet and name == "text"
            text = render_brief(result, least, *seen) if brief else render(name, result, *seen, look.silenced)
            output.write(text, sys.stderr if error else None)
    if result.unchecked or unwritten:
        return EXIT_UNCHECKED
    return EXIT_FINDINGS if any(f.severity >= least for f in result.findings) else 0


def _save(result: Result, reports: Sequence[Report], look: Look, given: Sequence[runs.Run]) -> bool:
    """Write those reports that go to files; whether one could not be written, which is said on stderr."""
    if not any(file for _, file in reports):
        return False
    failed = False
    known = [result.baseline.name] if result.baseline is not None else []
    read = overwritten(reports, [*result.sources, *known, *runs.behind(given)])
    for name, file in reports:
        if not file:
            continue
        why = "it was read, and is not overwritten" if file in read else ""
        try:
            if not why:
                save(file, render(name, result, look.color == "always", silenced=look.silenced))
        except OSError as error:
            why = error.strerror or str(error)
        if why:
            output.say(f"cannot write {file}: {why}")
            failed = True
    return failed


def split(values: Sequence[str]) -> frozenset[str]:
    """The names in repeated options, each of which may hold several with commas."""
    return frozenset(name.strip() for value in values for name in value.split(",") if name.strip())
