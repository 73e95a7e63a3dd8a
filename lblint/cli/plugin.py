"""lblint as a plugin of the docker client: `docker lblint check stack.yml`.

Sources: docker/cli cli-plugins/manager/manager.go (where plugins are sought), metadata/metadata.go (what one answers),
cli-plugins/manager/cobra.go and cmd/docker/docker.go (a plugin gets all words, docker's own options before its name).
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, MutableMapping, Sequence

import click

from lblint import UncheckedError, __version__
from lblint.cli import output, script
from lblint.cli.exit_codes import EXIT_UNCHECKED
from lblint.deploy import pflag
from lblint.swarm.endpoint import config_folder

NAME = "lblint"
_MARK = "# Written by `lblint plugin install`."


class PluginError(Exception):
    """The plugin could not be installed, removed or called so; the text says why."""


def path(env: Mapping[str, str]) -> str:
    """Where the client looks for a user's plugins: below DOCKER_CONFIG, or `.docker` at home."""
    return os.path.join(config_folder(env), "cli-plugins", f"docker-{NAME}")


def text(python: str) -> str:
    """The plugin: a script for sh. The client asks every plugin who it is each time it lists them, so that is answered
    without starting Python."""
    import json

    metadata = {
        "SchemaVersion": "0.1.0",
        "Vendor": "lblint",
        "Version": __version__,
        "ShortDescription": "The gate in front of a shared Swarm ingress",
    }
    return (
        f"#!/bin/sh\n{_MARK}\n"
        f'[ "$1" != docker-cli-plugin-metadata ] || {{ printf "%s\\n" {shlex.quote(json.dumps(metadata))}; exit; }}\n'
        f'exec {shlex.quote(python)} -P -m lblint.cli.plugin "$@"\n'
    )


def install_plugin(env: Mapping[str, str]) -> str:
    """Write the plugin, with this interpreter; its path. Raises `PluginError`."""
    file = path(env)
    _own(file)
    try:
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file + ".new", "w", encoding="utf-8", newline="\n") as new:
            new.write(text(sys.executable))
        os.chmod(file + ".new", 0o755)
        os.replace(file + ".new", file)
    except OSError as error:
        raise PluginError(f"{file} cannot be written: {error.strerror or error}") from None
    return file


def uninstall_plugin(env: Mapping[str, str]) -> str:
    """Remove the plugin; its path, "" where there was none. Raises `PluginError`."""
    file = path(env)
    if not _own(file):
        return ""
    try:
        os.unlink(file)
    except OSError as error:
        raise PluginError(f"{file} cannot be removed: {error.strerror or error}") from None
    return file


def _own(file: str) -> bool:
    """Whether the plugin is there. Raises `PluginError` for a file that is not ours."""
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:
            if _MARK not in opened.read(4096):
                raise PluginError(f"{file} was not written by lblint plugin install: it stays as it is")
    except FileNotFoundError:
        return False
    except OSError as error:
        raise PluginError(f"{file} cannot be read: {error.strerror or error}") from None
    return True


def arguments(words: Sequence[str], env: MutableMapping[str, str]) -> list[str]:
    """The arguments for lblint among the words that the client passes on; docker's own options before the plugin's name
    go into the environment, where they mean the same. Raises `PluginError`."""
    given, rest = pflag.before_command(words)
    options = dict(given)
    for name in ("tlscacert", "tlscert", "tlskey"):
        if name in options:
            raise PluginError(f"--{name} is not passed on: name the folder of the three files in DOCKER_CERT_PATH")
    if "host" in options and "context" in options:
        raise PluginError("--host and --context exclude each other")
    if "config" in options:
        env["DOCKER_CONFIG"] = options["config"]
    if "host" in options:
        env["DOCKER_HOST"] = options["host"]
    if "context" in options:
        env.pop("DOCKER_HOST", None)
        env["DOCKER_CONTEXT"] = options["context"]
    for name, variable in (("tls", "DOCKER_TLS"), ("tlsverify", "DOCKER_TLS_VERIFY")):
        if name in options:
            env[variable] = "" if options[name] in ("0", "f", "F", "false", "False", "FALSE") else "1"
    return rest[1:]


def main() -> int:
    """Take docker's own options from the arguments, then go on as `lblint`."""
    from lblint.cli.output import say

    try:
        sys.argv[1:] = arguments(sys.argv[1:], os.environ)
    except PluginError as error:
        say(str(error))
        return EXIT_UNCHECKED
    return script()


if __name__ == "__main__":
    sys.exit(main())


@click.group()
def plugin() -> None:
    """Make lblint a plugin of the docker client: docker lblint check stack.yml."""


@plugin.command()
def install() -> None:
    """Write the plugin below DOCKER_CONFIG (or ~/.docker), with the Python that runs now."""
    try:
        file = install_plugin(os.environ)
    except PluginError as error:
        raise UncheckedError(str(error)) from None
    output.write(output.shown(f"{file} is written: docker {NAME} --help\n"))


@plugin.command()
def uninstall() -> None:
    """Remove the plugin again."""
    try:
        file = uninstall_plugin(os.environ)
    except PluginError as error:
        raise UncheckedError(str(error)) from None
    output.write(output.shown(f"{file} is removed\n" if file else "the plugin is not installed\n"))
