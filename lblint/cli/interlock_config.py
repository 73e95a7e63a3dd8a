"""`lblint interlock show` and `diff`: the config that Interlock's core runs with, and what another one changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lblint import UncheckedError
from lblint.cli import files, output
from lblint.cli.exit_codes import EXIT_FINDINGS

if TYPE_CHECKING:
    from lblint.interlock.config import InterlockConfig
    from lblint.source.toml import TomlSource
    from lblint.swarm.core_config import CoreConfig
    from lblint.swarm.model import Snapshot


def show(host: str | None, context: str | None, service: str, format_: str) -> int:
    """Show the config that Interlock's core runs with.

    Stdout is the text of the config object, as it is: redirect it to a file to edit it. The name of the object and its
    age are on stderr.

    Exit code: 0, 2 could not read.
    """
    _, running = running_config(host, context, service)
    if format_ == "json":
        from lblint.report.config_changes import render_config_json

        output.write(render_config_json(running, parse(running)))
        return 0
    output.write(output.shown(running.text))
    output.say(describe(running))
    return 0


def diff(file: str, host: str | None, context: str | None, service: str, format_: str) -> int:
    """Show what FILE changes in the config that Interlock's core runs with.

    First what it means: extensions with their service clusters, proxies, ports and nodes, then keys; then the lines.

    Exit code: 0 no difference, 1 differences, 2 could not compare.
    """
    from lblint.interlock.config_changes import compare_configs
    from lblint.report.config_changes import changed_lines, render_changes, render_changes_json

    source = read_file(file)
    _, running = running_config(host, context, service)
    changes = compare_configs(parse(running), config_of(source))
    lines = changed_lines(running.text, source.text, running.use.name, file)
    if format_ == "json":
        output.write(render_changes_json(running, file, changes, lines))
        return EXIT_FINDINGS if lines or not changes.nothing else 0
    output.say(describe(running))
    if not lines and changes.nothing:
        output.write("no difference\n")
        return 0
    output.write((render_changes(changes) or "nothing changes in meaning\n") + "\n" + lines)
    return EXIT_FINDINGS


def running_config(host: str | None, context: str | None, service: str) -> tuple[Snapshot, CoreConfig]:
    """Return what the managers have, and the config of the core. Raises `UncheckedError`."""
    from lblint.cli.cluster_connection import reader
    from lblint.swarm.core_config import core_config
    from lblint.swarm.errors import SwarmError

    try:
        snapshot = reader(context, host)(frozenset())
        return snapshot, core_config(snapshot, service)
    except SwarmError as error:
        raise UncheckedError(str(error)) from None


def describe(running: CoreConfig) -> str:
    """Return a sentence on the config that runs."""
    from time import time

    from lblint.report.config_changes import age

    old = age(running.created, time())
    others = f"; {', '.join(running.others)} also uses it" if running.others else ""
    return f"{running.service.name} runs with {running.use.name}{f', created {old} ago' if old else ''}{others}"


def parse(running: CoreConfig) -> InterlockConfig:
    """Return the config that runs, read. Raises `UncheckedError` for what is not one of Interlock 2 or 3."""
    from lblint.source.toml import read_toml

    return config_of(read_toml(running.text.encode(), running.use.name))


def read_file(name: str) -> TomlSource:
    """Return a config.toml, read. Raises `UncheckedError` for what is not TOML, or cannot be read."""
    from lblint.source.toml import read_toml

    try:
        return read_toml(files.content(name), name)
    except files.UnreadableError as error:
        raise UncheckedError(str(error), error.name) from None


def config_of(source: TomlSource) -> InterlockConfig:
    """Return a file as a config of Interlock. Raises `UncheckedError` for what is not one of Interlock 2 or 3."""
    from lblint.interlock.config import read_config

    config = read_config(source)
    if source.unchecked or not config.sound:
        why = source.unchecked or "it is not a config of Interlock 2 or 3; lblint check names the line"
        raise UncheckedError(f"{source.name}: {why}", source.name)
    return config
