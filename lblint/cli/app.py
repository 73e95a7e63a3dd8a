"""The group of commands, each loaded when it is asked for, and the arguments that several of them share."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from lblint import __version__
from lblint.cli import EXIT_INTERRUPTED, complete

COMMANDS = {
    "check": "check",
    "completion": "completion",
    "config": "show",
    "deploy": "deploy",
    "explain": "catalog",
    "init": "init",
    "labels": "catalog",
    "lsp": "lsp",
    "plugin": "plugin",
    "render": "show",
    "rm": "rm",
    "routes": "routes",
    "rules": "catalog",
    "status": "status",
}
"""The commands, and the module of this package that each stands in."""


class Commands(click.Group):
    """A group that imports a command's module only when that command runs, or help lists them all."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, for help."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module("lblint.cli." + COMMANDS[cmd_name])
        command = getattr(module, cmd_name)
        return command if isinstance(command, click.Command) else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Like click, but for the names of the commands none is imported."""
        names = [CompletionItem(name) for name in sorted(COMMANDS) if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        """Like click, but Ctrl-C ends without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(EXIT_INTERRUPTED)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Like click, with a word for those who forget `check`."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and os.path.exists(args[0]):
            ctx.fail(f"{args[0]!r} is no command. Did you mean: lblint check {args[0]}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="lblint")
def app() -> None:
    """The gate in front of a shared Docker Swarm ingress: checks stack files before they are deployed."""


def stack_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that say which stacks are read, and how; the same for every command that reads stacks."""
    for option in reversed((
        click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=complete.stack_files),
        click.option("-c", "--compose-file", "compose_files", multiple=True, metavar="FILE",
                     shell_complete=complete.stack_files,
                     help="Merge these files into one stack, as docker stack deploy does (repeatable)."),
        click.option("-n", "--stack-name", metavar="NAME",
                     help="The stack's name; inferred where the labels allow only one."),
        click.option("--client", default="", metavar="VERSION",
                     help="The docker client that will deploy (20.10, 27, 28.2.2 …); default: the newest known."),
    )):  # fmt: skip
        command = option(command)
    return command


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that choose lblint's own settings; the same for every command that reads stacks."""
    for option in reversed((
        click.option("--config", default="", metavar="FILE", shell_complete=complete.files,
                     help="Settings for all files; default: the .lblint.yml in the folder of each file or above it."),
        click.option("--no-config", is_flag=True, help="No settings: .lblint.yml is not looked for."),
    )):  # fmt: skip
        command = option(command)
    return command


def interlock_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that say which proxies there are; the same for every command that tries their config."""
    for option in reversed((
        click.option("--interlock-config", default="", metavar="FILE", shell_complete=complete.configs,
                     help="Interlock's own config.toml: the service clusters, and the settings of their proxies."),
        click.option("--interlock-version", default="", metavar="VERSION",
                     help="The version of UCP or MKE (3.2.3, MKE 3.8 …); default: that of the images in the config, or "
                     "the newest, and only what holds for all is an error."),
    )):  # fmt: skip
        command = option(command)
    return command


def proxy_options(program: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The arguments that say what else the proxy's config is tried with; `program` shows how --nginx takes its own."""

    def options(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed((
            click.option("--nginx", default="", metavar=program, is_flag=False, flag_value="nginx",
                         help="If nothing is found that breaks, try the proxy's config with this nginx (-t), too. It "
                         "runs in an empty folder, without rights, and opens no other file."),
            click.option("--with", "running", multiple=True, metavar="NGINX.CONF", shell_complete=complete.files,
                         help="The config of a proxy that runs, or what `docker config inspect` prints of it: its "
                         "hosts and sizes count, too (repeatable)."),
        )):  # fmt: skip
            command = option(command)
        return command

    return options


def suppress_option(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--suppress`: whose word counts, that of a file's author or that of who runs the check."""
    return click.option("--suppress", type=click.Choice(["all", "own", "none"]), default=default, show_default=True,
                        help="What comments in the files, a baseline and the rules in .lblint.yml may silence: all "
                        "findings, own ones (not what hurts others: breaks the proxy, takes their hosts …), or "
                        "none.")  # fmt: skip


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--format text|json`, for people and for programs."""
    return click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True,
                        help="For people, or for programs.")(command)  # fmt: skip


def ignore_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--ignore RULE`."""
    return click.option("--ignore", multiple=True, metavar="RULE", shell_complete=complete.rule_ids,
                        help="Not these rules (repeatable, or with commas).")(command)  # fmt: skip


def color_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--color auto|always|never`."""
    return click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
                        help="Colour. auto: never with NO_COLOR; else always with FORCE_COLOR or CLICOLOR_FORCE; else "
                        "on a terminal, but not with TERM=dumb or CLICOLOR=0.")(command)  # fmt: skip


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that choose the daemon, as docker has them before the command."""
    for option in reversed((
        click.option("-H", "--host", metavar="HOST", help="The daemon's address, as for docker -H."),
        click.option("--context", metavar="NAME", help="The docker context, as for docker --context."),
    )):  # fmt: skip
        command = option(command)
    return command
