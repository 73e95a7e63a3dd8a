"""The command line as click reads it: every command is a function and its options in the table of options.

A command's module is imported when it is asked for.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from lblint import __version__
from lblint.cli import completion
from lblint.cli.exit_codes import EXIT_INTERRUPTED
from lblint.cli.options import ENVIRONMENT, FOLDER, GO_BOOL, NGINX, NUMBER, OPTIONS, SECONDS, Option

COMMANDS = {
    "check": "check",
    "completion": "completion",
    "config": "config_render",
    "deploy": "deploy",
    "explain": "explain",
    "gate": "gate",
    "guard": "guard",
    "init": "init",
    "interlock": "interlock",
    "labels": "explain",
    "lsp": "lsp",
    "plugin": "plugin",
    "probe": "probe",
    "render": "config_render",
    "rm": "rm",
    "routes": "routes",
    "rules": "explain",
    "status": "status",
}
"""The commands, and the module of this package that has the function of each, under the command's name."""
COMMAND_GROUPS = (
    ("Check", ("check", "init")),
    ("Deploy", ("deploy", "rm", "status", "probe", "interlock")),
    ("Guard the managers", ("gate", "guard")),
    ("Show", ("routes", "render", "config")),
    ("Explain", ("explain", "rules", "labels")),
    ("Set up", ("completion", "lsp", "plugin")),
)
"""The commands under the headings of help, each once."""
SYNONYMS = {"lint": "check", "validate": "check", "verify": "check", "fix": "check --fix", "diff": "check --diff",
            "remove": "rm", "version": "--version", "help": "--help", "completions": "completion"}  # fmt: skip
"""What those who know other tools may try, and what lblint calls it."""


class Commands(click.Group):
    """A group that imports a command's module only when that command runs, or help lists them all."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, for help."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in COMMANDS:
            return None
        function = getattr(importlib.import_module("lblint.cli." + COMMANDS[cmd_name]), cmd_name)
        return function if isinstance(function, click.Command) else command(cmd_name, function)

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
        """Like click, but for a word that is not a command it says what was probably meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            meant = f"check {args[0]}" if os.path.exists(args[0]) else _near(args[0])
            hint = f" Did you mean: lblint {meant}" if meant else " See: lblint --help"
            ctx.fail(f"{args[0]!r} is not a command.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings, each with its whole first sentence, and environment variables."""
        widest = max(map(len, COMMANDS))
        for heading, names in COMMAND_GROUPS:
            with formatter.section(heading):
                commands = ((name, self.get_command(ctx, name)) for name in names)
                formatter.write_dl(
                    [(name.ljust(widest), _summary(command)) for name, command in commands if command is not None]
                )
        with formatter.section("Environment variables"):
            formatter.write_dl(list(ENVIRONMENT))


def _near(word: str) -> str:
    """Return the command that a word was probably meant to be; "" where none is near."""
    from difflib import get_close_matches

    return SYNONYMS.get(word.lower()) or next(iter(get_close_matches(word.lower(), COMMANDS, 1)), "")


def _summary(command: click.Command) -> str:
    """Return the first sentence of a command's help, or of what comes before its first colon."""
    return command.get_short_help_str(limit=1000).rstrip(".")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="lblint")
def app() -> None:
    """The gate in front of a shared Docker Swarm ingress: checks stack files before they are deployed."""


class Command(click.Command):
    """A command whose help shows its options under the headings of the table of options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, those of one heading together; `--help` comes last."""
        groups = {option.parameter: option.group for option in OPTIONS.get(self.name or "", ())}
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                sections.setdefault(groups.get(param.name or "", ""), []).append(record)
        for heading, records in sorted(sections.items(), key=lambda section: section[0] == ""):
            with formatter.section(heading or ("Other options" if len(sections) > 1 else "Options")):
                formatter.write_dl(records)


class CheckCommand(Command):
    """`check`: a command with an option whose value may be left out although stack files come after it, and two whose
    order counts."""

    ordered = [option for option in OPTIONS["check"] if option.ordered]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Like click, but `--nginx` takes the word behind it only if that is a program; and the ordered options become
        the parameter `reports`, in the order in which they were given."""
        if ctx.resilient_parsing:  # a shell asks for completions: half a line is no mistake
            return super().parse_args(ctx, args)
        from lblint.cli.check_arguments import with_reports

        words = with_optional_value(args, _is_no_program)
        rest = super().parse_args(ctx, list(words))
        parsed, _, order = self.make_parser(ctx).parse_args(words)
        values = {option.parameter: iter(parsed.get(option.parameter, ())) for option in self.ordered}
        asked = [(param.opts[-1], next(values[str(param.name)])) for param in order if param.name in values]
        try:
            ctx.params = with_reports(ctx.params, asked)
        except ValueError as error:
            raise click.UsageError(str(error), ctx) from None
        return rest


class DeployCommand(Command):
    """`deploy`: a command whose options are read as docker reads its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Like click, from arguments that mean the same to click and to docker."""
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        # The value of --nginx, like those of docker's booleans, stands behind a `=`.
        return super().parse_args(ctx, with_optional_value(docker_words(args), lambda word: True))


class GateCommand(Command):
    """`gate`: a command whose options end where the command to run begins."""

    allow_interspersed_args = False


CLASSES: Mapping[str, type[click.Command]] = {"check": CheckCommand, "deploy": DeployCommand, "gate": GateCommand}


def command(name: str, function: Callable[..., object]) -> click.Command:
    """Return the command of a name: its options are those of the table, its help is the function's docstring."""
    params = [parameter(option) for option in OPTIONS.get(name, ())]
    return CLASSES.get(name, Command)(name, callback=function, params=params, help=function.__doc__)


def parameter(option: Option) -> click.Parameter:
    """Return an option of the table as click has it."""
    more: dict[str, Any] = {"metavar": option.metavar or None}
    if option.default is not None:
        more["default"] = option.default
    if option.completion:
        more["shell_complete"] = getattr(completion, option.completion)
    if option.choices:
        more["type"] = click.Choice(option.all_choices())
    elif option.kind in TYPES:
        more["type"] = TYPES[option.kind]
    if not option.names:
        nargs = -1 if option.multiple else 1
        return click.Argument([option.parameter], required=option.required, nargs=nargs, **more)
    if option.kind == GO_BOOL:
        more["callback"] = go_bool
    if option.optional_value:
        more.update(is_flag=False, flag_value=option.optional_value)
    if option.flag:
        more["is_flag"] = True
    return click.Option(
        [*option.names, option.parameter], help=option.help, multiple=option.multiple,
        show_default=option.show_default, expose_value=not option.ordered, **more,
    )  # fmt: skip


class Seconds(click.FloatRange):
    """A time that ends: click takes `nan` for a number."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A number from 0 on."""
        read = super().convert(value, param, ctx)
        if read != read:
            self.fail(f"{value!r} is no number of seconds", param, ctx)
        return read


TYPES = {SECONDS: Seconds(min=0), NUMBER: click.IntRange(min=0), FOLDER: click.Path(exists=True, file_okay=False)}
"""The types of click for kinds of options."""


def go_bool(ctx: click.Context, param: click.Parameter, value: str | None) -> bool | None:
    """A boolean as Go's flags take it."""
    from lblint.deploy import pflag

    try:
        return None if value is None else pflag.boolean(value)
    except pflag.FlagError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def docker_words(args: Sequence[str]) -> list[str]:
    """Return the arguments of `deploy` as docker takes them apart, every option in its long form."""
    from lblint.deploy import pflag

    options = [option for option in OPTIONS["deploy"] if option.names]
    letters = {short[1:]: long[2:] for short, long in (option.names for option in options if len(option.names) == 2)}
    booleans = {option.names[-1][2:] for option in options if option.kind == GO_BOOL}
    switches = {option.names[-1][2:] for option in options if option.flag or option.optional_value}
    return list(pflag.normal(args, letters, booleans, switches))


def with_optional_value(args: Sequence[str], alone: Callable[[str], bool]) -> list[str]:
    """Return the arguments with `=nginx` behind each `--nginx` that has no value: the last word, and each before a word
    that `alone` says is not its value."""
    (name,) = NGINX.names
    words = list(args)
    end = words.index("--") if "--" in words else len(words)
    for at in range(end):
        if words[at] == name and (at + 1 == end or alone(words[at + 1])):
            words[at] = f"{name}={NGINX.optional_value}"
    return words


def _is_no_program(word: str) -> bool:
    from lblint.proxy.nginx_test.program import is_program

    return not is_program(word)
