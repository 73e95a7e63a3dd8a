"""Result -> report and exit code: the end of every check, however its arguments were read."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lblint.cli import EXIT_FINDINGS, EXIT_UNCHECKED, output, runs
from lblint.cli.plain import Plain
from lblint.cli.reports import Report, overwritten, save
from lblint.finding import Severity
from lblint.lint import Options, Result
from lblint.report import render


def check(plain: Plain) -> int:
    """A check with nothing but the everyday options; its exit code."""
    options = Options(
        stack_name=plain.stack_name, client=plain.client, select=split(plain.select), ignore=split(plain.ignore),
        suppress=plain.suppress,
    )  # fmt: skip
    config = runs.config_of(plain.config, plain.no_config)
    read = runs.read_runs(plain.files, plain.compose_files, options, config, configs=True)
    read = runs.with_baseline(read, plain.baseline)
    return report(runs.check_runs(read), plain.reports, runs.limit(read, plain.fail_on), plain.color)


def report(
    result: Result, reports: Sequence[Report], fail_on: str, color: str, silenced: bool = False, error: bool = False
) -> int:
    """Write the reports; 0, or 1 for findings at or above `fail_on`, or 2 where something could not be checked, or a
    report not be written. Files come first: who waits for the end of the terminal's finds them whole. With `silenced`,
    text shows what comments silence, too; with `error`, the terminal's goes to stderr."""
    unwritten = _save(result, reports, color, silenced)
    for name, file in reports:
        if not file:
            text = render(name, result, output.colored(color), output.width(), silenced)
            output.write(text, sys.stderr if error else None)
    if result.unchecked or unwritten:
        return EXIT_UNCHECKED
    return EXIT_FINDINGS if any(f.severity >= Severity[fail_on.upper()] for f in result.findings) else 0


def _save(result: Result, reports: Sequence[Report], color: str, silenced: bool) -> bool:
    """Write those reports that go to files; whether one could not be written, which is said on stderr."""
    failed = False
    read = overwritten(reports, list(result.sources))
    for name, file in reports:
        if not file:
            continue
        why = "it was read as a stack file, and is not overwritten" if file in read else ""
        try:
            if not why:
                save(file, render(name, result, color == "always", silenced=silenced))
        except OSError as error:
            why = error.strerror or str(error)
        if why:
            output.say(f"cannot write {file}: {why}")
            failed = True
    return failed


def split(values: Sequence[str]) -> frozenset[str]:
    """The names in repeated options, each of which may hold several with commas."""
    return frozenset(name.strip() for value in values for name in value.split(",") if name.strip())
