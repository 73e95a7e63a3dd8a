"""Rules on settings that managers do not check, and that every node refuses when it creates a container."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.lazy_re import pattern
from lblint.rules import _fixes, rule
from lblint.rules._access import certainty, entries, odd_pipes, setting
from lblint.stack import Stack, client
from lblint.stack.deprecated_keys import sent
from lblint.stack.faults import GrammarError
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
    """A stop_signal is not a signal of Linux.

    Managers accept any string, and then the nodes reject every task: `Invalid signal`. A signal is a number other than
    0, or a name of signal(7), with or without `SIG`, in any case.
    """
    certain = certainty(stack)
    for service in stack.services:
        signal = service.config.get("stop_signal")
        if not isinstance(signal, str) or not signal:
            continue
        if int(signal) if _NUMBER.fullmatch(signal) else signal.upper().removeprefix("SIG") in _SIGNALS:
            continue
        place = stack.place("services", service.key, "stop_signal")
        fixes = _fixes.corrected(place, signal.upper(), [f"SIG{name}" for name in _SIGNALS], safe=False)
        help = fixes[0].title if fixes else "write a name of signal(7), such as SIGTERM, or remove stop_signal"
        yield Hit(place, f'stop_signal "{signal}" is not a Linux signal', help, certain(place), fixes=fixes)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def environment_without_name(stack: Stack) -> Iterator[Hit]:
    """An entry of environment has no variable name.

    Managers accept `=value` and an empty entry, and then the nodes reject every task: `invalid environment variable`.
    Write the name before the equals sign, or remove the entry.
    """
    for service in stack.services:
        variables = setting(service.config, "environment") or {}
        if "" in variables:
            value = "" if variables[""] is None else f"={variables['']}"
            place = stack.place("services", service.key, "environment", "")
            yield Hit(
                place,
                f'the environment entry "{value}" has no variable name' if value else "an environment entry is empty",
                f"write the variable name before {value}, or remove the entry" if value else "remove it",
                certainty(stack)(place),
            )


_LIMITS = frozenset(
    [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime", "sigpending", "stack",
    ]
)  # fmt: skip
"""The ulimits that both the client and runc know (docker/go-units ulimit.go)."""
_UNLIMITED = 1 << 64


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def ulimit_invalid(stack: Stack) -> Iterator[Hit]:
    """A ulimit does not exist, or its soft limit is above its hard limit.

    Managers accept any name and any numbers, and then no container of the service starts: `wrong rlimit value`. The
    value -1 means unlimited.
    """
    for service in stack.services if sent("ulimits", client(stack.client).release) else ():
        for name, value in (setting(service.config, "ulimits") or {}).items():
            place = stack.place("services", service.key, "ulimits", name)
            if name not in _LIMITS:
                fixes = _fixes.corrected(place.on_key(), name, _LIMITS, safe=False)
                help = fixes[0].title if fixes else f"write one of {', '.join(sorted(_LIMITS))}"
                yield Hit(place.on_key(), f'ulimit "{name}" does not exist', help, fixes=fixes)
                continue
            single, soft, hard = (setting(value or {}, key) or 0 for key in ("single", "soft", "hard"))
            lower, upper = (single, single) if single else (soft, hard)
            if _limit(lower) > _limit(upper):
                written = f"{lower} (unlimited)" if lower == -1 else lower
                message = f"the soft limit {written} of ulimit {name} is above its hard limit {upper}"
                yield Hit(place, message, f"set soft to {upper}, or hard to {lower}")


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
    """An option of the log driver json-file or local does not exist, or has an invalid value.

    Managers accept any option, and then the nodes reject every task: `unknown log opt`. json-file has the options
    max-size, max-file, compress, labels, labels-regex, env, env-regex and tag; local has the first three; both have
    mode and max-buffer-size. Without `driver` the default of the node applies, which is usually json-file. Then only a
    name that is surely misspelt is reported, as a warning.
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
                message = f'the log driver {driver or "json-file"} has no option "{name}"'
                if driver or fixes:
                    help = fixes[0].title if fixes else f"remove it, or write one of {', '.join(sorted(known))}"
                    yield Hit(place.on_key(), message, help, None if driver else Severity.WARNING, fixes=fixes)
                continue
            fault, help = _log_fault(name, str(value or ""), options) if driver else ("", "")
            if fault:
                yield Hit(place, f'log option {name} "{value}" {fault}', help, certain(place))


def _log_fault(name: str, value: str, options: Mapping[str, object]) -> tuple[str, str]:
    """Return what a value lacks and what to do; "" twice where the driver accepts it.

    Source: moby daemon/logger: jsonfilelog.go, local/config.go, loginfo.go.
    """
    if name in ("max-size", "max-buffer-size"):
        size = parse_size(value)
        if isinstance(size, GrammarError) or size < (name == "max-size"):
            return "is not a size above 0", f"write a size such as {'10m' if name == 'max-size' else '4m'}"
    if name == "max-file" and not (_NUMBER.fullmatch(value) and int(value) > 0):
        return "is not a number above 0", "write 1 or more"
    if name == "compress":
        if value not in _FLAGS:
            return "is not true or false", 'write "true" or "false"'
        files = str(options.get("max-file") or "1")
        if value in _FLAGS[:6] and (files in ("0", "1") or not options.get("max-size")):
            return "needs max-size, and max-file of 2 or more", 'add max-size, and set max-file to "2" or more'
    if name == "mode" and value not in ("", "blocking", "non-blocking"):
        return "is neither blocking nor non-blocking", "write blocking or non-blocking"
    if name == "max-buffer-size" and str(options.get("mode") or "") != "non-blocking":
        return "needs mode: non-blocking", "add mode: non-blocking, or remove max-buffer-size"
    return "", ""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def file_owner_not_a_number(stack: Stack) -> Iterator[Hit]:
    """The uid or gid of a secret or config is not a number.

    Managers accept any string, but the node needs a number, so no container of the service starts. The names of users
    are known only inside the image. `id -u NAME` or `id -g NAME` in a container prints the number.
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
                            f'{key} "{value}" is not a number',
                            f"write the number that `id -{key[0]} {str(value).strip()}` prints in the image",
                            certain(place),
                        )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def template_driver_unknown(stack: Stack) -> Iterator[Hit]:
    """The template_driver of a secret or config does not exist.

    Managers accept any string, and then no container of a service that uses the secret or config starts: `unrecognized
    template type`. The only driver is `golang`.
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
                    f'template_driver "{driver}" of {item.kind} "{item.key}" does not exist',
                    "write golang, or remove it if the file is not a template",
                    certain(place),
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def named_pipe_on_linux(stack: Stack) -> Iterator[Hit]:
    r"""A mount of the type npipe has a path that is not a Windows named pipe.

    Only Windows has named pipes, such as `\\.\pipe\docker_engine`. A Linux node rejects every task: `mount type
    unknown`. On Windows, source and target must both be paths of pipes. With `--live`, lblint checks whether the Swarm
    has Windows nodes.
    """
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            odd = odd_pipes(mount) if mount.get("type") == "npipe" else []
            if odd:
                yield Hit(
                    stack.place("services", service.key, "volumes", index),
                    f'"{odd[0]}" is not a Windows named pipe, and Linux has no named pipes',
                    "write type: bind for a path on the node, or type: volume for a volume",
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def mount_target_same_path(stack: Stack) -> Iterator[Hit]:
    """Two mounts of a service have the same target, spelled differently.

    Managers compare targets as strings, nodes compare them as paths: `/data` and `/data/` are the same path. So the
    nodes reject every task: `Duplicate mount point`. Give each mount its own target.
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
                    f'the mount targets "{other}" and "{target}" are the same path',
                    f"change {target}, or remove one of the mounts",
                )
