"""`lblint guard`: the authorization plugin of dockerd that refuses services which break the ingress."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, Any

import click

from lblint import UncheckedError
from lblint.cli import output
from lblint.cli.commands import command
from lblint.cli.settings import options_of_services
from lblint.finding import Severity
from lblint.guard.authorization import Authorizer, Outcome
from lblint.guard.decision import Policy
from lblint.guard.managers import WatchedManagers
from lblint.guard.plugin import SCHEMA, Plugin, asked, inherited, listening_on
from lblint.guard.systemd import files, report_alive
from lblint.swarm.connection import connect

if TYPE_CHECKING:
    import socket

_REST = "the guard's log has the number of findings; lblint check --live on the stack file shows them"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def guard() -> None:
    """Refuse services that break the ingress, whoever sends them: an authorization plugin of dockerd."""


def run(
    socket: str,
    listen: str,
    tls_cert: str,
    tls_key: str,
    tls_ca: str,
    host: str | None,
    context: str | None,
    config: str,
    no_config: bool,
    ignore: tuple[str, ...],
    fail_on: str | None,
    on_failure: str,
    audit: bool,
    timeout: float,
    max_age: float,
    log: str,
    metrics: str,
) -> int:
    """Serve dockerd as an authorization plugin, until SIGTERM.

    dockerd asks about every call. Calls that create, update or roll back a service are checked as lblint check --live
    does; errors that break the proxy or affect services of others are refused. All other calls are allowed at once.
    docs/guard.md has the roll-out: --audit first.

    Exit code: 0 after SIGTERM, 2 if the socket cannot be served.
    """
    options = options_of_services(config, no_config, ignore)
    policy = Policy(Severity[fail_on.upper()] if fail_on else None, on_failure, _REST)
    managers = WatchedManagers(lambda: connect(context, host), options, max_age)
    count = _metrics(metrics, managers) if metrics else lambda outcome: None
    authorizer = Authorizer(managers, policy, timeout, audit, _logging(log), count)
    begun = time.time()

    def status() -> Mapping[str, Any]:
        return {
            "schema": SCHEMA,
            "pid": os.getpid(),
            "seconds": round(time.time() - begun),
            "audit": audit,
            "fail_on": fail_on or "",
            "on_failure": on_failure,
            "events": managers.listens,
            "snapshot_age": managers.age,
            "decisions": dict(authorizer.outcomes),
        }

    listening, wrap = served_socket(socket, listen, tls_cert, tls_key, tls_ca)
    stopped = threading.Event()
    _until_signal(stopped)
    with Plugin(listening, authorizer, managers.changed, status, wrap) as plugin:
        threading.Thread(target=managers.listen, args=(stopped,), daemon=True).start()
        threading.Thread(target=plugin.serve_forever, daemon=True).start()
        alive = (lambda: bool(listen) or _answers(socket), stopped)
        threading.Thread(target=report_alive, args=alive, daemon=True).start()
        output.say(f"the guard serves {listen or socket}{', and refuses nothing (--audit)' if audit else ''}")
        stopped.wait()
        authorizer.stop()
    return 0


def status(socket: str, format_: str) -> int:
    """Show what a guard on this machine does: since when, how many calls it has decided on, and how.

    Exit code: 0 if it answers, 2 if not.
    """
    import json

    try:
        state = asked(socket)
    except (OSError, ValueError) as error:
        raise UncheckedError(f"no guard answers at {socket}: {getattr(error, 'strerror', None) or error}") from None
    if format_ == "json":
        output.write(json.dumps(state, indent=2) + "\n")
        return 0
    age = state["snapshot_age"]
    read = "not read yet" if age is None else f"read {age:.1f} seconds ago"
    heard = "heard" if state["events"] else "not heard, so that they are read for each call"
    mode = "audit, nothing is refused" if state["audit"] else "refuse"
    limit = f"--fail-on {state['fail_on']}; " if state["fail_on"] else ""
    lines = [
        f"process {state['pid']} serves {socket} since {state['seconds']} seconds",
        f"mode: {mode}; {limit}--on-failure {state['on_failure']}",
        f"managers: {read}; their events are {heard}",
        *(f"{kind}: {number}" for kind, number in sorted(state["decisions"].items())),
    ]
    output.write("".join(f"{line}\n" for line in lines))
    return 0


def install(print_: bool, options: tuple[str, ...]) -> int:
    """Print the files with which systemd and dockerd use the guard, and the commands that put them in force.

    The options after -- are those of lblint guard run. lblint writes no file of the system: copy what is printed.
    """
    if not print_:
        raise UncheckedError("lblint writes no files of the system: lblint guard install --print shows them")
    for path, text in files(sys.executable, options).items():
        kept = ": add this key to what stands there" if path.endswith(".json") else ""
        output.write(f"# {path}{kept}\n{text}\n")
    output.write(
        "# then\n"
        "systemctl daemon-reload\n"
        "systemctl enable --now lblint-guard.socket\n"
        "systemctl reload docker   # dockerd reads authorization-plugins again\n"
    )
    return 0


def _answers(path: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return bool(asked(path))
    return False


def served_socket(
    path: str, listen: str, cert: str, key: str, ca: str
) -> tuple[socket.socket, Callable[[socket.socket], socket.socket]]:
    """The socket to serve, and what makes a connection of one that was accepted. Raises `UncheckedError`."""
    if not listen:
        if cert or key or ca:
            raise UncheckedError("--tls-cert, --tls-key and --tls-ca need --listen")
        try:
            return inherited() or listening_on(path), lambda accepted: accepted
        except OSError as error:
            raise UncheckedError(f"{path} cannot be served: {error.strerror or error}") from None
    if not (cert and key and ca):
        raise UncheckedError("--listen needs --tls-cert, --tls-key and --tls-ca: who reaches the guard could flood it")
    import socket as sockets
    import ssl

    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(cert, key)
        listening = sockets.create_server(_address("--listen", listen))
    except (OSError, ValueError) as error:
        raise UncheckedError(f"{listen} cannot be served: {getattr(error, 'strerror', None) or error}") from None
    return listening, lambda accepted: context.wrap_socket(accepted, server_side=True)


def _address(option: str, text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise UncheckedError(f"{option} {text!r} is no address: write it as 127.0.0.1:9478")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _metrics(address: str, managers: WatchedManagers) -> Callable[[Outcome], None]:
    try:
        from lblint.guard.metrics import serve_metrics
    except ImportError as error:
        raise UncheckedError(f"--metrics needs the package {error.name}: pip install 'lblint[guard]'") from None
    host, port = _address("--metrics", address)
    try:
        return serve_metrics(host, port, lambda: managers.age)
    except OSError as error:
        raise UncheckedError(f"--metrics {address}: {error.strerror or error}") from None


def _logging(name: str) -> Callable[[Mapping[str, Any]], None]:
    """What writes a line of JSON for each call that is not simply let through."""
    import json

    try:
        file: IO[str] = sys.stderr if name == "-" else open(name, "a", encoding="ascii")  # noqa: SIM115
    except OSError as error:
        raise UncheckedError(f"{name} cannot be written: {error.strerror or error}") from None
    lock = threading.Lock()

    def write(entry: Mapping[str, Any]) -> None:
        line = json.dumps(entry) + "\n"
        with lock, contextlib.suppress(OSError):  # a full disk is no reason to refuse a call
            file.write(line)
            file.flush()

    return write


def _until_signal(stopped: threading.Event) -> None:
    import signal

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())


for _function in (run, status, install):
    guard.add_command(command(f"guard {_function.__name__}", _function), _function.__name__)
