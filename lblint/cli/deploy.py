"""`lblint deploy`: `docker stack deploy` behind a check of the files and of the cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from lblint import UncheckedError
from lblint.cli import EXIT_FINDINGS, cluster, files, output, stacks
from lblint.cli.app import cluster_options, color_option
from lblint.cli.verdict import split
from lblint.deploy import client as clients
from lblint.deploy import flags
from lblint.finding import Severity
from lblint.lint import Options, Result
from lblint.source import read
from lblint.swarm.model import Snapshot

if TYPE_CHECKING:
    from lblint.deploy.plan import Plan
    from lblint.stack import Stack

OWN = frozenset({"offline", "dry-run", "wait"})
"""Options of lblint that take no value."""


def _go_bool(ctx: click.Context, param: click.Parameter, value: str | None) -> bool | None:
    """A boolean as Go's flags take it."""
    try:
        return None if value is None else flags.boolean(value)
    except flags.FlagError as error:
        raise click.BadParameter(str(error), ctx, param) from None


class DockerCommand(click.Command):
    """A command whose options are read as docker reads its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Like click, from arguments that mean the same to click and to docker."""
        return super().parse_args(ctx, list(flags.normal(args, OWN)))


def _boolean(*names: str, help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(*names, callback=_go_bool, metavar="[=BOOL]", help=help)


@click.command(cls=DockerCommand)
@click.argument("stack", metavar="STACK")
@click.option("-c", "--compose-file", "compose_files", multiple=True, metavar="FILE",
              help="A stack file, or - for stdin (repeatable, or with commas): they are merged.")  # fmt: skip
@_boolean("--prune", help="Remove services that the files no longer have.")
@_boolean("--with-registry-auth", help="Send the registry's login to the nodes.")
@click.option("--resolve-image", type=click.Choice(["always", "changed", "never"]),
              help="When to ask the registry for digests; docker's default is always.")  # fmt: skip
@_boolean("-d", "--detach", help="Do not wait for the services; =false makes docker wait.")
@_boolean("-q", "--quiet", help="No progress from docker.")
@cluster_options
@click.option("--client", default="", metavar="VERSION",
              help="Check as for this docker client; default: the one that deploys.")  # fmt: skip
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), default="error", show_default=True,
              help="Deploy nothing from this severity on.")  # fmt: skip
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules (repeatable, or with commas).")
@click.option("--offline", is_flag=True, help="Check the files alone: the cluster is not read.")
@click.option("--dry-run", is_flag=True, help="Check and show what would change; deploy nothing.")
@click.option("--wait", "wait_", is_flag=True,
              help="Watch the services and the proxies afterwards, until all are at rest.")  # fmt: skip
@click.option("--wait-timeout", type=click.FloatRange(min=0), default=300, show_default=True, metavar="SECONDS",
              help="Watch for so long at most.")  # fmt: skip
@color_option
def deploy(
    stack: str,
    compose_files: tuple[str, ...],
    prune: bool | None,
    with_registry_auth: bool | None,
    resolve_image: str | None,
    detach: bool | None,
    quiet: bool | None,
    host: str | None,
    context: str | None,
    client: str,
    fail_on: str,
    ignore: tuple[str, ...],
    offline: bool,
    dry_run: bool,
    wait_: bool,
    wait_timeout: float,
    color: str,
) -> int:
    """Check a stack and the cluster, show what will change, and only then run docker stack deploy.

    Takes the options of docker stack deploy, and hands them on. Every file is read once: docker gets the bytes that
    were checked.

    Exit code: that of docker; 1 findings at or above --fail-on, 2 could not check: then docker was not started. With
    --wait 3, where the services or the proxies do not come to rest.
    """
    from lblint.deploy.mirror import folder

    if wait_ and offline:
        raise UncheckedError("--wait asks the cluster, and --offline says not to: give one of them")
    names = _names(compose_files)
    contents = _read(names)
    docker = cluster.docker(host, context)
    options = Options(stack, client=client or docker.version, ignore=split(ignore), base=folder(names[0]),
                      deploying=True)  # fmt: skip
    live = None if offline else _live(host, context)
    result = _check(contents, options._replace(live=live))
    output.write(stacks_report(result, color))
    if any(finding.severity >= Severity[fail_on.upper()] for finding in result.findings):
        output.say(f"{stack} is not deployed: docker was not started")
        return EXIT_FINDINGS
    change = _planned(result, live(frozenset([stack])), bool(prune)) if live else None
    output.write(_shown(change, stack))
    if dry_run:
        return 0
    given = {"prune": prune, "with-registry-auth": with_registry_auth, "resolve-image": resolve_image,
             "detach": detach, "quiet": quiet}  # fmt: skip

    def start() -> int:
        return _run(docker, given, contents, stack)

    if not wait_ or change is None:
        return start()
    return _run_and_wait(start, docker, result.stacks[0], change, context, host, wait_timeout)


def _run(docker: clients.Docker, given: Mapping[str, object], contents: list[tuple[str, bytes]], stack: str) -> int:
    """Run docker on the bytes that were checked; its exit code."""
    from lblint.deploy.mirror import mirrored

    try:
        with mirrored(contents) as mirror:
            words = ["stack", "deploy", *flags.words(given, mirror.names), "--", stack]
            return clients.run(docker.command(*words), mirror.descriptors)
    except clients.ClientError as error:
        raise UncheckedError(f"{error}; nothing is deployed") from None
    except OSError as error:
        raise UncheckedError(f"the files cannot be handed to docker: {error}; nothing is deployed") from None


def _run_and_wait(
    start: Callable[[], int],
    docker: clients.Docker,
    stack: Stack,
    change: Plan,
    context: str | None,
    host: str | None,
    limit: float,
) -> int:
    from lblint.cli.wait import look, wait
    from lblint.swarm.error import SwarmError

    with cluster.open_swarm(context, host) as swarm:
        before = look(swarm, str(stack.name))
        code = start()
        try:
            return code or wait(swarm, docker, stack, before, bool(change.hosts or change.attached), limit)
        except SwarmError as error:
            raise UncheckedError(f"{error}; {stack.name} is deployed, and what becomes of it is not known") from None


def stacks_report(result: Result, color: str) -> str:
    """The findings as text."""
    from lblint.report import render_text

    return render_text(result, output.colored(color), output.width())


def _names(values: tuple[str, ...]) -> list[str]:
    try:
        names = flags.names(values)
    except flags.FlagError as error:
        raise UncheckedError(f"--compose-file {error}") from None
    if not names:
        raise UncheckedError("no stack file given: name one with -c FILE, or -c - for stdin")
    if names.count(files.STDIN) > 1:
        raise UncheckedError("- (stdin) was given twice")
    return names


def _read(names: list[str]) -> list[tuple[str, bytes]]:
    try:
        return [(name, files.content(name)) for name in names]
    except files.UnreadableError as error:
        raise UncheckedError(str(error)) from None


def _live(host: str | None, context: str | None) -> Callable[[frozenset[str]], Snapshot]:
    """What the managers have, asked once. What it returns raises `UncheckedError`."""
    from lblint.cli.live import reader
    from lblint.swarm.error import SwarmError

    ask = reader(context, host)

    def read(stacks: frozenset[str]) -> Snapshot:
        try:
            return ask(stacks)
        except SwarmError as error:
            raise UncheckedError(f"{error}; nothing is deployed (--offline does not look at the cluster)") from None

    return read


def _check(contents: list[tuple[str, bytes]], options: Options) -> Result:
    from lblint.stack.client import parse

    known = parse(options.client)
    if known is None:
        raise UncheckedError(f"--client {options.client!r} is no version of the docker client; write it as 20.10")
    result = stacks.check_all([[read(content, name, known.dialect) for name, content in contents]], options)
    if result.unchecked or not result.stacks:
        reasons = "; ".join(f"{file}: {reason}" for file, reason in result.unchecked)
        if reasons:
            raise UncheckedError(f"{reasons}; nothing is deployed")
    return result


def _planned(result: Result, live: Snapshot, prune: bool) -> Plan | None:
    """What will change; None where the files make no stack: docker will say so."""
    from lblint.deploy.plan import plan
    from lblint.interlock import read_routes

    stack = next(iter(result.stacks), None)
    return plan(read_routes([stack]), stack, live, prune) if stack else None


def _shown(change: Plan | None, stack: str) -> str:
    from lblint.deploy.plan import render

    if change is None:
        return "what will change is not known\n"
    return render(change, stack)
