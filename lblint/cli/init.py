"""`lblint init`: a commented `.lblint.yml` from what is in the repository."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence

from lblint import UncheckedError, rules
from lblint.cli import files, output
from lblint.cli.inputs import CONFIG, check_all
from lblint.cli.report_targets import save
from lblint.cli.settings import options_under, whole
from lblint.finding import Severity
from lblint.interlock import Ingress
from lblint.lint import Options, Result
from lblint.records import NamedTuple
from lblint.rules._compose import compose_keys
from lblint.settings import read_settings
from lblint.settings.scaffold import SCHEMA, Section, sections, settings_text

MOST_FILES = 50_000
"""So many files are looked at."""
MOST_STACKS = 2000
"""So many stack files are read."""


def init(folder: str, force: bool, schema: bool) -> None:
    """Write a commented .lblint.yml from the stack files in a folder and below.

    It holds the names of stacks that labels give away, stacks of a base and an override beside it, the hosts, service
    clusters and networks that are used, and the config of Interlock, if one is found; files for docker compose are
    excluded; what is not sure is a comment in it. Nothing that is checked with it is worse than without: what would be
    is a comment, too.
    """
    path, other = (os.path.normpath(os.path.join(folder, name)) for name in files.SETTINGS)
    if os.path.lexists(other):
        raise UncheckedError(f"{other} already exists")
    if not force and os.path.lexists(path):
        raise UncheckedError(f"{path} already exists; --force overwrites it")
    inputs = _find(folder)
    wanted = _tried(folder, inputs)
    head = f"Settings of lblint, begun by lblint init with {_stacks(inputs)}. Paths are relative to this folder."
    _write(path, settings_text(wanted, head, schema), force)
    if schema:
        _write(os.path.join(os.path.dirname(path), SCHEMA), _schema(), True)
    output.write(output.shown("".join(f"{line}\n" for line in _told(path, inputs, wanted, schema))))


class Found(NamedTuple):
    """What is in a folder: stack files, configs of Interlock, whether there is more than was looked at, and how many
    files look like stack files and are another tool's."""

    stacks: tuple[str, ...]
    configs: tuple[str, ...]
    more: bool
    skipped: int = 0


def _find(folder: str) -> Found:
    stacks: list[str] = []
    configs: list[str] = []
    skipped = 0
    top = files.border(folder)
    try:
        for count, path in enumerate(files.walk(folder)):
            if count == MOST_FILES or len(stacks) == MOST_STACKS:
                return Found(tuple(sorted(stacks)), tuple(sorted(configs)), True, skipped)
            path = os.path.normpath(path)
            tool = files.tool_of(path)
            if (tool == "" or path.lower().endswith(CONFIG)) and files.leads_out(path, top):
                raise files.UnreadableError(path, f"{files.OUTSIDE}; remove it, or put the file in its place")
            skipped += bool(tool)
            if tool == "":
                stacks.append(path)
            elif path.lower().endswith(".toml") and b"[extensions" in files.content(path)[:1_000_000].lower():
                configs.append(path)
    except files.UnreadableError as error:
        raise UncheckedError(str(error)) from None
    return Found(tuple(sorted(stacks)), tuple(sorted(configs)), False, skipped)


def _tried(folder: str, inputs: Found) -> list[Section]:
    """The sections of which none makes a finding that was not there before."""
    every = _check(inputs, Options())
    development = {stack.files[0] for stack in every.checked.stacks if compose_keys(stack)}
    inputs = inputs._replace(stacks=tuple(name for name in inputs.stacks if name not in development))
    before = _check(inputs, Options()) if development else every
    known = _said(before)
    ingress = before.checked.ingress or Ingress((), ())
    wanted = list(sections(folder, before.checked.stacks, ingress, inputs.configs, sorted(development)))

    def worse(some: Sequence[Section]) -> bool:
        text = settings_text(some, "", False)
        name, top = files.SETTINGS[0], os.path.abspath(folder)
        settings = read_settings(text.encode(), name, top, rules.load)
        stacks = whole(settings, [[name] for name in inputs.stacks], None)
        options = options_under(settings, Options(), stacks)
        return bool(_said(_check(inputs, options, stacks)) - known)

    if worse(wanted):
        wanted = [section._replace(keep=section.active and not worse([section])) for section in wanted]
        while worse(wanted):  # what is well alone need not be so together
            last = max(at for at, section in enumerate(wanted) if section.active)
            wanted[last] = wanted[last]._replace(keep=False)
    return wanted


def _check(inputs: Found, options: Options, stacks: Sequence[Sequence[str]] = ()) -> Result:
    """Check the stacks that were found, or these."""
    try:
        names = stacks or [[name] for name in inputs.stacks]
        return check_all([[files.load(name) for name in merged] for merged in names], options)
    except files.UnreadableError as error:
        raise UncheckedError(str(error)) from None


def _said(result: Result) -> Counter[tuple[object, ...]]:
    """The findings, however they are worded: names of networks are in the words. Without advice on Interlock's config,
    which nobody asked for before."""
    counted = (
        finding for finding in result.findings if finding.severity > Severity.INFO or not finding.file.endswith(CONFIG)
    )
    return Counter((finding.file, finding.rule, finding.position, finding.severity) for finding in counted)


def _schema() -> str:
    from lblint.settings.key_table import as_json, summaries

    return as_json(summaries())


def _write(path: str, text: str, over: bool) -> None:
    """Write a file, whole or not at all; `over` one that is there."""
    ours = False
    try:
        if not over:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            ours = True
        save(path, text)
    except OSError as error:
        if ours:
            os.unlink(path)
        raise UncheckedError(f"cannot write {path}: {error.strerror or error}") from None


def _stacks(inputs: Found) -> str:
    count = len(inputs.stacks)
    return f"{count} stack file{'s' * (count != 1)}"


def _told(path: str, inputs: Found, sections: Sequence[Section], schema: bool) -> Iterator[str]:
    """What was done, for the terminal."""
    more = f"; only the first {MOST_FILES} files and {MOST_STACKS} stack files were looked at" if inputs.more else ""
    skipped = f"; {inputs.skipped} file{'s' * (inputs.skipped > 1)} of other tools skipped" if inputs.skipped else ""
    yield f"{path} is written, with {_stacks(inputs)}{skipped}{more}"
    for section in sections:
        sure = sum(entry.sure for entry in section.entries) if section.active else 0
        guesses = len(section.entries) - sure
        parts = [f"{sure} found"] * bool(sure) + [f"{guesses} as a comment: look at it"] * bool(guesses)
        yield f"  {section.key}: {', '.join(parts)}"
    if schema:
        yield f"{os.path.join(os.path.dirname(path), SCHEMA)} is written, for editors"
    yield "lblint check now checks all of it"
