"""`lblint check`, and the end of every check: reports and exit code. Does not import click (see check_arguments)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from lblint import UncheckedError
from lblint.cli import inputs, output
from lblint.cli.exit_codes import EXIT_FINDINGS, EXIT_UNCHECKED
from lblint.cli.report_targets import Report, overwritten, save
from lblint.finding import Severity
from lblint.lint import Checked, Result, make_options
from lblint.records import NamedTuple
from lblint.report import render, render_brief

LONG_RUN = 24
"""So many stack files may take long enough for their progress to be shown."""


def check(
    files: tuple[str, ...],
    compose_files: tuple[str, ...],
    stack_name: str | None,
    client: str,
    config: str,
    no_config: bool,
    force_exclude: bool,
    interlock_config: str,
    interlock_version: str,
    nginx: str,
    running: tuple[str, ...],
    live: bool,
    host: str | None,
    context: str | None,
    fail_on: str | None,
    max_findings: int | None,
    exit_zero: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    suppress: str,
    baseline: str,
    write_baseline: str,
    show_suppressed: bool,
    statistics: bool,
    color: str,
    quiet: bool,
    verbose: bool,
    reports: tuple[Report, ...],
) -> int:
    """Check stack files: what breaks, for whom, and how to fix it.

    Every FILE is a stack of its own, and all that lie under the same .lblint.yml, or under none, share one ingress; a
    folder is searched for stack files; `-` is stdin; a name that ends in .toml is a config of Interlock, and is checked
    as one. Names that start with a dash come after `--`. Without any, it is what the .lblint.yml of this folder is
    about.

    Exit code: 0 clean, 1 findings at or above --fail-on, 2 could not check.
    """
    style = ReportStyle(color, show_suppressed, quiet, statistics, max_findings)
    inputs_named = [*files, *compose_files, *running, interlock_config, baseline, write_baseline, config]
    with reported(reports, style, inputs_named):
        options = make_options(stack_name=stack_name, client=client, nginx=nginx, suppress=suppress)
        options = inputs.with_rules(options, split_names(select), split_names(ignore))
        options = inputs.with_running(options, running, keep=True)
        options = inputs.with_live(options, live, context, host)
        options = inputs.with_interlock(options, interlock_config, interlock_version, keep=True)
        settings = inputs.config_of(config, no_config)
        read = inputs.read_runs(files, compose_files, options, settings, configs=True, force_exclude=force_exclude)
        for note in (note for inputs_of_run in read for note in inputs_of_run.notes):
            output.say(note)
        if write_baseline:
            from lblint.cli.baseline import write

            code = report(write(write_baseline, read), reports, inputs.limit(read, fail_on), style, read)
        elif fix or diff:
            from lblint.cli import fix as fixes

            read = inputs.with_baseline(read, baseline)
            code = fixes.run(read, reports, inputs.limit(read, fail_on), style, unsafe_fixes, diff)
        else:
            read = inputs.with_baseline(read, baseline)
            code = report(run(read, quiet, verbose), reports, inputs.limit(read, fail_on), style, read)
    return 0 if exit_zero and code == EXIT_FINDINGS else code


class ReportStyle(NamedTuple):
    """How reports are shown. A text: the `--color`, whether with what comments silence, whether with what decides
    alone, and whether as counts for each rule. All: with so many findings of one rule in one file at the `most`, None
    where the settings say it."""

    color: str
    silenced: bool = False
    quiet: bool = False
    statistics: bool = False
    most: int | None = None


@contextmanager
def reported(reports: Sequence[Report], style: ReportStyle, names: Sequence[str]) -> Iterator[None]:
    """Where the block ends because nothing can be checked, write that into every report, so that none is left from an
    earlier run, and raise it again. A report replaces none of the files in `names`, nor one that looks like an input.

    Text on the terminal is left to whoever catches the error.
    """
    try:
        yield
    except OSError:  # the terminal's report could not be written, and comes last
        raise
    except Exception as error:
        known = error if isinstance(error, UncheckedError) else UncheckedError(inputs.sentence(error))
        result = Result((), tuple(inputs.entries(known)), Checked({}, ()))
        save_reports(result, reports, style, [*names, *(file for _, file in reports if inputs.is_input(file))])
        for name in [name for name, file in reports if not file and name != "text"]:
            output.write(render(name, result))
        raise


def run(read: Sequence[inputs.Run], quiet: bool, verbose: bool = False) -> Result:
    """Check the stacks. Who waits for it on a terminal sees how far it is, if not `quiet`; `verbose` tells on stderr
    what was done."""
    check: Callable[[Sequence[inputs.Run]], Result] = inputs.check_runs
    if not quiet and any(
        len(run.stacks) >= LONG_RUN or run.options.surroundings.live or run.options.surroundings.nginx for run in read
    ):
        from lblint.cli import progress

        check = progress.check_runs
    if verbose:
        from lblint.cli import timings as told

        return told.check_runs(check, read)
    return check(read)


def report(
    result: Result,
    reports: Sequence[Report],
    fail_on: str,
    style: ReportStyle,
    read: Sequence[inputs.Run],
    error: bool = False,
) -> int:
    """Write the reports of the runs that were `read`; 0, or 1 for findings at or above `fail_on`, or 2 where something
    could not be checked, or a report not be written. Files come first: who waits for the end of the terminal's finds
    them whole. With `error`, the terminal's goes to stderr."""
    least = Severity[fail_on.upper()]
    result = result._replace(most=inputs.most_listed(read, style.most))
    known = [result.baseline.name] if result.baseline is not None else []
    unwritten = save_reports(result, reports, style, [*result.checked.sources, *known, *inputs.behind(read)])
    for name, file in reports:
        if not file:
            output.write(_shown(name, result, least, style), sys.stderr if error else None)
    if result.unchecked or unwritten:
        return EXIT_UNCHECKED
    return EXIT_FINDINGS if any(f.severity >= least for f in result.findings) else 0


def _shown(name: str, result: Result, least: Severity, style: ReportStyle) -> str:
    """Return the report for the terminal; a text is as its style says."""
    color = output.colored(style.color)
    if style.statistics and name == "text":
        from lblint.report.statistics import render_statistics

        return render_statistics(result, least if style.quiet else None, color)
    if style.quiet and name == "text":
        return render_brief(result, least, color, output.width())
    text = render(name, result, color, output.width(), style.silenced)
    if name == "text" and result.findings and output.width():
        worst = max(result.findings, key=lambda finding: finding.severity)
        text += f"More on a finding: lblint explain {worst.rule}\n"
    return text


def save_reports(result: Result, reports: Sequence[Report], style: ReportStyle, read: Sequence[str]) -> bool:
    """Write those reports that go to files, but not in the place of a file that is among those `read`; return whether
    one could not be written, which is said on stderr."""
    if not any(file for _, file in reports):
        return False
    failed = False
    kept = overwritten(reports, read)
    for name, file in reports:
        if not file:
            continue
        why = "it was read, and is not overwritten" if file in kept else ""
        try:
            if not why:
                save(file, render(name, result, style.color == "always", silenced=style.silenced))
        except OSError as error:
            why = error.strerror or str(error)
        if why:
            output.say(f"cannot write {file}: {why}")
            failed = True
    return failed


def split_names(values: Sequence[str]) -> frozenset[str]:
    """The names in repeated options, each of which may hold several with commas."""
    return frozenset(name.strip() for value in values for name in value.split(",") if name.strip())
