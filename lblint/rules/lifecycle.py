"""Rules on health checks, restarts and updates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, Stage
from lblint.rules import _fixes, rule
from lblint.rules._access import nanoseconds, setting
from lblint.stack import Stack, client
from lblint.stack.units import MILLISECOND


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def healthcheck_test_form(stack: Stack) -> Iterator[Hit]:
    """The test of a health check does not begin with CMD, CMD-SHELL or NONE.

    As a list, a test names how it is run first. Managers accept anything; the container cannot be created then.
    """
    for service in stack.services:
        test = setting(service.config, "healthcheck", "test") or ()
        if test and test[0] not in ("CMD", "CMD-SHELL", "NONE"):
            place = stack.place("services", service.key, "healthcheck", "test")
            first = "CMD-SHELL" if len(test) == 1 and " " in str(test[0]) else "CMD"
            yield Hit(
                place,
                f'the test begins with "{test[0]}", not with CMD, CMD-SHELL or NONE',
                "CMD in front, or the test as one text",
                fixes=(Fix(f"write {first} in front", (Edit("insert", place.child(0), first),)),),
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def healthcheck_disabled_and_tested(stack: Stack) -> Iterator[Hit]:
    """A health check is disabled and given a test.

    Docker refuses `disable: true` beside a `test`. In several files it comes about when an override disables the check:
    the test of the first file stays.

    Docker says `test and disable can't be set at the same time`.
    """
    for service in stack.services:
        health = setting(service.config, "healthcheck") or {}
        if health.get("disable") and health.get("test"):
            yield Hit(
                stack.place("services", service.key, "healthcheck", "disable"),
                "test and disable can't be set at the same time",
                '`test: ["NONE"]` alone to disable the check of the image',
            )


_NAMES = {
    "interval": "Interval", "timeout": "Timeout", "start_period": "StartPeriod", "start_interval": "StartInterval"
}  # fmt: skip


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def healthcheck_too_quick(stack: Stack) -> Iterator[Hit]:
    """A health check has a time below one millisecond.

    Managers take 0, which means the default, and one millisecond or more; a negative time is refused, too.

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
                yield Hit(
                    stack.place("services", service.key, "healthcheck", key),
                    f"{key} of {health[key]}: {name} in HealthConfig cannot be less than 1ms",
                    "the unit that is meant, such as 10s",
                )


@rule(
    on=Stack,
    severity=Severity.WARNING,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="the deploy is accepted, but the containers may survive the removal of the stack",
)
def negative_grace_period(stack: Stack) -> Iterator[Hit]:
    """The grace period of a service is negative.

    Nobody checks it. A container with a negative stop_grace_period is not stopped in order: it may outlive the service
    and keep its networks from being removed.
    """
    for service in stack.services:
        if nanoseconds(service.config, "stop_grace_period") < 0:
            yield Hit(
                stack.place("services", service.key, "stop_grace_period"),
                f"stop_grace_period {service.config['stop_grace_period']} is negative, and nobody refuses it",
                "the time without its sign",
            )


_RESTARTS = ("", "no", "always", "unless-stopped", "on-failure")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def unknown_restart(stack: Stack) -> Iterator[Hit]:
    """`restart` has a value that docker does not know.

    Docker says that it ignores `restart`, and yet reads it where there is no `deploy.restart_policy`: always,
    unless-stopped, on-failure, on-failure:<n>, or "no". Anything else stops the deploy when the networks are made.

    Docker says `unknown restart policy: <policy>`.
    """
    for service in stack.services:
        restart = service.config.get("restart") or ""
        if setting(service.config, "deploy", "restart_policy") is not None:
            continue
        told = _fault(restart, client(stack.client).release)
        if told:
            place = stack.place("services", service.key, "restart")
            yield Hit(
                place,
                f'restart "{restart}": {told}',
                "deploy.restart_policy with a condition of any, on-failure or none",
                fixes=_fixes.corrected(place, restart.lower(), _RESTARTS[1:]),
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def restart_count_negative(stack: Stack) -> Iterator[Hit]:
    """`restart` has a negative number of attempts, which docker clients from 29.5 on refuse.

    `on-failure:-1` was taken for no limit. Write `on-failure` for that, or a `deploy.restart_policy`. Without
    `--client`, this is a warning.
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
            said = f'restart "{restart}": docker clients from 29.5 on refuse a negative count'
            yield Hit(place, said, policy, severity, fixes=_fixes.write(place, policy))


def _fault(restart: str, release: tuple[int, int]) -> str:
    """What a client of this release says against it (docker/cli opts/parse.go ParseRestartPolicy, and from 29.5 on
    cli/compose/convert/service.go convertRestartPolicy); a negative count has a rule of its own."""
    policy, colon, count = restart.partition(":")
    if colon and not policy:
        return "invalid restart policy format: no policy provided before colon"
    if count and not re.fullmatch(r"[+-]?[0-9]{1,18}", count):
        return "invalid restart policy format: maximum retry count must be an integer"
    if policy in _RESTARTS:
        return ""
    if release < (29, 5):
        return f"unknown restart policy: {restart}"
    if count.startswith("-") and int(count) < 0:
        return "invalid restart policy: maximum retry count cannot be negative"
    return (
        f"invalid restart policy: unknown policy '{policy}' (must be one of 'no', 'always', 'on-failure', or "
        "'unless-stopped')"
    )


_MEANT = {"always": "any", "unless-stopped": "any", "no": "none", "never": "none", "on_failure": "on-failure"}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def restart_condition_unknown(stack: Stack) -> Iterator[Hit]:
    """The condition of a restart policy is none that a manager knows.

    The conditions are any, on-failure and none. `always` and `unless-stopped` belong to containers, not to services.

    The manager says `invalid RestartCondition: "always"`.
    """
    for service in stack.services:
        condition = setting(service.config, "deploy", "restart_policy", "condition") or ""
        if condition not in ("", "any", "on-failure", "none"):
            meant = _MEANT.get(condition)
            place = stack.place("services", service.key, "deploy", "restart_policy", "condition")
            known = ("any", "on-failure", "none")
            yield Hit(
                place,
                f'the manager says: invalid RestartCondition: "{condition}"',
                f"{meant}" if meant else "any, on-failure or none",
                fixes=_fixes.write(place, meant) if meant else _fixes.corrected(place, condition.lower(), known),
            )


@rule(on=Stack, severity=Severity.WARNING, consequence="tasks that end are started again, without limit")
def restart_no_becomes_any(stack: Stack) -> Iterator[Hit]:
    """`restart: "no"` makes a service that is restarted for ever.

    Docker sends no restart policy for "no", and Swarm's default is to restart a task whatever happens. A task that ends
    on purpose is started again and again.
    """
    for service in stack.services:
        restart = str(service.config.get("restart") or "")
        if restart.partition(":")[0] == "no" and setting(service.config, "deploy", "restart_policy") is None:
            place = stack.place("services", service.key, "restart")
            policy = Place(place.file, (*place.path[:2], "deploy", "restart_policy"))
            edit = Edit("insert", policy, "none", "condition")
            fix = Fix("write deploy.restart_policy with condition: none", (edit,), safe=False)
            yield Hit(
                place,
                f'restart "{restart}" has the effect of `any`: no policy is sent, and that is Swarm\'s default',
                "deploy.restart_policy with `condition: none`",
                fixes=(fix,),
            )


_UPDATE_ACTIONS = {"failure_action": ("pause", "continue", "rollback"), "order": ("stop-first", "start-first")}
_TOLD = {"failure_action": "unrecognized update failure action", "order": "unrecognized update order"}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def update_action_unknown(stack: Stack) -> Iterator[Hit]:
    """What to do when an update fails is none of what a manager knows.

    `failure_action` of update_config and rollback_config is pause, continue or rollback; `order` is stop-first or
    start-first.

    The manager says `unrecognized update failure action <action>`.
    """
    for service in stack.services:
        for part in ("update_config", "rollback_config"):
            for key, known in _UPDATE_ACTIONS.items():
                given = setting(service.config, "deploy", part, key) or ""
                if given and given not in known:
                    place = stack.place("services", service.key, "deploy", part, key)
                    yield Hit(
                        place,
                        f"the manager says: {_TOLD[key]} {given}",
                        f"{' or '.join(known)}",
                        fixes=_fixes.corrected(place, given.lower(), known),
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

    Managers refuse a failure ratio outside 0 to 1, and negative delays, monitor times and windows of updates and
    restarts.

    The manager says `update-maxfailureratio cannot be less than 0 or bigger than 1`, `update-delay cannot be negative`,
    `update-monitor cannot be negative`, `restart-delay cannot be negative` or `restart-window cannot be negative`.
    """
    for service in stack.services:
        path = ("services", service.key, "deploy")
        for part, key, name in _TIMES:
            if nanoseconds(service.config, "deploy", part, key) < 0:
                time = setting(service.config, "deploy", part, key)
                told = f"{key} of {time}: {name} cannot be negative"
                yield Hit(stack.place(*path, part, key), told, "the time without its sign")
        ratio = setting(service.config, "deploy", "update_config", "max_failure_ratio") or 0
        if not 0 <= ratio <= 1:
            yield Hit(
                stack.place(*path, "update_config", "max_failure_ratio"),
                f"max_failure_ratio {ratio}: cannot be less than 0 or bigger than 1",
                "a share of the tasks, such as 0.2",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def job_with_update_config(stack: Stack) -> Iterator[Hit]:
    """A job is given an update_config.

    A job (`replicated-job`, `global-job`) runs to its end and is not updated task by task; managers refuse the setting.

    The manager says `Jobs may not have an update config`.
    """
    for service in stack.services:
        mode = setting(service.config, "deploy", "mode")
        if mode in ("replicated-job", "global-job") and setting(service.config, "deploy", "update_config") is not None:
            place = stack.place("services", service.key, "deploy", "update_config")
            yield Hit(
                place,
                f"update_config beside `mode: {mode}`: Jobs may not have an update config",
                "nothing in its place",
                fixes=_fixes.remove(place, "update_config"),
            )
