"""Rules on settings that managers accept unread and that every node refuses when it makes a container."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.lazy_re import pattern
from lblint.rules import _fixes, rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._mounts import odd_pipes
from lblint.stack import Stack, client
from lblint.stack.deprecated_keys import sent
from lblint.stack.gofmt import GrammarError
from lblint.stack.units import parse_size

_SIGNALS = frozenset(
    [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
        "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
        "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX", *(f"RTMIN+{n}" for n in range(1, 16)),
        *(f"RTMAX-{n}" for n in range(1, 15)),
    ]
)  # fmt: skip
"""The signals of Linux by docker (moby/sys signal/signal_linux.go)."""
_NUMBER = pattern(r"[+-]?[0-9]+")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def stop_signal_unknown(stack: Stack) -> Iterator[Hit]:
    """A stop_signal does not exist.

    Managers accept any text; every task is rejected by its node: `Invalid signal`. A signal is a number other than 0,
    or a name with or without SIG, in any case.
    """
    certain = certainty(stack)
    for service in stack.services:
        signal = service.config.get("stop_signal")
        if not isinstance(signal, str) or not signal:
            continue
        if int(signal) if _NUMBER.fullmatch(signal) else signal.upper().removeprefix("SIG") in _SIGNALS:
            continue
        place = stack.place("services", service.key, "stop_signal")
        yield Hit(
            place,
            f'stop_signal "{signal}" does not exist: every task is rejected',
            "a signal of signal(7), such as SIGTERM",
            certain(place),
            fixes=_fixes.corrected(place, signal.upper(), [f"SIG{name}" for name in _SIGNALS], safe=False),
        )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def environment_without_name(stack: Stack) -> Iterator[Hit]:
    """An entry of environment has no name.

    Managers accept `=value` and an empty entry; every task is rejected by its node: `invalid environment variable`.
    """
    for service in stack.services:
        variables = setting(service.config, "environment") or {}
        if "" in variables:
            value = "" if variables[""] is None else f"={variables['']}"
            place = stack.place("services", service.key, "environment", "")
            yield Hit(
                place,
                f'environment variable "{value}" has no name: every task is rejected',
                f"NAME{value}, with the name that the program reads" if value else "remove the empty entry",
                certainty(stack)(place),
            )


_LIMITS = frozenset(
    [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime", "sigpending", "stack",
    ]
)  # fmt: skip
"""Those that the client and runc know alike (docker/go-units ulimit.go)."""
_UNLIMITED = 1 << 64


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def ulimit_invalid(stack: Stack) -> Iterator[Hit]:
    """A ulimit does not exist, or cannot be set.

    Managers accept any name and any numbers; no container of the service starts with a name that Linux does not have
    (`wrong rlimit value`), or with a soft limit above the hard one. -1 means without a limit.
    """
    for service in stack.services if sent("ulimits", client(stack.client).release) else ():
        for name, given in (setting(service.config, "ulimits") or {}).items():
            place = stack.place("services", service.key, "ulimits", name)
            if name not in _LIMITS:
                yield Hit(
                    place.on_key(),
                    f'there is no ulimit "{name}": no container starts',
                    f"one of {', '.join(sorted(_LIMITS))}",
                    fixes=_fixes.corrected(place.on_key(), name, _LIMITS, safe=False),
                )
                continue
            single, soft, hard = (setting(given or {}, key) or 0 for key in ("single", "soft", "hard"))
            lower, upper = (single, single) if single else (soft, hard)
            if _limit(lower) > _limit(upper):
                help = f"soft: {upper}, or hard: {lower}" if lower > 0 else "a soft limit below the hard one"
                yield Hit(place, f"ulimit {name}: soft {lower} is above hard {upper}: no container starts", help)


def _limit(value: int) -> int:
    return value if value >= 0 else value + _UNLIMITED


_GENERAL = ("mode", "max-buffer-size", "cache-disabled", "cache-max-size", "cache-max-file", "cache-compress")
"""Options of docker itself, for each driver (moby daemon/logger/factory.go)."""
_SIZES = ("max-size", "max-file", "compress")
_LOG_OPTIONS = {
    "json-file": frozenset([*_GENERAL, *_SIZES, "labels", "labels-regex", "env", "env-regex", "tag"]),
    "local": frozenset([*_GENERAL, *_SIZES]),
}
_FLAGS = ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def log_option_invalid(stack: Stack) -> Iterator[Hit]:
    """An option of the log driver json-file or local does not exist, or has a value that the driver refuses.

    Managers accept any option; every task is rejected by its node: `unknown log opt`. json-file knows max-size,
    max-file, compress, labels, labels-regex, env, env-regex and tag, local the first three, and both mode and
    max-buffer-size. Without a `driver` the nodes' own default counts, mostly json-file: only what is surely misspelt is
    found then, as a warning.
    """
    certain = certainty(stack)
    for service in stack.services:
        driver = setting(service.config, "logging", "driver") or ""
        options = setting(service.config, "logging", "options") or {}
        known = _LOG_OPTIONS.get(driver or "json-file", frozenset())
        for name, value in options.items() if known else ():
            place = stack.place("services", service.key, "logging", "options", name)
            if name not in known:
                fixes = _fixes.corrected(place.on_key(), name, known, safe=False)
                said = f'the log driver {driver or "json-file"} has no option "{name}": every task is rejected'
                if driver or fixes:
                    help = f"one of {', '.join(sorted(known))}"
                    yield Hit(place.on_key(), said, help, None if driver else Severity.WARNING, fixes=fixes)
                continue
            told = _log_fault(name, str(value or ""), options) if driver else ""
            if told:
                said = f'log option {name}: "{value}" {told}: no container starts'
                yield Hit(place, said, _LOG_HELP[name], certain(place))


_LOG_HELP = {
    "max-size": "a size, such as 10m",
    "max-file": "a number from 1 on",
    "compress": 'compress: "true" with max-size and with max-file from 2 on',
    "mode": "blocking or non-blocking",
    "max-buffer-size": "a size, such as 4m, and mode: non-blocking",
}


def _log_fault(name: str, value: str, options: Mapping[str, object]) -> str:
    """What the driver says against a value (moby daemon/logger: jsonfilelog.go, local/config.go, loginfo.go)."""
    if name in ("max-size", "max-buffer-size"):
        size = parse_size(value)
        if isinstance(size, GrammarError) or size < (name == "max-size"):
            return "is not a size above 0"
    if name == "max-file" and not (_NUMBER.fullmatch(value) and int(value) > 0):
        return "is not a number from 1 on"
    if name == "compress":
        if value not in _FLAGS:
            return "is not true or false"
        files = str(options.get("max-file") or "1")
        if value in _FLAGS[:6] and (files in ("0", "1") or not options.get("max-size")):
            return "needs max-size and at least 2 for max-file"
    if name == "mode" and value not in ("", "blocking", "non-blocking"):
        return "is neither blocking nor non-blocking"
    if name == "max-buffer-size" and str(options.get("mode") or "") != "non-blocking":
        return "needs mode: non-blocking"
    return ""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def file_owner_not_a_number(stack: Stack) -> Iterator[Hit]:
    """The uid or gid of a secret or config is not a number.

    Managers accept any text; no container of the service starts, as its node reads a number there. Names of users are
    known inside of an image alone: `id -u NAME` in it tells the number.
    """
    certain = certainty(stack)
    for service in stack.services:
        for section in ("secrets", "configs"):
            for index, used in entries(service.config, section):
                for key in ("uid", "gid"):
                    value = setting(used, key)
                    if value and _NUMBER.fullmatch(str(value)) is None:
                        place = stack.place("services", service.key, section, index, key)
                        yield Hit(
                            place,
                            f'{key} "{value}" is not a number: no container starts',
                            f"the number that `id -{key[0]} {str(value).strip()}` tells in the image",
                            certain(place),
                        )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def template_driver_unknown(stack: Stack) -> Iterator[Hit]:
    """The template_driver of a secret or config does not exist.

    Managers accept any text; no container of a service that uses it starts: `unrecognized template type`. There is one,
    `golang`.
    """
    certain = certainty(stack)
    for section, declared in (("secrets", stack.secrets), ("configs", stack.configs)):
        used = {str(setting(use, "source")) for s in stack.services for _, use in entries(s.config, section)}
        for item in declared.values():
            driver = item.config.get("template_driver")
            if driver and driver != "golang" and not item.external and item.key in used:
                place = stack.place(section, item.key, "template_driver")
                yield Hit(
                    place,
                    f'template_driver "{driver}" does not exist: no container with {item.kind} "{item.key}" starts',
                    "golang, or remove it if the file is not a template",
                    certain(place),
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def named_pipe_on_linux(stack: Stack) -> Iterator[Hit]:
    r"""A mount of the type npipe is not one of Windows.

    Named pipes are what Windows has, such as `\\.\pipe\docker_engine`; every task that is put on a Linux node is
    rejected: `mount type unknown`. On Windows, source and target must be paths of pipes. Whether there are such nodes
    is asked of a running Swarm (`--live`).
    """
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            odd = odd_pipes(mount) if mount.get("type") == "npipe" else []
            if odd:
                yield Hit(
                    stack.place("services", service.key, "volumes", index),
                    f'npipe mount: "{odd[0]}" is not a named pipe of Windows, Linux has none: every task is rejected',
                    "type: bind for a path of the node, type: volume for a volume",
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def mount_target_same_path(stack: Stack) -> Iterator[Hit]:
    """Two mounts of a service have one target, written in two ways.

    Managers compare targets as texts, nodes as paths: `/data` and `/data/` are one, and every task is rejected:
    `Duplicate mount point`.
    """
    from posixpath import normpath

    for service in stack.services:
        first: dict[str, str] = {}
        for index, mount in entries(service.config, "volumes"):
            target = str(mount.get("target") or "")
            if not target.startswith("/") or "{{" in target:
                continue
            other = first.setdefault("/" + normpath(target).lstrip("/"), target)
            if other != target:
                place: Place = stack.place("services", service.key, "volumes", index)
                yield Hit(
                    place,
                    f"mount target {target} is {other}, which another mount has already: every task is rejected",
                    "a target of its own for each mount",
                )
