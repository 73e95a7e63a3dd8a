"""`lblint gate`: a command whose docker clients reach the managers through a judge."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lblint import UncheckedError
from lblint.cli import cluster_connection, output
from lblint.cli.exit_codes import EXIT_FINDINGS
from lblint.cli.settings import options_of_services
from lblint.deploy import client as clients
from lblint.deploy import pflag
from lblint.finding import Severity
from lblint.guard.api_call import Call
from lblint.guard.decision import Decision, Policy, decide
from lblint.guard.managers import AskedManagers
from lblint.swarm.connection import connect
from lblint.swarm.endpoint import choose

CHOOSES_DAEMON = ("host", "context", "tls", "tlsverify", "tlscacert", "tlscert", "tlskey")
"""Options of docker, before its command, that lead past the gate."""
_OWN = ("DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
"""Variables of the daemon that is chosen, which must not count for the gate's own socket."""


def gate(
    command: tuple[str, ...],
    host: str | None,
    context: str | None,
    config: str,
    no_config: bool,
    ignore: tuple[str, ...],
    fail_on: str | None,
    on_failure: str,
) -> int:
    """Run a command, and refuse what it asks of the managers if that breaks the proxy.

    DOCKER_HOST is set to a socket that leads to the daemon. Calls that create or update a service are checked as
    lblint check --live does; errors that break the proxy or affect services of others are refused, and the docker
    client shows why. All other calls pass unchanged.

    Exit code: that of the command; 1 if a call was refused, 2 if the command was not started.
    """
    if os.name == "nt":
        raise UncheckedError("lblint gate needs unix sockets, which the docker client does not use on Windows")
    import tempfile

    _leads_here(command)
    docker = cluster_connection.docker(host, context)
    with cluster_connection.open_swarm(context, host):  # a daemon that is not there is named before the command runs
        pass
    refused: list[Decision] = []
    managers = AskedManagers(lambda: connect(context, host), options_of_services(config, no_config, ignore))
    policy = Policy(Severity[fail_on.upper()] if fail_on else None, on_failure, "lblint shows them below")

    def judge(call: Call) -> Decision:
        decision = decide(call, managers, policy)
        if not decision.allowed:
            refused.append(decision)
        return decision

    try:
        from lblint.guard.daemon import connecting
        from lblint.guard.forwarder import Forwarder
    except ImportError as error:
        raise UncheckedError(f"lblint gate needs the package {error.name}: pip install 'lblint[guard]'") from None
    with tempfile.TemporaryDirectory(prefix="lblint-") as folder:
        path = os.path.join(folder, "docker.sock")
        forwarder = Forwarder(path, connecting(choose(context, host, os.environ), docker), judge)
        env = {name: value for name, value in os.environ.items() if name not in _OWN}
        try:
            code = clients.run(command, env=env | {"DOCKER_HOST": f"unix://{path}"})
        except clients.ClientError as error:
            raise UncheckedError(str(error)) from None
        finally:
            forwarder.close()
    for decision in refused:
        output.say(decision.message)
        for finding in decision.refused_for[1:]:
            output.say(f"{finding.severity}: {finding.message} [{finding.rule}]")
    return EXIT_FINDINGS if refused else code


def _leads_here(command: Sequence[str]) -> None:
    """Raise `UncheckedError` for a docker command that names its daemon itself, as that leads past the gate."""
    if os.path.basename(command[0]) != "docker":
        return
    for name, _ in pflag.before_command(command[1:])[0]:
        if name in CHOOSES_DAEMON:
            raise UncheckedError(
                f"docker --{name} would lead past the gate: name the daemon before the command, "
                "lblint gate --host HOST -- docker …, or lblint gate --context CONTEXT -- docker …"
            )
