"""What a `.lblint.yml` says, read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from lblint.finding import Severity
from lblint.interlock.owner_policy import Site
from lblint.interlock.version import Version
from lblint.records import NamedTuple
from lblint.settings import path_patterns


class Variables(NamedTuple):
    """Variables for interpolation: those that are written there, and the file with more ("" for none)."""

    env: Mapping[str, str] = {}
    file: str = ""


class StackFiles(NamedTuple):
    """A stack of several files, in the order in which they are merged; paths from the folder of the settings."""

    name: str
    files: tuple[str, ...]
    variables: Variables


class Settings(NamedTuple):
    """One `.lblint.yml`. `file` is its name for messages, `folder` the absolute path that its own paths start from.

    `client`, `config`, `fail_on` and `baseline` are "" where nothing is said, `severities` None for a rule that is off,
    `max_findings` None where it is not said.
    """

    file: str
    folder: str
    names: tuple[tuple[str, str], ...] = ()
    stacks: tuple[StackFiles, ...] = ()
    client: str = ""
    version: Version | None = None
    config: str = ""
    site: Site = Site()
    variables: Variables = Variables()
    severities: Mapping[str, Severity | None] = {}
    exclude: tuple[str, ...] = ()
    fail_on: str = ""
    max_findings: int | None = None
    baseline: str = ""

    def path(self, file: str) -> str:
        """A file's path as patterns see it: from the folder of the settings, with /; of a file elsewhere, from the
        working folder."""
        whole = os.path.abspath(file)
        inside = os.path.relpath(whole, self.folder)
        relative = os.path.relpath(whole) if inside == ".." or inside.startswith(".." + os.sep) else inside
        return relative.replace(os.sep, "/")

    def name_of(self, file: str) -> str:
        """The name that the stack of one file is deployed under; "" where the settings do not say."""
        path = self.path(file)
        for pattern, name in self.names:
            if path_patterns.matches(pattern, path):
                return name.replace("*", path_patterns.captured(pattern, path)) if "*" in name else name
        return ""

    def named(self) -> Iterator[tuple[str, str]]:
        """The files that are named, and the keys that name them."""
        for variables in (self.variables, *(stack.variables for stack in self.stacks)):
            yield from [("env-file", variables.file)] * bool(variables.file)
        yield from [("interlock: config", self.config)] * bool(self.config)
        yield from [("baseline", self.baseline)] * bool(self.baseline)
        yield from (("files", file) for stack in self.stacks for file in stack.files)

    def excludes(self, file: str) -> bool:
        """Whether a search leaves a file out."""
        return bool(self.exclude) and bool(path_patterns.first(self.exclude, self.path(file)))


class StackIndex:
    """The stacks of several files by their files: each run asks for the stacks of each file."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.files = [frozenset(map(os.path.normpath, stack.files)) for stack in settings.stacks]
        self.numbers: dict[str, list[int]] = {}
        for number, paths in enumerate(self.files):
            for path in paths:
                self.numbers.setdefault(path, []).append(number)

    def stacks_with(self, *files: str) -> list[StackFiles]:
        """The stacks that all of these files belong to, in the order of the settings."""
        paths = [os.path.normpath(self.settings.path(file)) for file in files]
        rarest = min((self.numbers.get(path, []) for path in paths), key=len)
        return [self.settings.stacks[number] for number in rarest if self.files[number].issuperset(paths)]
