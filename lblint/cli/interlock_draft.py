"""`lblint interlock new`: a config.toml for service clusters or host mode, from the one that runs."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lblint import UncheckedError
from lblint.cli import inputs, interlock_config, output
from lblint.finding import Severity
from lblint.lint import make_options

if TYPE_CHECKING:
    from lblint.interlock.config_draft import Choices, NodeLabels
    from lblint.source.toml import TomlSource

_PORTS = re.compile(r"(?:(?P<cluster>[^=]*)=)?(?P<http>[0-9]{1,5})(?::(?P<tls>[0-9]{1,5}))?")


def new(
    clusters: str,
    host_mode: bool,
    ports: tuple[str, ...],
    replicas: str | None,
    base: str,
    default: bool,
    interlock_version: str,
    host: str | None,
    context: str | None,
    service: str,
    file: str,
) -> int:
    """Write a config.toml for service clusters or host mode.

    It is made from the running config (or --from FILE, or --default): comments and order stay, and each value that is
    set has a comment that says why. Nothing is changed in the Swarm. The docker commands that label the nodes for the
    proxies come after it: on stdout with --output, else on stderr.

    Exit code: 0, 2 could not read or write.
    """
    from lblint.interlock.config_draft import DraftError, draft_config

    choices = _choices(clusters, host_mode, ports, replicas)
    source = _base(base, default, interlock_version, host, context, service)
    config = interlock_config.config_of(source)
    if len(choices.ports) == 1 and "" in choices.ports:
        choices = choices._replace(ports={_only(choices.clusters, [e.cluster for e in config.extensions]):
                                          choices.ports[""]})  # fmt: skip
    try:
        draft = draft_config(source.text, config, choices)
    except DraftError as error:
        raise UncheckedError(f"{source.name}: {error}", source.name) from None
    commands = _commands(draft.labels)
    if file:
        from lblint.cli.report_targets import save

        try:
            save(file, draft.text)
        except OSError as error:
            raise UncheckedError(f"cannot write {file}: {error.strerror or error}") from None
    else:
        output.write(output.shown(draft.text))
    output.write(commands, None if file else sys.stderr)
    _tell_errors(draft.text, file or "config.toml")
    return 0


def _choices(clusters: str, host_mode: bool, ports: Sequence[str], replicas: str | None) -> Choices:
    """Return what is asked for. Raises `UncheckedError` for what makes no sense."""
    from lblint.interlock.config_draft import Choices
    from lblint.interlock.config_values import check_service

    names = tuple(name.strip() for name in clusters.split(",")) if clusters else ()
    for name in names:
        if not name or any(check_service(f"ucp-interlock-extension-{name}")):
            raise UncheckedError(
                f"--clusters {clusters}: {name!r} is not a valid name: use letters, digits, - and _, at most 39"
            )
        if names.count(name) > 1:
            raise UncheckedError(f"--clusters {clusters}: {name} is named twice")
    if replicas is not None and not (replicas.isascii() and replicas.isdecimal() and 1 <= int(replicas[:6]) <= 9999):
        raise UncheckedError(f"--replicas {replicas}: write a number from 1 to 9999")
    read: dict[str, tuple[int, int | None]] = {}
    for text in ports:
        match = _PORTS.fullmatch(text)
        numbers = [int(number) for number in (match["http"], match["tls"]) if number] if match else []
        if match is None or not all(1 <= number <= 65535 for number in numbers):
            raise UncheckedError(f"--port {text}: write it as dev=8080 or dev=8080:8443, with ports from 1 to 65535")
        if (match["cluster"] or "") in read:
            raise UncheckedError(f"--port {text}: the ports of this service cluster are given twice")
        read[match["cluster"] or ""] = (numbers[0], numbers[1] if len(numbers) > 1 else None)
    if "" in read and len(read) > 1:
        raise UncheckedError("--port without a service cluster cannot stand beside others")
    return Choices(names, host_mode, read, None if replicas is None else int(replicas))


def _only(asked: Sequence[str], there: Sequence[str]) -> str:
    """Return the only service cluster. Raises `UncheckedError` where there are several."""
    from lblint.interlock.config_draft import DEFAULT_CLUSTER

    names = asked or [name or DEFAULT_CLUSTER for name in there]
    if len(names) != 1:
        raise UncheckedError(f"--port needs a service cluster: one of {', '.join(names)}")
    return names[0]


def _base(base: str, default: bool, version: str, host: str | None, context: str | None, service: str) -> TomlSource:
    """Return the config to begin with. Raises `UncheckedError`."""
    from lblint.interlock.config_draft import default_config
    from lblint.interlock.version import parse_version, without_interlock
    from lblint.source.toml import read_toml

    if base and default:
        raise UncheckedError("--from and --default exclude each other")
    if (base or default) and (host is not None or context or service):
        raise UncheckedError("--host, --context and --service are about the running config: leave out --from and "
                             "--default")  # fmt: skip
    if version and not default:
        raise UncheckedError("--interlock-version needs --default")
    if base:
        return interlock_config.read_file(base)
    if default:
        parsed = parse_version(version)
        if parsed is None or parsed.patch is None:
            raise UncheckedError("--default needs --interlock-version, with all of its numbers: 3.2.3")
        if without_interlock(parsed):
            raise UncheckedError(f"--interlock-version {version}: {without_interlock(parsed)}")
        return read_toml(default_config(parsed).encode(), "the default config")
    _, running = interlock_config.running_config(host, context, service)
    output.say(interlock_config.describe(running))
    return read_toml(running.text.encode(), running.use.name)


def _commands(labels: Sequence[NodeLabels]) -> str:
    """Return the docker commands that label the nodes, a line each."""
    lines = []
    for one in labels:
        flags = " ".join(f"--label-add {key}={value}" for key, value in one.labels)
        count = f"{one.nodes} node{'' if one.nodes == 1 else 's'}, one for each proxy" if one.nodes > 1 else "1 node"
        lines.append(f"docker node update {flags} NODE  # {one.cluster}: at least {count}\n")
    return "".join(lines)


def _tell_errors(text: str, name: str) -> None:
    """Say where lblint finds errors in the new config: they were in the old one."""
    from lblint.source.toml import read_toml

    result = inputs.check_all([[read_toml(text.encode(), name)]], make_options())
    errors = sum(finding.severity is Severity.ERROR for finding in result.findings)
    if errors:
        output.say(f"the config still has {errors} error{'' if errors == 1 else 's'}: see lblint check {name}")
