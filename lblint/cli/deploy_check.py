"""What must hold before docker is started: the files, read once, checked together with the cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lblint import UncheckedError
from lblint.cli import files, inputs
from lblint.cli.options import DEFAULT_FAIL_ON
from lblint.deploy import pflag
from lblint.finding import Severity
from lblint.lint import Options, Result
from lblint.source import read
from lblint.swarm.model import Snapshot

if TYPE_CHECKING:
    from lblint.deploy.plan import Plan

Content = tuple[str, bytes]
"""The name of a file, and its bytes."""
OFFLINE = "nothing is deployed (--offline does not look at the cluster)"


def contents(values: Sequence[str]) -> list[Content]:
    """The files that the values of `-c` name, each read once. Raises `UncheckedError`."""
    try:
        names = pflag.names(values)
    except pflag.FlagError as error:
        raise UncheckedError(f"--compose-file {error}") from None
    if not names:
        raise UncheckedError("no stack file given: name one with -c FILE, or -c - for stdin")
    if names.count(files.STDIN) > 1:
        raise UncheckedError("- (stdin) was given twice")
    try:
        return [(name, files.content(name)) for name in names]
    except files.UnreadableError as error:
        raise UncheckedError(str(error)) from None


def under(names: Sequence[str], config: str | None, options: Options, fail_on: str | None) -> tuple[Options, Severity]:
    """The options with what the settings add that a stack's files lie under, and the severity that keeps it from being
    deployed. Raises `UncheckedError` where the settings know the stack by another name."""
    settings = inputs.settings_of(names, config)
    if settings is not None:
        from lblint.cli.settings import to_deploy

        options = to_deploy(settings, options, names)
        fail_on = fail_on or settings.fail_on
    return options, Severity[(fail_on or DEFAULT_FAIL_ON).upper()]


def managers(host: str | None, context: str | None) -> Callable[[frozenset[str]], Snapshot]:
    """What the managers have, asked once. What it returns raises `UncheckedError`, also where they refuse a part."""
    from lblint.cli.cluster_connection import reader
    from lblint.swarm.errors import SwarmError

    ask = reader(context, host)

    def read(names: frozenset[str]) -> Snapshot:
        try:
            snapshot = ask(names)
        except SwarmError as error:
            raise UncheckedError(f"{error}; {OFFLINE}") from None
        for sentence in snapshot.refused.values():
            raise UncheckedError(f"{sentence}; {OFFLINE}")
        return snapshot

    return read


def check(contents: Sequence[Content], options: Options) -> Result:
    """The findings on one stack, merged from these files. Raises `UncheckedError` where something is not checked."""
    from lblint.stack.docker_versions import parse

    known = parse(options.stack.client)
    if known is None:
        raise UncheckedError(
            f"--client {options.stack.client!r} is not a version of the docker client; write it as 20.10"
        )
    sources = [read(content, name, known.dialect) for name, content in contents]
    result = inputs.check_all([sources], options)
    if options.surroundings.from_settings and options.surroundings.live is None:
        # nobody tells what the proxies are set to: what breaks without the settings may break
        other = inputs.check_all(
            [sources], options._replace(surroundings=options.surroundings._replace(interlock=None, version=None))
        )
        result = result._replace(findings=inputs.together([result, other]).findings)
    if result.unchecked:
        reasons = "; ".join(f"{file}: {reason}" for file, reason in result.unchecked)
        raise UncheckedError(f"{reasons}; nothing is deployed")
    # a deploy writes no file: what --fix would is said by lblint check, which has that option
    return result._replace(findings=tuple(finding._replace(fixes=()) for finding in result.findings))


def planned(result: Result, live: Snapshot, prune: bool) -> Plan | None:
    """What will change; None where the files make no stack: docker will say so."""
    from lblint.deploy.plan import plan
    from lblint.interlock import read_routes

    stack = next(iter(result.checked.stacks), None)
    return plan(result.checked.ingress or read_routes([stack]), stack, live, prune) if stack else None


def shown(change: Plan | None, stack: str, result: Result) -> str:
    """What will change, for people; without the values of environment variables, as the log of a deploy is kept."""
    from lblint.deploy.plan import render

    if change is None:
        return "what will change is not known\n"
    if not result.checked.values:
        return render(change, stack)
    from lblint.lint.redaction import of_run

    return of_run(result.checked).text(render(change, stack))
