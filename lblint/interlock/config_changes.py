"""What two configs of Interlock differ in: extensions that come and go, and keys that change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.interlock.config import Extension, InterlockConfig, Setting
from lblint.records import NamedTuple


class Change(NamedTuple):
    """A difference. `extension` is its name, "" for the core; `key` the changed key as a path (`Config.User`), "" where
    the whole extension is new or gone. `before` and `after` are values, None where the key is not set."""

    extension: str
    key: str = ""
    before: Any = None
    after: Any = None


class Changes(NamedTuple):
    """The differences: extensions that are `added` or `removed`, pairs of extensions that are one under two names, and
    the keys that change."""

    added: tuple[Extension, ...] = ()
    removed: tuple[Extension, ...] = ()
    renamed: tuple[tuple[Extension, Extension], ...] = ()
    keys: tuple[Change, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether both configs mean the same."""
        return not (self.added or self.removed or self.renamed or self.keys)


def compare_configs(old: InterlockConfig, new: InterlockConfig) -> Changes:
    """Return what the new config changes. Extensions belong together by their names, or else by their proxy's service,
    which is what runs."""
    before = {extension.name: extension for extension in old.extensions}
    after = {extension.name: extension for extension in new.extensions}
    pairs = [(before[name], after[name]) for name in after if name in before]
    gone = [extension for name, extension in before.items() if name not in after]
    come = [extension for name, extension in after.items() if name not in before]
    renamed = []
    for extension in list(come):
        same = next((e for e in gone if e.value("ProxyServiceName") == extension.value("ProxyServiceName")), None)
        if same is not None:
            renamed.append((same, extension))
            gone.remove(same)
            come.remove(extension)
    keys = list(_keys("", "", old.core, new.core, {"extensions"}))
    for first, other in (*pairs, *renamed):
        keys += _keys(other.name, "", first.own, other.own, {"config"})
        keys += _keys(other.name, "Config.", first.config, other.config, set())
    return Changes(tuple(come), tuple(gone), tuple(renamed), tuple(keys))


def _keys(
    extension: str, prefix: str, old: Mapping[str, Setting], new: Mapping[str, Setting], skipped: set[str]
) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        values = [None if setting is None else setting.value for setting in (before, after)]
        setting = after or before
        if setting is not None and values[0] != values[1] and name not in skipped:
            yield Change(extension, prefix + setting.key.name, *values)
