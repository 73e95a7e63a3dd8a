"""What the rules on Interlock's own config share."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Edit, Fix, Hit, Place, Severity
from lblint.interlock import config_keys
from lblint.interlock.config import Extension, InterlockConfig, Setting
from lblint.interlock.proxy_options.verdict import Judged, judge_options
from lblint.interlock.value_problems import Problem
from lblint.proxy.settings import PARTS, given

CORE_STOPS = (
    "Interlock's core does not start with this config: ucp-interlock is rolled back, and no route changes until it is "
    "fixed"
)
PROXY_MISSING = (
    "the manager refuses the service or finds no node for it, so this proxy does not run and no route through it works"
)


def sure(problem: Problem) -> bool:
    """Return whether a value cannot work; else it is only unlikely to be meant."""
    return problem.severity is Severity.ERROR


def problem_hit(setting: Setting, place: Place, problem: Problem) -> Hit:
    """Return a hit for one problem of a value, narrowed to the part of a string that is meant."""
    texts = setting.key.kind in (config_keys.TEXT, config_keys.TEXTS)
    if texts and problem.end > problem.start and (problem.start or setting.key.name.endswith("LogFormat")):
        place = place._replace(chars=(problem.start, problem.end))
    return Hit(place, f"{setting.key.name}: {problem.says}", problem.help, fixes=_fix(setting, place, problem))


def _fix(setting: Setting, place: Place, problem: Problem) -> tuple[Fix, ...]:
    """What the problem offers, of the type of the key. It was surely meant if it is the same number, with another unit
    or sign between."""
    new: object = problem.write
    if setting.key.kind == config_keys.NUMBER:
        new = int(problem.write) if problem.write.isdecimal() else ""
    elif setting.key.kind not in (config_keys.TEXT, config_keys.TEXTS) or setting.key.name.endswith("LogFormat"):
        new = ""
    if problem.kind == "ciphers":
        place = place._replace(chars=None)
    old, kept = str(setting.value), _digits(problem.write)
    safe = sure(problem) and kept != "" and kept == _digits(old) and "-" not in old
    return (Fix(f"write {problem.write}", (Edit("write", place, new),), safe),) if new != "" else ()


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def own_problems(config: InterlockConfig) -> Iterator[tuple[Setting, Place, Problem]]:
    """What is wrong with the values of the core and the extensions themselves."""
    for table in (config.core, *(extension.own for extension in config.extensions)):
        for setting in table.values():
            yield from ((setting, place, problem) for place, problem in setting.problems())


def proxy_problems(config: InterlockConfig) -> Iterator[tuple[Setting, Place, Problem]]:
    """What is wrong with the values that reach the config of a proxy."""
    for extension in config.extensions:
        for setting in extension.config.values():
            yield from ((setting, place, problem) for place, problem in setting.problems())


def option_problems(config: InterlockConfig) -> Iterator[tuple[Extension, str, Setting, Judged]]:
    """Yield the problems of the options of each proxy, with the name of the list that holds each."""
    for extension in config.extensions:
        for name, part in PARTS.items() if not extension.haproxy else ():
            setting = extension.config.get(name.lower())
            if setting is not None:
                for judged in judge_options(part, setting.value, given(part)):
                    yield extension, name, setting, judged


def named(extension: Extension) -> str:
    """Return an extension as a message names it: the header of its table."""
    return f"[Extensions.{extension.name}]"
