"""Arguments -> runs: which files make which stack, and which stacks share an ingress."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lblint import UncheckedError, rules
from lblint.cli import files, unforeseen
from lblint.cli.options import DEFAULT_FAIL_ON, DEFAULT_MAX_FINDINGS
from lblint.cli.output import say
from lblint.finding import SEVERITIES
from lblint.lint import Checked, Options, Result, UnknownRuleError, check_stacks
from lblint.records import NamedTuple
from lblint.source import Source, unread, unreadable
from lblint.stack import client as parsed
from lblint.stack import parse
from lblint.swarm.errors import SwarmError

if TYPE_CHECKING:
    from lblint.finding import Position
    from lblint.lint import Silenced
    from lblint.settings import Settings


CONFIG = ".toml"
"""How the names of Interlock's config files end."""


_IN_SWARM = re.compile(r"com\.docker\.(?:ucp\.)?interlock(?:\.[a-z]+)?(?:[-.]\d+)?(?:\.conf)?(?:-\d+)?")
"""What UCP calls the config in the Swarm: com.docker.ucp.interlock.conf-1."""


def is_config(name: str) -> bool:
    """Whether a file is named as Interlock's own config is: *.toml, or as docker calls it."""
    return name.lower().endswith(CONFIG) or _IN_SWARM.fullmatch(os.path.basename(name)) is not None


def is_input(name: str) -> bool:
    """Whether a file looks like one that lblint reads: a stack, a config of Interlock, or settings."""
    if not os.path.lexists(name):
        return False
    return is_config(name) or os.path.basename(name) in files.SETTINGS or files.is_stack(name)


def is_unreadable(source: Source) -> bool:
    """Whether a source stands for a file that could not be read (`lblint.source.unreadable`)."""
    return unread(source) is None and bool(source.unchecked) and not source.text


class Run(NamedTuple):
    """Stacks that share one ingress, each as its files in merge order, and what is known of them. `settings` is the
    `.lblint.yml` that they lie under. `notes` are sentences on what was named and is not among the stacks; `skipped`
    are files that look like stacks and are left out, with the reason. Files that are `kept` are never written."""

    stacks: list[list[Source]]
    options: Options
    settings: Settings | None = None
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    kept: frozenset[str] = frozenset()


def read_runs(
    names: Sequence[str],
    compose_files: Sequence[str],
    options: Options,
    config: str | None = "",
    configs: bool = False,
    force_exclude: bool = False,
) -> list[Run]:
    """The stacks that the arguments name, by the settings that they lie under: one run for each ingress.

    Every one of `names` is a stack of its own (a folder: every stack file below it); `compose_files` are merged into
    one. Without any, it is all that the settings of the working folder are about. `config` is a file of settings for
    all of them, "" where each is to be looked for, None for none. With `configs`, a name that ends in .toml is a config
    of Interlock and no stack, and what cannot be read is a source that says so (`Source.unchecked`), so that the others
    are checked all the same. With `force_exclude`, a file that is named is left out where a search would leave it out;
    then nothing may be left, and is no error. Raises `UncheckedError` where nothing is left, where the arguments make
    no sense together, and, without `configs`, where a file cannot be read.
    """
    if parse(options.stack.client) is None:
        raise UncheckedError(
            f"--client {options.stack.client!r} is not a version of the docker client; write it as 20.10 or 28.2.2"
        )
    if [*names, *compose_files].count(files.STDIN) > 1:
        raise UncheckedError("- (stdin) was given twice")
    expanded = files.expand(names, force_exclude)
    by_settings = _by_settings(names, expanded.files, compose_files, config)
    runs = []
    for path, of_path in by_settings.items():
        settings, own = None, options
        try:
            if path:
                from lblint.cli.settings import under

                asked = compose_files if force_exclude else [*names, *compose_files]
                settings, of_path, own = under(path, config == "", of_path, asked, options, expanded)
        except UncheckedError as error:
            if not configs or len(by_settings) == 1:
                raise
            runs.append(Run([[unreadable(*entry)] for entry in entries(error)], options))
            continue
        read = [_sources(stack, names, own.stack.client, configs, expanded.unlisted) for stack in of_path]
        kept = frozenset() if settings is None else _excluded(settings, of_path, asked)
        runs.append(Run(read, own, settings, kept=kept))
    stacks = [stack for run in runs for stack in run.stacks]
    if force_exclude and not stacks and expanded.skipped:
        return [Run([], options, skipped=tuple(expanded.skipped.items()))]
    if not stacks:
        but = [run.settings.file for run in runs if run.settings is not None and run.settings.exclude]
        excluded = f", or {' and '.join(but)} excludes them" if but else ""
        where = ", ".join(names) or "."
        raise UncheckedError(f"no stack file found below {where}{excluded}{_skipped(expanded.skipped)}")
    failed = [source for stack in stacks for source in stack if is_unreadable(source)]
    if len(failed) == sum(map(len, stacks)):
        lines = [f"{source.name}: {source.unchecked}" for source in failed]
        raise UncheckedError("\n".join(lines), *(source.name for source in failed))
    several = sum(stack[0].dialect != "toml" for stack in stacks)
    if options.stack.name is not None and several > 1:
        raise UncheckedError(f"--stack-name names one stack, but {several} were given")
    runs[0] = runs[0]._replace(notes=tuple(_empty_folders(expanded, runs)), skipped=tuple(expanded.skipped.items()))
    return runs


def entries(error: UncheckedError) -> list[tuple[str, str]]:
    """Return what could not be checked as a result has it: for each line of the text the file, "." where there is none,
    and the reason."""
    lines = str(error).splitlines()
    files = error.files if len(error.files) == len(lines) else (error.files or (".",))[:1] * len(lines)
    return [(file, line.removeprefix(f"{file}: ")) for file, line in zip(files, lines, strict=True)]


def _empty_folders(expanded: files.Found, runs: Sequence[Run]) -> Iterator[str]:
    """Yield a sentence for each folder that was named and in which no stack file is left to be checked."""
    kept = {os.path.realpath(source.name) for run in runs for stack in run.stacks for source in stack}
    for folder, below in expanded.of_folder.items():
        if not any(os.path.realpath(file) in kept for file in below):
            skipped = {name: why for name, why in expanded.skipped.items() if name.startswith(folder)}
            yield f"no stack file found below {folder}{_skipped(skipped)}"


def _skipped(skipped: Mapping[str, str]) -> str:
    """Return what is said of skipped files where nothing else is left; "" where there are none."""
    if not skipped:
        return ""
    named = ", ".join(f"{name} ({why})" for name, why in list(skipped.items())[:3])
    more = f" and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    return f"; skipped {named}{more}: name a file to check it all the same"


def _excluded(settings: Settings, stacks: Iterable[Sequence[str]], asked: Sequence[str]) -> frozenset[str]:
    """Return the files of stacks that the settings exclude and that nobody asked for by their names: they are part of
    a stack of several files."""
    if not settings.exclude:
        return frozenset()
    return frozenset(name for stack in stacks for name in stack if name not in asked and settings.excludes(name))


def settings_of(names: Sequence[str], config: str | None) -> Settings | None:
    """The settings that one stack lies under, by the names of its files; None for none. Raises `UncheckedError`."""
    start = os.path.dirname(names[0]) if names[0] != files.STDIN else ""
    path = files.settings_above(start, {}) if config == "" else config
    if not path:
        return None
    from lblint.cli.settings import load

    return load(path, [] if config else [start or "."])


def _by_settings(
    names: Sequence[str], paths: Sequence[str], compose_files: Sequence[str], config: str | None
) -> dict[str, list[list[str]]]:
    """The stacks as the names of their files, by the path of the settings that each lies under ("" for none). No stack
    means all that the settings are about: they themselves were named, or nothing was. `found` are the files that the
    `names` stand for."""
    if not names and not compose_files:
        path = files.settings_above("", {}) if config == "" else config
        if not path:
            raise UncheckedError("no stack file given; name one, a folder, or - for stdin")
        return {path: []}
    stacks = [[name] for name in paths]
    if compose_files:
        stacks.insert(0, list(compose_files))
    if config is None or config:
        return {config or "": stacks}
    known: dict[str, str] = {}
    by_path: dict[str, list[list[str]]] = {}
    for stack in stacks:
        folder = os.path.dirname(stack[0]) if stack[0] != files.STDIN else ""
        by_path.setdefault(files.settings_above(folder, known), []).append(stack)
    for path, of_path in by_path.items():
        if any(os.path.basename(stack[0]) in files.SETTINGS for stack in of_path) and path:
            by_path[path] = []
    return by_path


def _sources(
    stack: Sequence[str], names: Sequence[str], client: str, configs: bool, unlisted: Mapping[str, str]
) -> list[Source]:
    """The files of a stack, read; a config of Interlock counts as one where it was named. With `configs`, what cannot
    be read is a source that says so; folders that could not be listed are `unlisted`. Raises `UncheckedError`."""
    try:
        return _read(stack, names, parsed(client).dialect, configs, unlisted)
    except files.UnreadableError as error:
        raise UncheckedError(str(error), error.name) from None


def _read(
    stack: Sequence[str], names: Sequence[str], dialect: str, configs: bool, unlisted: Mapping[str, str]
) -> list[Source]:
    def load(read: Callable[..., Source], name: str, *more: str) -> Source:
        try:
            if name in unlisted:
                raise files.UnreadableError(name, unlisted[name])
            return read(name, *more)
        except files.UnreadableError as error:
            if not configs:
                raise
            return unreadable(error.name, error.reason, "toml" if read is interlock_source else dialect)

    if stack[0] == files.STDIN and stack[0] in names and configs:
        source = load(files.load_either, files.STDIN, dialect)
        _tell(source)
        return [source]
    if not is_config(stack[0]) or stack[0] not in names:
        return [load(files.load, name, dialect) for name in stack]
    if not configs:
        raise UncheckedError(f"{stack[0]}: is not a stack file; lblint check reads Interlock's config")
    source = load(interlock_source, stack[0])
    _tell(source)
    return [source]


def _tell(source: Source) -> None:
    """Say on stderr that a file was read as Interlock's config, where its name does not."""
    if source.dialect == "toml" and not source.name.lower().endswith(CONFIG):
        say(f"{source.name}: read as Interlock's config")


def behind(runs: Sequence[Run]) -> list[str]:
    """The files that were read beside the stacks: settings, and what they name."""
    names = [run.options.surroundings.interlock.name for run in runs if run.options.surroundings.interlock is not None]
    for settings in (run.settings for run in runs if run.settings is not None):
        names += [settings.file, *(os.path.join(settings.folder, name) for _, name in settings.named())]
    return names


def config_of(config: str, no_config: bool) -> str | None:
    """The options --config and --no-config as one. Raises `UncheckedError` where both are given."""
    if config and no_config:
        raise UncheckedError("--config and --no-config exclude each other")
    return None if no_config else config


def with_baseline(runs: list[Run], name: str) -> list[Run]:
    """The runs beside the baseline in a file, or beside those that their settings name. Raises `UncheckedError` for one
    that cannot be read."""
    if not name and not any(run.settings is not None and run.settings.baseline for run in runs):
        return runs
    from lblint.cli.baseline import beside

    return [beside(run, name) for run in runs]


def limit(runs: Sequence[Run], fail_on: str | None) -> str:
    """The severity that counts: as given, or the lowest that the settings name."""
    if fail_on is not None:
        return fail_on
    named = [run.settings.fail_on for run in runs if run.settings is not None and run.settings.fail_on]
    return max(named, key=SEVERITIES.index, default=DEFAULT_FAIL_ON)


def most_listed(runs: Sequence[Run], most: int | None) -> int:
    """How many findings of one rule in one file are listed, 0 for all: as given, or the most that the settings name."""
    if most is not None:
        return most
    named = [run.settings.max_findings for run in runs if run.settings and run.settings.max_findings is not None]
    return 0 if 0 in named else max(named, default=DEFAULT_MAX_FINDINGS)


def one_ingress(runs: Sequence[Run]) -> Run:
    """The only ingress that the arguments name. Raises `UncheckedError` where there are several."""
    if len(runs) > 1:
        under = " and ".join(run.settings.file if run.settings else "no settings" for run in runs[:2])
        raise UncheckedError(f"the stacks belong to {len(runs)} ingresses (under {under}): name those of one, or give "
                             "--config or --no-config")  # fmt: skip
    return runs[0]


def check_runs(runs: Sequence[Run]) -> Result:
    """Check what the arguments name, each ingress by itself; raises as `check_all` does."""
    result = together([check_all(run.stacks, run.options) for run in runs])
    return result._replace(skipped=tuple(dict.fromkeys(entry for run in runs for entry in run.skipped)))


def together(results: Sequence[Result]) -> Result:
    """What several ingresses have, as one."""
    if len(results) == 1:
        return results[0]
    findings = {(f.file, f.position, f.rule, f.message): f for result in results for f in result.findings}
    return Result(
        tuple(sorted(findings.values(), key=lambda f: (f.file, f.position))),
        tuple(dict.fromkeys(entry for result in results for entry in result.unchecked)),
        Checked(
            {name: source for result in results for name, source in result.checked.sources.items()},
            tuple(stack for result in results for stack in result.checked.stacks),
            values={name: value for result in results for name, value in result.checked.values.items()},
        ),
        silenced=tuple(sorted((entry for result in results for entry in result.silenced), key=_place)),
        baseline=next((result.baseline for result in results if result.baseline is not None), None),
        rules=tuple(dict.fromkeys(rule for result in results for rule in result.rules)),
    )


def _place(silenced: Silenced) -> tuple[str, Position]:
    return silenced.finding.file, silenced.finding.position


def interlock_source(name: str) -> Source:
    """Interlock's own config. Raises `files.UnreadableError`."""
    from lblint.source.toml import read_toml

    return read_toml(files.content(name), name)


def with_interlock(options: Options, config: str, version: str, keep: bool = False) -> Options:
    """The options with Interlock's config, read from a file, and the version of UCP or MKE; "" for none of each.

    Raises `UncheckedError` for what is no version and, without `keep`, for a file that cannot be read.
    """
    if not config and not version:
        return options
    from lblint.interlock.version import parse_version, without_interlock

    parsed = parse_version(version)
    if version and parsed is None:
        raise UncheckedError(
            f"--interlock-version {version!r} is not a version of UCP or MKE; write it as 3.2.3 or 3.8"
        )
    if parsed is not None and without_interlock(parsed):
        raise UncheckedError(f"--interlock-version {version}: {without_interlock(parsed)}")
    try:
        return options._replace(
            surroundings=options.surroundings._replace(
                interlock=interlock_source(config) if config else None, version=parsed
            )
        )
    except files.UnreadableError as error:
        if keep:
            return options._replace(
                surroundings=options.surroundings._replace(
                    interlock=unreadable(error.name, error.reason, "toml"), version=parsed
                )
            )
        raise UncheckedError(str(error), error.name) from None


def with_running(options: Options, names: Sequence[str], keep: bool = False) -> Options:
    """The options with the configs of proxies that run. With `keep`, one that cannot be read says so (`unchecked`);
    without it, raises `UncheckedError`."""
    if not names:
        return options
    from lblint.interlock.running_proxy import Running
    from lblint.proxy.running_config import existing

    running = []
    for name in names:
        try:
            running.append(existing(files.content(name), name))
        except files.UnreadableError as error:
            if not keep:
                raise UncheckedError(str(error), error.name) from None
            running.append(Running(error.name, unchecked=error.reason))
    return options._replace(surroundings=options.surroundings._replace(running=tuple(running)))


def with_live(options: Options, live: bool, context: str | None, host: str | None) -> Options:
    """The options with a way to ask the managers, if they are to be asked.

    Raises `UncheckedError` where a daemon is named that nobody is to ask.
    """
    if not live:
        if context or host is not None:
            raise UncheckedError("--host and --context need --live")
        return options
    from lblint.cli.cluster_connection import reader

    return options._replace(surroundings=options.surroundings._replace(live=reader(context, host)))


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
    except ImportError as error:  # a package that is missing is missing for every stack
        raise UncheckedError(sentence(error)) from error
    except Exception as error:
        if os.environ.get("LBLINT_DEBUG"):
            raise
        return _without_the_failing(stacks, options, error)


def with_rules(options: Options, select: Iterable[str], ignore: Iterable[str]) -> Options:
    """Return the options with rules to select and to ignore: names, patterns (`invalid-*`) or topics.

    A rule that the settings switch off stays off where only a pattern or topic selects it. Raises `UncheckedError` for
    a name that is none of them, and for a pattern that no rule matches.
    """
    selected = {name: _rules_of(name) for name in select}
    ignored = {name: _rules_of(name) for name in ignore}
    exact = frozenset(name for name, matches in selected.items() if matches == {name})
    return options._replace(
        rules=options.rules._replace(
            select=frozenset().union(*selected.values()), exact=exact, ignore=frozenset().union(*ignored.values())
        )
    )


def _rules_of(name: str) -> frozenset[str]:
    """Return the rules that a name, a pattern or a topic stands for. Raises `UncheckedError` for none."""
    known = rules.load()
    if name in known:
        return frozenset({name})
    if any(char in name for char in "*?["):
        from fnmatch import fnmatchcase

        matches = frozenset(rule for rule in known if fnmatchcase(rule, name))
        if not matches:
            raise UncheckedError(f"no rule matches {name!r}; see `lblint rules`")
        return matches
    matches = frozenset(rule.id for rule in known.values() if rule.topic == name)
    if not matches:
        from lblint.report.topic_page import topic, topic_ids

        if name not in topic_ids():
            raise no_such_rule(name)
        matches = topic(name).rules & known.keys()
    return matches


def check_rules(options: Options) -> None:
    """Raise `UncheckedError` where the options name a rule that does not exist."""
    known = rules.load()
    for name in sorted(options.rules.select | options.rules.ignore):
        if name not in known:
            raise no_such_rule(name)


def asked_once(options: Options) -> Options:
    """The options for several runs: the managers are asked once."""
    from functools import cache

    return (
        options
        if options.surroundings.live is None
        else options._replace(surroundings=options.surroundings._replace(live=cache(options.surroundings.live)))
    )


def no_such_rule(name: str) -> UncheckedError:
    """What is raised for a rule that does not exist."""
    known = {*rules.load(), *rules.topics()}
    return UncheckedError(f"there is no rule {name!r}{near(name, known)}; see `lblint rules`")


def _without_the_failing(stacks: Sequence[Sequence[Source]], options: Options, error: Exception) -> Result:
    sound: list[Sequence[Source]] = []
    failed: list[tuple[str, str]] = []
    for stack in stacks:
        try:
            check_stacks([stack], options)
            sound.append(stack)
        except Exception as own:
            failed.append((stack[0].name, sentence(own)))
    try:
        result = check_stacks(sound, options)
    except Exception:  # each alone is well, all together are not
        return Result((), tuple((stack[0].name, sentence(error)) for stack in stacks), Checked({}, ()))
    sources = {source.name: source for stack in stacks for source in stack}
    checked = result.checked._replace(sources=sources)
    return result._replace(unchecked=result.unchecked + tuple(failed), checked=checked)


def sentence(error: Exception) -> str:
    """Return what is said of an exception that nobody foresaw."""
    return unforeseen(error)


def near(name: str, known: Iterable[str]) -> str:
    """A hint at what was probably meant; "" where nothing known is near."""
    import difflib

    plain = {word.replace("_", "-"): word for word in known}
    closest = difflib.get_close_matches(name.replace("_", "-").lower(), plain, n=1)
    return f" (did you mean {plain[closest[0]]}?)" if closest else ""
