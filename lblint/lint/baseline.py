"""A run compared with a baseline: which findings are known, which are new, and which are gone."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from lblint import rules
from lblint.finding import Breaks, Finding
from lblint.lint.result import Silenced
from lblint.records import NamedTuple
from lblint.source import Source
from lblint.source.baseline import Baseline, Entry

_LONG = 200
"""A longer text is told by its beginning and its hash, in characters."""


class Compared(NamedTuple):
    """The findings that are new, those that are known, the entries that nothing answers to any more (with how many are
    too many), and what a baseline would hold that is written now."""

    new: list[Finding]
    known: list[Silenced]
    gone: tuple[tuple[Entry, int], ...]
    now: Mapping[Entry, int]


def hurts_others(finding: Finding) -> bool:
    """Whether a finding is about more than who writes the file may decide."""
    rule = rules.RULES.get(finding.rule)
    return finding.breaks is Breaks.PROXY or (rule is not None and rule.others)


class Comparison:
    """The baseline of a run. With `own`, a finding that affects others counts, known or not."""

    def __init__(self, baseline: Baseline, sources: Mapping[str, Source], own: bool) -> None:
        self.baseline = baseline
        self.sources = sources
        self.own = own
        self._files: dict[str, str] = {}
        self._moved: dict[tuple[object, ...], list[Entry]] | None = None

    def knows(self, finding: Finding) -> bool:
        """Whether the baseline has a finding like this one, however many there are now."""
        return any(True for _ in self._candidates(self._entry(finding)))

    def compare(self, findings: Sequence[Finding], ran: Callable[[str], bool], unread: Collection[str]) -> Compared:
        """Hold the findings of a run against the baseline. Nothing is said to be gone of a rule that has not looked
        (`ran`), of a file that was not checked and is still there, and of one that could not be read."""
        left = dict(self.baseline.counts)
        now: dict[Entry, int] = {}
        new: list[Finding] = []
        known: list[Silenced] = []
        for finding in findings:
            entry = self._entry(finding)
            now[entry] = now.get(entry, 0) + 1
            known_entry = next((candidate for candidate in self._candidates(entry) if left[candidate]), None)
            if known_entry is not None:
                left[known_entry] -= 1
            for other in finding.related:  # an entry of its own, in a baseline from before there were related places
                place = finding._replace(file=other.file, position=other.position, path=other.path)
                same = next((candidate for candidate in self._candidates(self._entry(place)) if left[candidate]), None)
                if same is not None:
                    left[same] -= 1
                    known_entry = known_entry or same
            if known_entry is None or (self.own and hurts_others(finding)):
                new.append(finding)
            else:
                known.append(Silenced(finding, "baseline", self.baseline.name))
        checked = {self._file(name) for name in self.sources if name not in unread}
        gone = []
        for entry, count in left.items():
            if count and self._seen(entry, checked, ran):
                gone.append((entry, count))
            elif count:
                now[entry] = max(now.get(entry, 0), count)
        return Compared(new, known, tuple(sorted(gone)), now)

    def _seen(self, entry: Entry, checked: Collection[str], ran: Callable[[str], bool]) -> bool:
        """Whether a finding of this entry would have been found, or never will be."""
        if entry.file not in checked and not self._is_missing(entry.file):
            return False
        return ran(entry.rule) or entry.rule not in rules.load() or self._is_missing(entry.file)

    def _candidates(self, entry: Entry) -> Iterable[Entry]:
        """The entries that a finding may be: its own; else one of the same content in a file that is not there any
        more, for it may have got another name."""
        if entry in self.baseline.counts:
            return (entry,)
        if self._moved is None:
            missing = {
                file for file in {old_entry.file for old_entry in self.baseline.counts} if self._is_missing(file)
            }
            self._moved = {}
            for old_entry in sorted(self.baseline.counts):
                if old_entry.file in missing:
                    self._moved.setdefault(old_entry[1:], []).append(old_entry)
        return self._moved.get(entry[1:], ())

    def _is_missing(self, file: str) -> bool:
        return file != "-" and "\0" not in file and not os.path.lexists(os.path.join(self.baseline.folder, file))

    def _entry(self, finding: Finding) -> Entry:
        text = quoted(finding, self.sources.get(finding.file))
        if len(text) > _LONG:
            from hashlib import sha256

            text = f"{text[:60]}… sha256:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
        return Entry(self._file(finding.file), finding.rule, keys(finding), text)

    def _file(self, name: str) -> str:
        """A file as the baseline names it: from its own folder on, wherever lblint runs."""
        known = self._files.get(name)
        if known is None:
            path = os.path.join(os.path.realpath(os.path.dirname(name) or "."), os.path.basename(name))
            try:
                known = "-" if name == "-" else os.path.relpath(path, self.baseline.folder)
            except ValueError:  # another drive
                known = path
            self._files[name] = known = known if os.sep == "/" else known.replace(os.sep, "/")
        return known


_LINES = 50
"""So many lines after the first of a range are its text; the rest of a longer one makes no difference."""


def quoted(finding: Finding, source: Source | None) -> str:
    """The text of a finding's range; the whole line where the range is a point."""
    if source is None:
        return ""
    start, end = finding.position[:2], finding.position[2:]
    if start == end:
        return source.lines.line(start[0]).strip()
    numbers = range(start[0], min(end[0], start[0] + _LINES) + 1)
    lines = [source.lines.line(number) for number in numbers]
    if numbers[-1] == end[0]:
        lines[-1] = lines[-1][: end[1] - 1]
    lines[0] = lines[0][start[1] - 1 :]
    return "\n".join(lines)


def keys(finding: Finding) -> tuple[str, ...]:
    """The keys that lead to a finding, without the indices of lists."""
    return tuple(step for step in finding.path if isinstance(step, str))
