"""`.lblint.yml` on the command line: trusted and read; imported only where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from lblint import UncheckedError, rules
from lblint.cli import files
from lblint.cli.inputs import interlock_source
from lblint.cli.output import say
from lblint.finding import Breaks, Severity
from lblint.lint import Options, StackSettings
from lblint.settings import Settings, SettingsError, StackFiles, StackIndex, Variables, read_settings


def load(path: str, starts: Sequence[str] = ()) -> Settings:
    """The settings in a file. Raises `UncheckedError` where they cannot be read, or are wrong.

    `starts` are the folders from which they were found; none where the user named them.
    """
    name = shown(path)
    if os.path.isdir(path):
        raise UncheckedError(f"{name}: is a folder, not a settings file", name)
    try:
        for start in starts:
            _trust(path, name, start)
        if starts and not _inside(path, os.path.dirname(os.path.abspath(path))):
            reason = "is a link that leads out of the repository, and is not read; give --config"
            raise UncheckedError(f"{name}: {reason}", name)
        content = files.content(path)
    except files.UnreadableError as error:
        raise UncheckedError(f"{name}: {error.reason}", name) from None
    except OSError as error:
        raise UncheckedError(f"{name}: {error.strerror or error}", name) from None
    try:
        settings = read_settings(content, name, os.path.dirname(os.path.abspath(path)), rules.load)
    except SettingsError as error:
        raise UncheckedError(str(error), name) from None
    if starts:
        _confine(settings)
    return settings


def _confine(settings: Settings) -> None:
    """Raise `UncheckedError` for a file that is named and lies elsewhere: what is wrong in it would be printed, and so
    a change to a repository could show whatever the one who checks it can read."""
    for key, name in settings.named():
        if not _inside(os.path.join(settings.folder, name), settings.folder):
            problem = f"{settings.file}: {key}: {name} is outside of the repository"
            raise UncheckedError(f"{problem}, and is not read; give --config {settings.file} to read it", settings.file)


def _inside(path: str, folder: str) -> bool:
    """Whether a file, and not only its name, lies in the repository that a folder is in."""
    return not files.leads_out(path, os.path.realpath(files.top_of(folder)))


def _trust(path: str, name: str, start: str) -> None:
    """Raise `UncheckedError` for settings of other users: anybody may lay some into /tmp, and they turn rules off.

    Trusted are the user who runs lblint, root, and the owner of the folder from which they were found.
    """
    others = [other for other in files.SETTINGS if os.path.lexists(os.path.join(os.path.dirname(path), other))]
    if len(others) > 1:
        raise UncheckedError(f"{name}: there is also {others[1]}: remove one of them", name)
    if not hasattr(os, "geteuid"):  # Windows
        return
    trusted = {os.geteuid(), 0}
    with suppress(OSError):  # what is not there is told of when the stack is read
        trusted.add(os.stat(start).st_uid)
    if os.geteuid() == 0 and os.environ.get("SUDO_UID", "").isdecimal():
        trusted.add(int(os.environ["SUDO_UID"]))
    owner = next((uid for uid in (os.lstat(path).st_uid, os.stat(path).st_uid) if uid not in trusted), None)
    if owner is not None:
        raise UncheckedError(f"{name}: belongs to another user (uid {owner}), and is not used: give --config {name}, "
                             "or --no-config", name)  # fmt: skip


def shown(path: str) -> str:
    """A path as a reader would name it: from the working folder, where it is not far from there."""
    try:
        relative = os.path.relpath(path)
    except OSError:  # the working folder is gone
        return path
    return path if os.path.isabs(path) and relative.startswith(os.path.join("..", "..", "..")) else relative


def options_under(settings: Settings, options: Options, stacks: Iterable[Sequence[str]]) -> Options:
    """Options with what the settings add, of which nothing comes before what was given. `stacks` are the names of the
    files of each stack. Raises `UncheckedError` for files that the settings name and that cannot be read."""
    if options.surroundings.interlock is None and settings.config:
        path = shown(os.path.join(settings.folder, settings.config))
        try:
            options = options._replace(surroundings=options.surroundings._replace(interlock=interlock_source(path)))
        except files.UnreadableError as error:
            raise UncheckedError(f"{settings.file}: interlock: config: {error}", settings.file) from None
    if options.surroundings.version is None:
        options = options._replace(surroundings=options.surroundings._replace(version=settings.version))
    shared = _variables(settings, settings.variables, os.environ if options.stack.env is None else options.stack.env)
    index = StackIndex(settings)
    own = {tuple(names): _own(index, names, options, shared) for names in stacks}
    client = options.stack.client or settings.client
    severities = (
        settings.severities
        if options.silencing.suppress == "all"
        else _kept(settings, options.silencing.suppress == "none")
    )
    return options._replace(
        stack=options.stack._replace(client=client, own=own),
        surroundings=options.surroundings._replace(site=settings.site),
        rules=options.rules._replace(severities=severities),
    )


def options_of_services(config: str, no_config: bool, ignore: Sequence[str]) -> Options:
    """How services without a file are judged: by the settings that are named, or those of the working folder.

    Raises `UncheckedError` for settings that cannot be read, and for a rule that does not exist.
    """
    from lblint.cli import inputs
    from lblint.cli.check import split_names

    options = inputs.with_rules(Options(), (), split_names(ignore))
    named = inputs.config_of(config, no_config)
    path = files.settings_above("", {}) if named == "" else named
    return options_under(load(path, [] if named else ["."]), options, []) if path else options


def _own(index: StackIndex, names: Sequence[str], options: Options, shared: Mapping[str, str]) -> StackSettings:
    """What is known of one stack; `shared` are the variables of all."""
    settings = index.settings
    stack = stack_of(index, names, options.stack.name)
    name = stack.name if stack else settings.name_of(names[0]) if names[0] != files.STDIN else ""
    environment = os.environ if options.stack.env is None else options.stack.env
    variables = {**shared, **(_variables(settings, stack.variables, environment) if stack else {})}
    written = frozenset(variables.keys() - environment.keys())
    return StackSettings(name or None, {**variables, **environment} if variables else None, written)


def stack_of(index: StackIndex, names: Sequence[str], stack_name: str | None = None) -> StackFiles | None:
    """The stack of several files that consists of these, or has all of these; None where none or more than one does."""
    if files.STDIN in names:
        return None
    stacks = [stack for stack in index.stacks_with(*names) if stack_name in (None, stack.name)]
    whole = [stack for stack in stacks if len(stack.files) == len(names)]
    return next(iter(whole or stacks)) if len(whole or stacks) == 1 else None


def _variables(settings: Settings, variables: Variables, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of a stack; those in `env` come before those of the file."""
    result: dict[str, str] = {}
    if variables.file:
        from lblint.stack.environment import parse_env_file, without_lines
        from lblint.stack.faults import GrammarError

        path = os.path.join(settings.folder, variables.file)
        try:
            lines = parse_env_file(files.content(path), shown(path), environment.get)
        except files.UnreadableError as error:
            raise UncheckedError(f"{settings.file}: env-file: {shown(path)}: {error.reason}", settings.file) from None
        if isinstance(lines, GrammarError):
            raise UncheckedError(f"{settings.file}: env-file: {without_lines(lines.told)}", settings.file)
        result.update((line.name, line.value) for line in lines)
    result.update(variables.env)
    return result


def whole(settings: Settings, stacks: Sequence[Sequence[str]], stack_name: str | None) -> list[list[str]]:
    """The stacks that were given, where a file that is a part of stacks of several files stands for all of them."""
    words = {os.path.realpath(name): name for stack in stacks for name in stack if name != files.STDIN}
    result: dict[tuple[str, ...], None] = {}
    index = StackIndex(settings)
    for stack in stacks:
        parts = [] if len(stack) > 1 or stack[0] == files.STDIN else index.stacks_with(stack[0])
        parts = [part for part in parts if stack_name in (None, part.name)]
        for names in [_paths(settings, part, words) for part in parts] or [tuple(stack)]:
            result.setdefault(names)
    return [list(names) for names in result]


def _paths(settings: Settings, stack: StackFiles, words: Mapping[str, str]) -> tuple[str, ...]:
    paths = [os.path.join(settings.folder, file) for file in stack.files]
    return tuple(words.get(os.path.realpath(path)) or shown(path) for path in paths)


def everything(settings: Settings, expanded: files.Found) -> list[list[str]]:
    """Return all stacks that the settings are about: those that they name, and those below their folder. What else is
    known of what was searched is put into `found`."""
    top = shown(settings.folder)
    unlisted: dict[str, str] = {}
    paths = sorted(path for path in files.walk(top, settings.excludes, unlisted) if not settings.excludes(path))
    stacks = files.stacks_among([shown(os.path.abspath(path)) for path in paths], expanded)
    searched = files.expand(stacks, within=files.border(top))
    expanded.unlisted.update({**searched.unlisted, **unlisted})
    listed = [list(_paths(settings, stack, {})) for stack in settings.stacks]
    return whole(settings, [*([name] for name in (*searched.files, *unlisted)), *listed], None)


def under(
    path: str,
    searched: bool,
    named_stacks: list[list[str]],
    names: Sequence[str],
    options: Options,
    expanded: files.Found,
) -> tuple[Settings, list[list[str]], Options]:
    """The settings in a file, the stacks that lie under them, and the options for these.

    `given` are the files of each stack that was given or found; with none, it is all that the settings are about.
    `names` are the arguments: what is not among them was `found` in a search. Raises `UncheckedError`.
    """
    starts = {os.path.dirname(stack[0]) or "." for stack in named_stacks} or {"."}
    settings = load(path, sorted(starts) if searched else ())
    if not named_stacks:
        stacks = everything(settings, expanded)
    else:
        asked = set(names)
        kept = []
        for stack in named_stacks:
            if len(stack) > 1 or stack[0] in asked or not settings.excludes(stack[0]):
                kept.append(stack)
            elif not any(stack[0] in below for below in expanded.of_folder.values()):
                expanded.skipped[stack[0]] = f"excluded by {settings.file}"
        stacks = whole(settings, kept, options.stack.name)
    return settings, stacks, options_under(settings, options, stacks)


def to_deploy(settings: Settings, options: Options, names: Sequence[str]) -> Options:
    """The options for a stack that is deployed. Its variables are those of the environment alone: docker reads no
    others, and gets none from a file of the repository, which could make it load or ask what it likes.

    Raises `UncheckedError` where the settings have another name for these files.
    """
    stack = options.stack.name or ""
    known = _names(settings, names)
    if known and stack not in known:
        problem = f"{' and '.join(names)}: by {settings.file} this is the stack {' or '.join(known)}, and not {stack}"
        raise UncheckedError(f"{problem}: nothing is deployed (--no-config deploys it all the same)")
    bare = [stack._replace(variables=Variables()) for stack in settings.stacks]
    settings = settings._replace(variables=Variables(), stacks=tuple(bare))
    if options.silencing.suppress != "all":  # what the proxies are set to, another one may know better
        stated = options.surroundings.interlock is not None or options.surroundings.version is not None
        options = options._replace(
            surroundings=options.surroundings._replace(
                from_settings=not stated and bool(settings.config or settings.version)
            )
        )
        settings = settings._replace(config="", version=None) if stated else settings
    return options_under(settings, options, [names])


def _kept(settings: Settings, every: bool) -> dict[str, Severity | None]:
    """The severities, without those that make less of what affects others, such as a broken proxy (all teams run
    behind it, and none of them alone may decide that), or of anything, with `every`. Says so."""
    known = rules.load()
    kept = dict(settings.severities)
    for name, severity in settings.severities.items():
        rule = known[name]
        others = rule.others or rule.breaks is Breaks.PROXY
        if (every or others) and (severity is None or severity < rule.severity):
            why = f"what {name} finds affects others: it" if others else name
            say(f"{settings.file}: {why} stays of severity {rule.severity}, as --suppress is not all")
            del kept[name]
    return kept


def _names(settings: Settings, names: Sequence[str]) -> list[str]:
    """The names that a stack of these files may have."""
    if files.STDIN in names:
        return []
    common = [stack.name for stack in StackIndex(settings).stacks_with(*names)]
    return common or [name for name in [settings.name_of(names[0])] if name]
