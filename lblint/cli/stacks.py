"""Stacks -> result: what is known beside them, and what happens when one cannot be checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from lblint import UncheckedError, rules
from lblint.cli import BUG, files
from lblint.lint import Options, Result, UnknownRuleError, check_stacks
from lblint.source import Source
from lblint.swarm.errors import SwarmError


def interlock_source(name: str) -> Source:
    """Interlock's own config. Raises `files.UnreadableError`."""
    from lblint.source.toml import read_toml

    return read_toml(files.content(name), name)


def with_interlock(options: Options, config: str, version: str) -> Options:
    """The options with Interlock's config, read from a file, and the version of UCP or MKE; "" for none of each.

    Raises `UncheckedError` for a file that cannot be read and for what is no version.
    """
    if not config and not version:
        return options
    from lblint.interlock.version import parse_version

    parsed = parse_version(version)
    if version and parsed is None:
        raise UncheckedError(f"--interlock-version {version!r} is no version of UCP or MKE; write it as 3.2.3 or 3.8")
    try:
        return options._replace(interlock=interlock_source(config) if config else None, version=parsed)
    except files.UnreadableError as error:
        raise UncheckedError(str(error)) from None


def with_running(options: Options, names: Sequence[str]) -> Options:
    """The options with the configs of proxies that run; raises `UncheckedError` for one that cannot be read."""
    if not names:
        return options
    from lblint.proxy.running_config import existing

    try:
        return options._replace(running=tuple(existing(files.content(name), name) for name in names))
    except files.UnreadableError as error:
        raise UncheckedError(str(error)) from None


def with_live(options: Options, live: bool, context: str | None, host: str | None) -> Options:
    """The options with a way to ask the managers, if they are to be asked.

    Raises `UncheckedError` where a daemon is named that nobody is to ask.
    """
    if not live:
        if context or host is not None:
            raise UncheckedError("--host and --context say whom --live asks, which is not given")
        return options
    from lblint.cli.live import reader

    return options._replace(live=reader(context, host))


def check_all(stacks: Sequence[Sequence[Source]], options: Options) -> Result:
    """Check stacks; one that lblint itself fails on is named as unchecked, and the others are checked without it.

    Raises `UncheckedError` for a rule that does not exist, and where the managers are to be asked and cannot be.
    """
    try:
        return check_stacks(stacks, options)
    except UnknownRuleError as error:
        raise no_such_rule(str(error)) from None
    except SwarmError as error:
        raise UncheckedError(str(error)) from None
    except UncheckedError:  # already a sentence for the user
        raise
    except Exception as error:
        if os.environ.get("LBLINT_DEBUG"):
            raise
        return _without_the_failing(stacks, options, error)


def check_rules(options: Options) -> None:
    """Raise `UncheckedError` where the options name a rule that does not exist."""
    known = rules.load()
    for name in sorted(options.select | options.ignore):
        if name not in known:
            raise no_such_rule(name)


def asked_once(options: Options) -> Options:
    """The options for several runs: the managers are asked once."""
    from functools import cache

    return options if options.live is None else options._replace(live=cache(options.live))


def no_such_rule(name: str) -> UncheckedError:
    """What is raised for a rule that does not exist."""
    return UncheckedError(f"there is no rule {name!r}{near(name, rules.load())}; see `lblint rules`")


def _without_the_failing(stacks: Sequence[Sequence[Source]], options: Options, error: Exception) -> Result:
    sound: list[Sequence[Source]] = []
    failed: list[tuple[str, str]] = []
    for stack in stacks:
        try:
            check_stacks([stack], options)
            sound.append(stack)
        except Exception as own:
            failed.append((stack[0].name, _sentence(own)))
    try:
        result = check_stacks(sound, options)
    except Exception:  # each alone is well, all together are not
        return Result((), tuple((stack[0].name, _sentence(error)) for stack in stacks), {}, ())
    sources = {source.name: source for stack in stacks for source in stack}
    return result._replace(unchecked=result.unchecked + tuple(failed), sources=sources)


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}; {BUG}"


def near(name: str, known: Iterable[str]) -> str:
    """A hint at what was probably meant; "" where nothing known is near."""
    import difflib

    plain = {word.replace("_", "-"): word for word in known}
    found = difflib.get_close_matches(name.replace("_", "-").lower(), plain, n=1)
    return f" (did you mean {plain[found[0]]}?)" if found else ""
