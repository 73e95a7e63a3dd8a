"""Fixes: what rules say could be written instead, made into text. A fix that makes nothing better is not made.

`mend` makes all of a run. Each fix touches the characters of its edits and no others; the files are read and checked
again, and what comes of it counts only if it says the same but for the place of the finding, holds no new error and
no more findings than before.
"""

from __future__ import annotations

from collections.abc import Sequence

from lblint.finding import Finding, Fix
from lblint.fix.fixer import ROUNDS, TRIES, Check, Files, Mended, Mender, Reread, Wanted
from lblint.fix.verification import worse

__all__ = ["Mended", "chosen", "mend"]


def chosen(finding: Finding, unsafe: bool = False) -> Fix | None:
    """The fix of a finding that is made: a safe one before one that is not, which has to be asked for."""
    return next((fix for safe in (True, False) for fix in finding.fixes if fix.safe is safe and (safe or unsafe)), None)


def mend(files: Files, check: Check, reread: Reread, wanted: Wanted = chosen) -> Mended:
    """Make all fixes of a run, and those of what they bring to light.

    `check` says what is found in files; `reread` reads a file anew with another text; `wanted` is the fix of a finding
    that is to be made, if one is.
    """
    state = Mended(files, check(files), (), ())
    names = [source.name for merged in files for source in merged]
    worker = Mender(check, reread, wanted)
    if len(files) > 1 and len(names) == len(set(names)):
        state = _apart(state, worker)
        state = _mended(state, worker, fresh=False)
    else:
        state = _mended(state, worker)
    return state._replace(refused=tuple(worker.refused.values()))


def _mended(state: Mended, worker: Mender, fresh: bool = True) -> Mended:
    """The state with all fixes that make it better; those that were refused before are tried anew, if `fresh`, and
    where others have been made."""
    for _ in range(ROUNDS):
        if fresh:
            worker.refused.clear()
        before = len(state.done)
        while (keys := list(worker.todo(state))) and worker.tries < TRIES:
            state = worker.improve(state, keys)
        for key, (finding, fix) in worker.todo(state).items():
            worker.refused[key] = (finding, fix, "too much else could not be made: it was not tried")
        if len(state.done) == before:
            break
        fresh = len(state.files) == 1
    return state


def _apart(state: Mended, worker: Mender) -> Mended:
    """The state with the fixes of each stack that make that one better by itself: most can be told from it alone, and
    to check one is quicker than to check all of them."""
    touched = {finding.file for finding in state.result.findings if worker.wanted(finding) is not None}
    alone: dict[int, Mended] = {}
    for number, merged in enumerate(state.files):
        if touched & {source.name for source in merged}:
            own = Mender(worker.check, worker.reread, worker.wanted)
            mended = _mended(Mended([merged], worker.check([merged]), (), ()), own)
            worker.refused.update(own.refused)
            if mended.done:
                alone[number] = mended
    return _together(state, list(alone.items()), worker)


def _together(state: Mended, alone: Sequence[tuple[int, Mended]], worker: Mender) -> Mended:
    """The state with these stacks as they were mended; where all of them are no better beside each other, by halves."""
    if not alone:
        return state
    files = list(state.files)
    for number, mended in alone:
        files[number] = mended.files[0]
    new = Mended(files, worker.check(files), (*state.done, *(fix for _, own in alone for fix in own.done)), ())
    if not worse(state.result, new.result):
        return new
    if len(alone) == 1:
        return state
    half = len(alone) // 2
    return _together(_together(state, alone[:half], worker), alone[half:], worker)
