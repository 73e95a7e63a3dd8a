"""The options of `docker stack deploy`, read as docker reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lblint.cli import complete
from lblint.deploy import docker_flags

OWN = frozenset({"offline", "dry-run", "wait", "nginx", "no-config"})
"""Options of lblint that take no word behind them."""
HANDED_ON = ("prune", "with_registry_auth", "resolve_image", "detach", "quiet")
"""The parameters that docker gets as they were given, if they were."""


class DockerCommand(click.Command):
    """A command whose options are read as docker reads its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Like click, from arguments that mean the same to click and to docker."""
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        words = list(docker_flags.normal(args, OWN))
        end = words.index("--") if "--" in words else len(words)
        for at in range(end):
            if words[at] == "--nginx":  # its value, like those of docker's booleans, stands behind a `=`
                words[at] = "--nginx=nginx"
        return super().parse_args(ctx, words)


def _go_bool(ctx: click.Context, param: click.Parameter, value: str | None) -> bool | None:
    """A boolean as Go's flags take it."""
    try:
        return None if value is None else docker_flags.boolean(value)
    except docker_flags.FlagError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def _boolean(*names: str, help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(*names, callback=_go_bool, metavar="[=BOOL]", help=help)


def deploy_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """All options of `docker stack deploy`, under their own names."""
    for option in reversed((
        click.option("-c", "--compose-file", "compose_files", multiple=True, metavar="FILE",
                     shell_complete=complete.stack_files,
                     help="A stack file, or - for stdin (repeatable, or with commas): they are merged."),
        _boolean("--prune", help="Remove services that the files no longer have."),
        _boolean("--with-registry-auth", help="Send the registry's login to the nodes."),
        click.option("--resolve-image", type=click.Choice(["always", "changed", "never"]),
                     help="When to ask the registry for digests; docker's default is always."),
        _boolean("-d", "--detach", help="Do not wait for the services; =false makes docker wait."),
        _boolean("-q", "--quiet", help="No progress from docker."),
    )):  # fmt: skip
        command = option(command)
    return command
