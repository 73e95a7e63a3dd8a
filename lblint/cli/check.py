"""`lblint check`."""

from __future__ import annotations

import click

from lblint.cli import complete, runs, stacks
from lblint.cli.app import (
    cluster_options,
    color_option,
    config_options,
    ignore_option,
    interlock_options,
    proxy_options,
    stack_options,
    suppress_option,
)
from lblint.cli.reports import TERMINAL, Report, pair
from lblint.cli.verdict import Look, report, run, split
from lblint.lint import Options
from lblint.report import FORMATS


class _Check(click.Command):
    """The command, with an option whose value may be left out although stack files come after it, and two whose order
    counts."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Like click, but `--nginx` takes the word behind it only if that is a program; and --format and --output
        become the parameter `reports`, in the order in which they were given."""
        if ctx.resilient_parsing:  # a shell asks for completions: half a line is no mistake
            return super().parse_args(ctx, args)
        end = args.index("--") if "--" in args else len(args)
        for at in range(end):
            if args[at] == "--nginx":
                from lblint.proxy.nginx_test.program import is_program

                if at + 1 == end or not is_program(args[at + 1]):
                    args[at] = "--nginx=nginx"
        words = list(args)
        rest = super().parse_args(ctx, args)
        given, _, order = self.make_parser(ctx).parse_args(words)
        values = {name: iter(given.get(name, ())) for name in ("format_", "output")}
        asked = [(param.opts[-1], next(values[param.name])) for param in order if param.name in values]
        try:
            ctx.params["reports"] = pair(asked) if asked else TERMINAL
        except ValueError as error:
            raise click.UsageError(str(error), ctx) from None
        return rest


@click.command(cls=_Check)
@stack_options
@config_options
@interlock_options
@proxy_options("[BINARY]")
@click.option("--live", is_flag=True,
              help="Ask a Swarm manager, too: what is there, what is taken, and what its proxies serve.")  # fmt: skip
@cluster_options
@click.option("--format", "format_", type=click.Choice(FORMATS), multiple=True, expose_value=False,
              help="How to report the findings; default: text (repeatable: all but one need a file).")  # fmt: skip
@click.option("-o", "--output", multiple=True, expose_value=False, metavar="FILE", shell_complete=complete.files,
              help="Write the report of the --format before this to a file; text still goes to the terminal "
              "(repeatable).")  # fmt: skip
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), show_default="error",
              help="Exit 1 from this severity on.")  # fmt: skip
@click.option("--select", multiple=True, metavar="RULE", shell_complete=complete.rule_ids,
              help="Only these rules (repeatable, or with commas).")  # fmt: skip
@ignore_option
@click.option("--fix", is_flag=True, help="Write into the files what surely was meant, and report what remains.")
@click.option("--unsafe-fixes", is_flag=True,
              help="With --fix or --diff: also what may have been meant otherwise.")  # fmt: skip
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing; exit 1 if anything would.")
@suppress_option("all")
@click.option("--baseline", default="", metavar="FILE", shell_complete=complete.files,
              help="Findings in this file do not count: they were there before.")  # fmt: skip
@click.option("--write-baseline", default="", metavar="FILE", shell_complete=complete.files,
              help="Write what is found to this file, for --baseline, and exit 0.")  # fmt: skip
@click.option("--show-suppressed", is_flag=True, help="Show what comments and the baseline silence, too.")
@color_option
@click.option("-q", "--quiet", is_flag=True,
              help="Only what decides: the findings at or above --fail-on, and what could not be checked; nothing if "
              "there is none. No last line, no progress. Other formats than text are not changed.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True,
              help="Say on stderr what was read, what the stacks are called and why, what took how long.")  # fmt: skip
def check(
    files: tuple[str, ...],
    compose_files: tuple[str, ...],
    stack_name: str | None,
    client: str,
    config: str,
    no_config: bool,
    interlock_config: str,
    interlock_version: str,
    nginx: str,
    running: tuple[str, ...],
    live: bool,
    host: str | None,
    context: str | None,
    fail_on: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    suppress: str,
    baseline: str,
    write_baseline: str,
    show_suppressed: bool,
    color: str,
    quiet: bool,
    verbose: bool,
    reports: tuple[Report, ...],
) -> int:
    """Check stack files: what breaks, for whom, and what to write.

    Every FILE is a stack of its own, and all that lie under the same .lblint.yml, or under none, share one ingress; a
    folder is searched for stack files; `-` is stdin; a name that ends in .toml is a config of Interlock, and is checked
    as one. Names that start with a dash come after `--`. Without any, it is what the .lblint.yml of this folder is
    about.

    Exit code: 0 clean, 1 findings at or above --fail-on, 2 could not check.
    """
    options = Options(stack_name=stack_name, client=client, select=split(select), ignore=split(ignore), nginx=nginx,
                      suppress=suppress)  # fmt: skip
    options = stacks.with_running(options, running)
    options = stacks.with_live(options, live, context, host)
    options = stacks.with_interlock(options, interlock_config, interlock_version)
    if unsafe_fixes and not (fix or diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
    look = Look(color, show_suppressed, quiet)
    read = runs.read_runs(files, compose_files, options, runs.config_of(config, no_config), configs=True)
    if write_baseline:
        from lblint.cli.baseline import write

        if fix or diff:
            raise click.UsageError("--write-baseline does not go with --fix or --diff")
        return report(write(write_baseline, read), reports, runs.limit(read, fail_on), look, read)
    read = runs.with_baseline(read, baseline)
    if fix or diff:
        from lblint.cli import fix as fixes

        return fixes.run(read, reports, runs.limit(read, fail_on), look, unsafe_fixes, diff)
    return report(run(read, quiet, verbose), reports, runs.limit(read, fail_on), look, read)
