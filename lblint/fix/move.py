"""Splices for entries that move: to another mapping, or one mapping up."""

from __future__ import annotations

from typing import Any

from lblint.finding import Edit
from lblint.fix import quoting
from lblint.fix.document import Page, RefusedError, Splice
from lblint.fix.insertion import LINES, Entry, has, into
from lblint.fix.remove import found, note, without
from lblint.fix.syntax_tree import Spot, colon, last, locate
from lblint.source.nodes import SCALAR, SEQUENCE


def move(page: Page, edits: list[Edit]) -> list[Splice]:
    """Entries of one collection into the mapping at their `to`, as they are written if they stand on one line.

    Raises `RefusedError`.
    """
    spots = [found(page, edit) for edit in edits]
    if any(spot.outer[-1] is not spots[0].outer[-1] for spot in spots):
        raise RefusedError("they stand in several places")
    entries = [_entry(page, spot, edit) for spot, edit in zip(spots, edits, strict=True)]
    to = edits[0].to
    target = locate(page.root, to)
    if any(isinstance(step, int) for step in to[target.steps :]):
        raise RefusedError("there is no such list")
    if target.whole and any(has(target.item, key) for key, _, _ in entries):
        raise RefusedError("it stands there already")
    renamed = any(edit.key not in ("", edit.place.path[-1]) for edit in edits)
    block = None if renamed else _whole_block(page, spots, entries, target.whole)
    if block is not None:
        entries = [block]
    added = into(page, target, target.item, entries, to[target.steps :])
    gone = without(page, spots[0].outer, [spot.item for spot in spots], block is not None)
    for splice in sorted(gone, reverse=True):  # what goes may be what the rest was to follow
        if splice.start < added.start <= splice.end:
            last_lines = page.text[splice.start] in "\r\n"
            before = splice.start if last_lines else page.break_before(splice.start)
            added = added._replace(start=before, end=before)
    return [*gone, added]


def _whole_block(page: Page, spots: list[Spot], entries: list[Entry], beside: bool) -> Entry | None:
    """All entries of a collection with the comments among them, as one; None if some stay, or stand in other forms.
    A list stays one where it comes to stand by itself, not `beside` other entries."""
    around = spots[0].outer[-1]
    in_list = around.kind is SEQUENCE
    as_written = not beside if in_list else all(raw for _, _, raw in entries)
    if around.style or len(around.value) != len(spots) or not as_written:
        return None
    start, end = (around.value[0] if in_list else around.value[0][0]).head, last(page.text, around)
    if in_list and any(item.alias or set("\r\n") & set(page.text[item.head : item.end]) for item in around.value):
        return None
    above = page.line_start(start)
    key = next((key for key, value in spots[0].outer[-2].value if value is around), None)
    if key is not None and page.first_on_line(key.head):
        above = min(above, page.next_line(key.head))
    lines = page.text[above : page.line_end(end)].splitlines()
    own = {raw for _, _, raw in entries}
    known = [line for line in map(str.strip, lines) if line and line[0] != "#"]
    if len(known) != len(spots) or not (all(line[:2] == "- " for line in known) if in_list else set(known) <= own):
        return None
    said = note(page, key) if key is not None else ""
    return "", LINES, "\n".join([*([said] if said else []), *(line.strip() for line in lines)])


def _entry(page: Page, spot: Spot, edit: Edit) -> Entry:
    item, outer = spot.item, spot.outer[-1]
    if item.kind is not SCALAR and not (item.style or item.alias):
        raise RefusedError("what is to be moved stands on several lines")
    if item.kind is not SCALAR:
        raise RefusedError("what is to be moved is no single value")
    if outer.kind is SEQUENCE:
        key, _, value = str(item.value).partition("=")
        return _with_comment(page, spot, edit.key or key, value)
    assert spot.key is not None
    key = edit.key or str(spot.key.value)
    start, end = spot.key.head, last(page.text, item, spot.key)
    single = not (set("\r\n") & set(page.text[start:end])) and not outer.style
    if single and page.comment_only(end) and key == spot.key.value:
        return key, None, page.text[start : page.line_end(end)].rstrip()
    if item.alias:
        raise RefusedError("it is an alias")
    value = page.source.data
    for step in edit.place.path:
        value = value[step]
    if item.plain and single:
        written = page.text[item.start : item.end]
        return key, value, f"{quoting.text(key)}: {written}{_comment(page, spot)}"
    return _with_comment(page, spot, key, value)


def _comment(page: Page, spot: Spot) -> str:
    """The comment behind an item on its line, with what divides them."""
    end = last(page.text, spot.item, spot.key)
    return page.text[end : page.line_end(end)].rstrip() if page.comment_only(end) else ""


def _with_comment(page: Page, spot: Spot, key: str, value: Any) -> Entry:
    """An entry that is written anew; as text, if a comment goes with it."""
    comment = _comment(page, spot)
    return key, value, f"{quoting.text(key)}: {quoting.literal(value, flow=False)}{comment}" if comment else ""


def raised(page: Page, edit: Edit) -> Splice:
    """The one entry of a mapping beside the key of that. Raises `RefusedError`."""
    spot = found(page, edit)
    inner, around = spot.outer[-1], spot.outer[-2]
    key = next(key for key, value in around.value if value is inner)
    start, end = colon(page.text, key), last(page.text, inner, key)
    if len(inner.value) != 1 or spot.key is None or "#" in page.text[start:end] or spot.item.kind is not SCALAR:
        raise RefusedError("more stands there than that")
    if inner.head != inner.start or spot.item.alias or start == key.end or has(around, str(spot.key.value)):
        raise RefusedError("it is written in a form that is not changed")
    entry = page.text[spot.key.head : last(page.text, spot.item, spot.key)]
    between = ", " if around.style else page.newline(start) + " " * page.column(key.head)
    return Splice(start, end, f" {quoting.literal(edit.value)}{between}{entry}")
