"""Edits -> splices: which characters of the text give way to which, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping

from lblint.finding import Edit, Fix, by_file
from lblint.fix.document import Page, RefusedError, Splice, trimmed
from lblint.fix.edits import move, raised, remove, write
from lblint.fix.insertion import insert


def splices(pages: Mapping[str, Page], fix: Fix) -> dict[str, list[Splice]]:
    """The splices of a fix in each of its files, apart from each other and in order. Raises `RefusedError`."""
    from lblint.fix import toml_edits

    made: dict[str, list[Splice]] = {}
    moves: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        page = by_file(pages, edit.place)
        if page is None:
            raise RefusedError(f"{edit.place.file} is no file that is written to")
        of_file = made.setdefault(page.source.name, [])
        if page.source.dialect == "toml":
            of_file += toml_edits.splices(page, edit)
        elif edit.op in ("write", "quote", "pair"):
            of_file.append(trimmed(page.text, write(page, edit), edit.place.chars is None))
        elif edit.op == "insert":
            of_file.append(insert(page, edit))
        elif edit.op == "raise":
            of_file.append(raised(page, edit))
        elif edit.op == "remove":
            of_file += remove(page, edit)
        else:
            moves.setdefault(page.source.name, []).append(edit)
    for file, edits in moves.items():
        made[file] += move(pages[file], edits)
    return {file: _in_order(of_file) for file, of_file in made.items()}


def _in_order(of_file: list[Splice]) -> list[Splice]:
    """Splices by their place; those that insert at one offset become one. Raises `RefusedError` where they overlap."""
    out: list[Splice] = []
    for splice in sorted(of_file, key=lambda piece: piece[:2]):  # stable: insertions stay as they were made
        if out and out[-1].end > splice.start:
            raise RefusedError("two of its changes are in one place")
        if out and out[-1].start == out[-1].end == splice.start == splice.end:
            out[-1] = Splice(splice.start, splice.end, out[-1].new + splice.new)
        else:
            out.append(splice)
    return out
