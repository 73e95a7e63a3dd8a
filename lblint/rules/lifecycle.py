"""Rules on health checks, restarts and updates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, Stage
from lblint.rules import _fixes, rule
from lblint.rules._access import nanoseconds, setting
from lblint.rules._wording import alternatives
from lblint.stack import Stack, client
from lblint.stack.units import MILLISECOND


@rule(
    on=Stack,
    severity=Severity.WARNING,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="no health check runs, and the tasks stay in the state Starting",
)
def healthcheck_test_form(stack: Stack) -> Iterator[Hit]:
    """The test of a health check does not begin with CMD, CMD-SHELL or NONE.

    The first item of a list says how the rest is run: `CMD` runs it as a command, `CMD-SHELL` in a shell, `NONE`
    disables the check. Managers accept any list. With another first item the container is started, but no check ever
    runs, and the task waits in the state `Starting` (docker engine 20.10).
    """
    for service in stack.services:
        test = setting(service.config, "healthcheck", "test") or ()
        if test and test[0] not in ("CMD", "CMD-SHELL", "NONE"):
            place = stack.place("services", service.key, "healthcheck", "test")
            first = "CMD-SHELL" if len(test) == 1 and " " in str(test[0]) else "CMD"
            help = f'insert {first} before "{test[0]}"'
            yield Hit(
                place,
                f'healthcheck.test begins with "{test[0]}", not with CMD, CMD-SHELL or NONE',
                help,
                fixes=(Fix(help, (Edit("insert", place.child(0), first),)),),
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def healthcheck_disabled_and_tested(stack: Stack) -> Iterator[Hit]:
    """A health check is disabled and given a test.

    Docker refuses `disable: true` together with a `test`. With several files it happens when an override disables the
    check: the test of the first file stays, and has to be removed there.

    Docker says `test and disable can't be set at the same time`.
    """
    for service in stack.services:
        health = setting(service.config, "healthcheck") or {}
        if health.get("disable") and health.get("test"):
            yield Hit(
                stack.place("services", service.key, "healthcheck", "disable"),
                "healthcheck sets both disable and test",
                "remove test to disable the check, or remove disable to run it",
                docker="test and disable can't be set at the same time",
            )


_NAMES = {
    "interval": "Interval", "timeout": "Timeout", "start_period": "StartPeriod", "start_interval": "StartInterval"
}  # fmt: skip


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def healthcheck_too_quick(stack: Stack) -> Iterator[Hit]:
    """A time of a health check is shorter than one millisecond.

    Managers accept 0, which means the default, and times from one millisecond on. They refuse negative times too.

    The manager says `Interval in HealthConfig cannot be less than 1ms`, or the same of `Timeout in HealthConfig` and
    `StartPeriod in HealthConfig`.
    """
    for service in stack.services:
        health = setting(service.config, "healthcheck") or {}
        if health.get("disable"):
            continue
        for key, name in _NAMES.items():
            time = nanoseconds(health, key)
            if time and time < MILLISECOND:
                meant = health[key].removeprefix("-")
                valid = time < 0 and nanoseconds({key: meant}, key) >= MILLISECOND
                yield Hit(
                    stack.place("services", service.key, "healthcheck", key),
                    f"healthcheck.{key} is {health[key]}, which is "
                    + ("negative" if time < 0 else "shorter than one millisecond"),
                    f"write {meant}" if valid else "write 1ms or more",
                    docker=f"{name} in HealthConfig cannot be less than 1ms",
                )


@rule(
    on=Stack,
    severity=Severity.WARNING,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="the containers may outlive the stack and keep its networks from being removed",
)
def negative_grace_period(stack: Stack) -> Iterator[Hit]:
    """The grace period of a service is negative.

    Neither the client nor the managers refuse it. A container with a negative `stop_grace_period` is not stopped
    properly: on docker engine 20.10 it ran on after `docker stack rm`, and its network could not be removed.
    """
    for service in stack.services:
        if nanoseconds(service.config, "stop_grace_period") < 0:
            period = service.config["stop_grace_period"]
            yield Hit(
                stack.place("services", service.key, "stop_grace_period"),
                f"stop_grace_period is {period}, which is negative",
                f"write {period.removeprefix('-')}",
            )


_RESTARTS = ("", "no", "always", "unless-stopped", "on-failure")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def unknown_restart(stack: Stack) -> Iterator[Hit]:
    """`restart` is not one of docker's restart policies.

    Docker warns that it ignores `restart`, but reads it where a service has no `deploy.restart_policy`. The values are
    always, unless-stopped, on-failure, on-failure:<n> and "no". Any other stops the deploy after the networks are
    created. A `deploy.restart_policy` takes its place.

    Docker says `unknown restart policy: <policy>`.
    """
    for service in stack.services:
        restart = service.config.get("restart") or ""
        if setting(service.config, "deploy", "restart_policy") is not None:
            continue
        message, words = _fault(restart, client(stack.client).release)
        if message:
            place = stack.place("services", service.key, "restart")
            fixes = _fixes.corrected(place, restart.lower(), _RESTARTS[1:])
            known = 'write always, unless-stopped, on-failure, on-failure:<n> or "no"'
            yield Hit(place, message, fixes[0].title if fixes else known, fixes=fixes, docker=words)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def restart_count_negative(stack: Stack) -> Iterator[Hit]:
    """`restart` has a negative number of attempts, which docker clients refuse from 29.5 on.

    Clients before 29.5 take `on-failure:-1` for no limit. Write `on-failure` for that, or a `deploy.restart_policy`.
    Where `--client` does not name the version, the finding is a warning.
    """
    if stack.client_given and client(stack.client).release < (29, 5):
        return
    for service in stack.services:
        restart = str(service.config.get("restart") or "")
        policy, _, count = restart.partition(":")
        known = policy in _RESTARTS[1:] and re.fullmatch("-0*[1-9][0-9]*", count)
        if setting(service.config, "deploy", "restart_policy") is None and known:
            place = stack.place("services", service.key, "restart")
            severity = None if stack.client_given else Severity.WARNING
            message = f'restart is "{restart}"; docker clients refuse a negative number of attempts from 29.5 on'
            yield Hit(place, message, f"write {policy}", severity, fixes=_fixes.write(place, policy))


def _fault(restart: str, release: tuple[int, int]) -> tuple[str, str]:
    """Return what is wrong with a restart policy, and the words of a client of this release; two empty strings for a
    valid one. A negative count has a rule of its own.

    Source: docker/cli opts/parse.go ParseRestartPolicy, and from 29.5 on cli/compose/convert/service.go
    convertRestartPolicy.
    """
    policy, colon, count = restart.partition(":")
    invalid = "invalid restart policy format"
    if colon and not policy:
        return (
            f'restart is "{restart}", without a policy before the colon',
            f"{invalid}: no policy provided before colon",
        )
    if count and not re.fullmatch(r"[+-]?[0-9]{1,18}", count):
        return (
            f'restart is "{restart}", but "{count}" is not a number of attempts',
            f"{invalid}: maximum retry count must be an integer",
        )
    if policy in _RESTARTS:
        return "", ""
    message = f'restart is "{restart}", which is not a restart policy'
    if release < (29, 5):
        return message, f"unknown restart policy: {restart}"
    if count.startswith("-") and int(count) < 0:
        return message, "invalid restart policy: maximum retry count cannot be negative"
    return message, (
        f"invalid restart policy: unknown policy '{policy}' (must be one of 'no', 'always', 'on-failure', or "
        "'unless-stopped')"
    )


_MEANT = {"always": "any", "unless-stopped": "any", "no": "none", "never": "none", "on_failure": "on-failure"}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def restart_condition_unknown(stack: Stack) -> Iterator[Hit]:
    """The condition of a restart policy is not one of any, on-failure and none.

    Managers know these three. `always` and `unless-stopped` belong to `docker run`: for a service they are `any`.

    The manager says `invalid RestartCondition: "always"`.
    """
    for service in stack.services:
        condition = setting(service.config, "deploy", "restart_policy", "condition") or ""
        if condition not in ("", "any", "on-failure", "none"):
            meant = _MEANT.get(condition)
            place = stack.place("services", service.key, "deploy", "restart_policy", "condition")
            known = ("any", "on-failure", "none")
            fixes = _fixes.write(place, meant) if meant else _fixes.corrected(place, condition.lower(), known)
            yield Hit(
                place,
                f'"{condition}" is not a condition of deploy.restart_policy',
                fixes[0].title if fixes else f"write {alternatives(known)}",
                fixes=fixes,
                docker=f'invalid RestartCondition: "{condition}"',
            )


@rule(on=Stack, severity=Severity.WARNING, consequence="tasks that end are started again, without limit")
def restart_no_becomes_any(stack: Stack) -> Iterator[Hit]:
    """`restart: "no"` does not keep Swarm from restarting a service.

    For "no" the client sends no restart policy, and Swarm's default is to restart a task whenever it ends. A task that
    ends on purpose is started again and again. `deploy.restart_policy` with `condition: none` prevents that.
    """
    for service in stack.services:
        restart = str(service.config.get("restart") or "")
        if restart.partition(":")[0] == "no" and setting(service.config, "deploy", "restart_policy") is None:
            place = stack.place("services", service.key, "restart")
            policy = Place(place.file, (*place.path[:2], "deploy", "restart_policy"))
            edit = Edit("insert", policy, "none", "condition")
            help = "add deploy.restart_policy with condition: none"
            yield Hit(
                place,
                f'restart is "{restart}", but Swarm restarts the tasks anyway',
                help,
                fixes=(Fix(help, (edit,), safe=False),),
            )


_UPDATE_ACTIONS = {"failure_action": ("pause", "continue", "rollback"), "order": ("stop-first", "start-first")}
_REFUSALS = {"failure_action": "unrecognized update failure action", "order": "unrecognized update order"}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def update_action_unknown(stack: Stack) -> Iterator[Hit]:
    """The failure_action or order of an update is not one that managers know.

    `failure_action` is pause, continue or rollback, and `order` is stop-first or start-first, in `update_config` and in
    `rollback_config`.

    The manager says `unrecognized update failure action <action>`.
    """
    for service in stack.services:
        for part in ("update_config", "rollback_config"):
            for key, known in _UPDATE_ACTIONS.items():
                action = setting(service.config, "deploy", part, key) or ""
                if action and action not in known:
                    place = stack.place("services", service.key, "deploy", part, key)
                    fixes = _fixes.corrected(place, action.lower(), known)
                    yield Hit(
                        place,
                        f'"{action}" is not a valid deploy.{part}.{key}',
                        fixes[0].title if fixes else f"write {alternatives(known)}",
                        fixes=fixes,
                        docker=f"{_REFUSALS[key]} {action}",
                    )


_TIMES = (
    ("update_config", "delay", "update-delay"),
    ("update_config", "monitor", "update-monitor"),
    ("restart_policy", "delay", "restart-delay"),
    ("restart_policy", "window", "restart-window"),
)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def update_out_of_range(stack: Stack) -> Iterator[Hit]:
    """An update or restart setting is out of its range.

    Managers refuse a `max_failure_ratio` outside 0 to 1: it is a fraction of the tasks, not a percentage. They also
    refuse negative delays, monitor times and windows of updates and restarts.

    The manager says `update-maxfailureratio cannot be less than 0 or bigger than 1`, `update-delay cannot be negative`,
    `update-monitor cannot be negative`, `restart-delay cannot be negative` or `restart-window cannot be negative`.
    """
    for service in stack.services:
        path = ("services", service.key, "deploy")
        for part, key, name in _TIMES:
            if nanoseconds(service.config, "deploy", part, key) < 0:
                time = setting(service.config, "deploy", part, key)
                yield Hit(
                    stack.place(*path, part, key),
                    f"deploy.{part}.{key} is {time}, which is negative",
                    f"write {time.removeprefix('-')}",
                    docker=f"TaskSpec: {name} cannot be negative",
                )
        ratio = setting(service.config, "deploy", "update_config", "max_failure_ratio") or 0
        if not 0 <= ratio <= 1:
            yield Hit(
                stack.place(*path, "update_config", "max_failure_ratio"),
                f"deploy.update_config.max_failure_ratio is {ratio:g}, which is not between 0 and 1",
                f"write {ratio / 100:g} for {ratio:g} percent" if 1 < ratio <= 100 else "write a value from 0 to 1",
                docker="TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def job_with_update_config(stack: Stack) -> Iterator[Hit]:
    """A job has an update_config.

    A job (`replicated-job`, `global-job`) runs to its end and is not updated task by task. Managers refuse the setting.

    The manager says `Jobs may not have an update config`.
    """
    for service in stack.services:
        mode = setting(service.config, "deploy", "mode")
        if mode in ("replicated-job", "global-job") and setting(service.config, "deploy", "update_config") is not None:
            place = stack.place("services", service.key, "deploy", "update_config")
            yield Hit(
                place,
                f"deploy.update_config is set, but deploy.mode is {mode}",
                "remove deploy.update_config",
                fixes=_fixes.remove(place, "deploy.update_config"),
                docker="Jobs may not have an update config",
            )
