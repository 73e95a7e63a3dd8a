"""`lblint plugin`: lblint as a plugin of the docker client."""

from __future__ import annotations

import os

import click

from lblint import UncheckedError
from lblint.cli import output
from lblint.deploy import plugin as plugins


@click.group()
def plugin() -> None:
    """Make lblint a plugin of the docker client: docker lblint check stack.yml."""


@plugin.command()
def install() -> None:
    """Write the plugin below DOCKER_CONFIG (or ~/.docker), with the Python that runs now."""
    try:
        file = plugins.install(os.environ)
    except plugins.PluginError as error:
        raise UncheckedError(str(error)) from None
    output.write(output.shown(f"{file} is written: docker {plugins.NAME} --help\n"))


@plugin.command()
def uninstall() -> None:
    """Remove the plugin again."""
    try:
        file = plugins.uninstall(os.environ)
    except plugins.PluginError as error:
        raise UncheckedError(str(error)) from None
    output.write(output.shown(f"{file} is removed\n" if file else "the plugin is not installed\n"))
