"""`lblint deploy`: `docker stack deploy` behind a check of the files and of the cluster."""

from __future__ import annotations

from typing import Any

from lblint import UncheckedError
from lblint.cli import cluster_connection, deploy_check, deploy_run, inputs, output
from lblint.cli.check import split_names
from lblint.cli.exit_codes import EXIT_FINDINGS
from lblint.cli.options import DEFAULT_MAX_FINDINGS, DOCKER_DEPLOY
from lblint.lint import make_options


def deploy(
    stack: str,
    compose_files: tuple[str, ...],
    host: str | None,
    context: str | None,
    config: str,
    no_config: bool,
    client: str,
    interlock_config: str,
    interlock_version: str,
    nginx: str,
    running: tuple[str, ...],
    fail_on: str | None,
    ignore: tuple[str, ...],
    suppress: str,
    offline: bool,
    dry_run: bool,
    wait_: bool,
    wait_timeout: float,
    color: str,
    **docker_options: Any,
) -> int:
    """Check a stack and the cluster, show what will change, and only then run docker stack deploy.

    Takes the options of docker stack deploy, and hands them on. Every file is read once: docker gets the bytes that
    were checked.

    Exit code: that of docker; 1 findings at or above --fail-on, 2 could not check: then docker was not started. With
    --wait 3, where the services or the proxies do not come to rest.
    """
    from lblint.deploy.pinned_files import folder
    from lblint.report import render_text

    cluster_connection.named(stack)
    if wait_ and offline:
        raise UncheckedError("--wait and --offline exclude each other")
    contents = deploy_check.contents(compose_files)
    docker = cluster_connection.docker(host, context)
    live = None if offline else deploy_check.managers(host, context)
    options = make_options(
        stack,
        client=client or docker.version,
        base=folder(contents[0][0]),
        nginx=nginx,
        deploying=True,
        prune=bool(docker_options["prune"]),
        live=live,
        suppress=suppress,
    )
    options = inputs.with_rules(options, (), split_names(ignore))
    options = inputs.with_interlock(inputs.with_running(options, running), interlock_config, interlock_version)
    options, fails = deploy_check.under(
        [name for name, _ in contents], inputs.config_of(config, no_config), options, fail_on
    )
    result = deploy_check.check(contents, options)
    output.write(render_text(result._replace(most=DEFAULT_MAX_FINDINGS), output.colored(color), output.width()))
    if any(finding.severity >= fails for finding in result.findings):
        output.say(f"{stack} is not deployed: docker was not started")
        return EXIT_FINDINGS
    change = deploy_check.planned(result, live(frozenset([stack])), bool(docker_options["prune"])) if live else None
    output.write(deploy_check.shown(change, stack, result))
    if dry_run:
        return 0
    words = {option.names[-1].removeprefix("--"): docker_options[option.parameter] for option in DOCKER_DEPLOY}

    def start() -> int:
        return deploy_run.run(docker, words, contents, stack)

    if not wait_ or change is None:
        return start()
    return deploy_run.run_and_wait(start, docker, result.checked.stacks[0], change, context, host, wait_timeout)
