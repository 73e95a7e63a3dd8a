"""Which fixes are made, found by trying, which alone in this layer checks files: all that make them better."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping, Sequence

from lblint.finding import Finding, Fix
from lblint.fix.document import Page, RefusedError, Splice, spliced
from lblint.fix.splices import splices
from lblint.fix.verification import NOTHING, landed, scopes, stray, stray_config, worse
from lblint.lint import Result
from lblint.records import NamedTuple
from lblint.source import Source

ROUNDS = 20
"""So often what a fix brings to light is mended as well."""
TRIES = 200
"""So many times the files are checked anew, until the fixes that are left are not made."""
Files = Sequence[Sequence[Source]]
Check = Callable[[Files], Result]
Reread = Callable[[Source, str], Source]
Wanted = Callable[[Finding], Fix | None]
Key = tuple[str, str]
"""A file, and the edits of a fix."""


class Mended(NamedTuple):
    """What came of it: the files as they are now, the run on them, what was done (the finding, where it then stood,
    and its fix), and what was not, with the reason."""

    files: Files
    result: Result
    done: tuple[tuple[Finding, Fix], ...]
    refused: tuple[tuple[Finding, Fix, str], ...]


Todo = dict[Key, tuple[Finding, Fix]]


class Mender:
    def __init__(self, check: Check, reread: Reread, wanted: Wanted) -> None:
        self.check = check
        self.reread = reread
        self.wanted = wanted
        self.tries = 0
        self.refused: dict[Key, tuple[Finding, Fix, str]] = {}

    def todo(self, state: Mended) -> Todo:
        """All fixes that could be made, each once, with the first finding that it is for."""
        fixes: Todo = {}
        for finding in state.result.findings:
            fix = self.wanted(finding)
            key = (finding.file, repr(fix and fix.edits))
            if fix is not None and key not in self.refused:
                fixes.setdefault(key, (finding, fix))
        return fixes

    def improve(self, state: Mended, keys: Sequence[Key]) -> Mended:
        """The state with as many of these fixes as make it better: all at once, or else by halves."""
        if self.tries >= TRIES:
            return state
        new, why = self.settle(state, keys)
        if not why:
            return new
        if len(keys) == 1:
            entry = self.todo(state).get(keys[0])
            if entry is not None:
                self.refused[keys[0]] = (*entry, why)
            return state
        half = len(keys) // 2
        state = self.improve(state, keys[:half])
        left = self.todo(state)
        rest = [key for key in keys[half:] if key in left]
        return self.improve(state, rest) if rest else state

    def settle(self, state: Mended, keys: Sequence[Key]) -> tuple[Mended, str]:
        """The state with these fixes and those of what they bring to light; and why it is no better, if so."""
        waiting = self.todo(state).keys() - set(keys)
        new, why = state, ""
        made: set[Key] = set()
        for _ in range(ROUNDS):
            left = {key: of for key, of in self.todo(new).items() if key not in waiting and key not in made}
            taken, text = self.plan(new, left)
            if not taken:
                break
            made |= taken.keys()
            after = self.written(new, text)
            why = self.beside(new, after, [fix for _, fix in taken.values()])
            if why and new is state:
                return state, why
            if why:  # of what the first ones brought to light
                break
            new = after._replace(done=(*new.done, *taken.values()))
        return new, worse(state.result, new.result)

    def plan(self, state: Mended, left: Todo) -> tuple[Todo, dict[str, list[Splice]]]:
        """Those fixes that can be made together, the first of what overlaps; and their splices by file."""
        pages = {source.name: Page(source) for merged in state.files for source in merged}
        taken: Todo = {}
        text: dict[str, list[Splice]] = {}
        claimed: dict[str, list[tuple[int, int]]] = {}
        for key, (finding, fix) in left.items():
            try:
                own = splices(pages, fix)
            except RefusedError as refused:
                self.refused[key] = (finding, fix, str(refused))
                continue
            if all(_free(claimed.get(file, []), splice.claims) for file in own for splice in own[file]):
                taken[key] = (finding, fix)
                for file in own:
                    for splice in own[file]:
                        insort(text.setdefault(file, []), splice)
                        insort(claimed.setdefault(file, []), splice.claims)
        return taken, text

    def written(self, state: Mended, text: Mapping[str, list[Splice]]) -> Mended:
        """The state with splices made, read and checked anew."""
        self.tries += 1
        again = {source.name: source for merged in state.files for source in merged if source.name in text}
        again = {name: self.reread(source, spliced(source.text, text[name])) for name, source in again.items()}
        files = [[again.get(source.name, source) for source in merged] for merged in state.files]
        return state._replace(files=files, result=self.check(files))

    def beside(self, old: Mended, new: Mended, fixes: Sequence[Fix]) -> str:
        """What has changed beside what the fixes were to change, in words."""
        before = {source.name: source for merged in old.files for source in merged}
        allowed = scopes(fixes, before)
        for merged in new.files:
            for source in merged:
                first = before[source.name]
                if source is first:
                    continue
                if source.root is None and first.root is not None and source.dialect != "toml":
                    return "the file could not be read any more"
                where = stray(first, source, allowed.get(source.name, NOTHING))
                if where:
                    return f"it would change {where}, too"
                if not all(landed(fix, source) for fix in fixes):
                    return "it would be read as something else"
        for old_stack, other in zip(old.result.checked.stacks, new.result.checked.stacks, strict=False):
            where = stray_config(old_stack, other, allowed)
            if where:
                return f"it would change {where}, too"
        return ""


def _free(claimed: list[tuple[int, int]], stretch: tuple[int, int]) -> bool:
    """Whether a stretch neither overlaps nor meets one of those, which are in order and apart."""
    at = bisect_left(claimed, stretch)
    return all(end < stretch[0] or stretch[1] < start for start, end in claimed[max(at - 1, 0) : at + 1])
