"""Edits -> splices: which characters of the text give way to which, and nothing else is touched.

Entries that are there are written over, removed, or moved to another mapping or one mapping up; new ones: insertion.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lblint.finding import Edit, Fix, by_file
from lblint.fix import quoting
from lblint.fix.document import Page, RefusedError, Splice, find_entry, trimmed
from lblint.fix.insertion import LINES, Entry, has, insert, into
from lblint.fix.syntax_tree import Item, Spot, colon, last, locate
from lblint.source.nodes import MAPPING, SCALAR, SEQUENCE
from lblint.source.toml import TomlSource


def write(page: Page, edit: Edit) -> Splice:
    spot = locate(page.root, edit.place.path)
    if not spot.whole:
        raise RefusedError("what is to be written over is not there")
    if edit.place.key and spot.key is not None and edit.place.chars is None:
        return _rename(page, spot, str(spot.key.value if edit.op == "quote" else edit.value))
    item = spot.item
    flow = any(outer.style for outer in spot.outer)
    if item.alias:
        item = item.value
        flow = False
    if item.kind is not SCALAR:
        return _over_collection(page, spot, edit, flow)
    value = edit.value
    if edit.op == "quote":
        value = item.value.lower() if value == "lower" else item.value
    if edit.place.chars is not None:
        start, end = edit.place.chars
        if not isinstance(value, str) or end > len(item.value):
            raise RefusedError("this part of the value is not there")
        value = item.value[:start] + value + item.value[end:]
    if item.start >= item.end:
        return _fill(page, spot, edit, flow)
    style = "" if item.style in ("|", ">") else item.style
    if edit.place.chars is None and edit.op == "write" and "$" in item.value:
        raise RefusedError("a variable stands there")
    if isinstance(value, str) and not edit.bare:
        new = quoting.text(value, style, flow)
    else:
        new = str(value) if edit.bare else quoting.literal(value)
    return Splice(item.start, last(page.text, item), new)


def _rename(page: Page, spot: Spot, name: str) -> Splice:
    key, outer = spot.key, spot.outer[-1]
    assert key is not None
    keys = [other for other, _ in outer.value] if outer.kind is MAPPING else []
    if key.alias or any(other is not key and other.kind is SCALAR and other.value == name for other in keys):
        raise RefusedError(f"{name} stands there already")
    if key.start >= key.end or key.style in ("|", ">") or page.text[key.head - 2 : key.head] == "? ":
        raise RefusedError("the key is written in a form that is not changed")
    return Splice(key.start, key.end, quoting.text(name, key.style, any(item.style for item in spot.outer)))


def _fill(page: Page, spot: Spot, edit: Edit, flow: bool) -> Splice:
    """A value where there is none."""
    if spot.key is None or spot.item.head < spot.item.end:
        raise RefusedError("there is no place for a value")
    at = colon(page.text, spot.key)
    if at == spot.key.end:
        raise RefusedError("there is no place for a value")
    new = edit.value if edit.bare else quoting.literal(edit.value, flow)
    return Splice(at, at, f" {new}")


def _over_collection(page: Page, spot: Spot, edit: Edit, flow: bool) -> Splice:
    """A scalar, or a list in brackets, in the place of a mapping or list that holds no comment."""
    item = spot.item
    end = last(page.text, item, spot.key)
    start = item.start
    if not item.style and spot.key is not None:
        start = colon(page.text, spot.key)
        if start == spot.key.end:
            raise RefusedError("the key is written in a form that is not changed")
    if "#" in page.text[start:end] or item.head != item.start:
        raise RefusedError("a comment or an anchor stands in what is to be written over")
    value = _pair(item) if edit.op == "pair" else edit.value
    new = str(value) if edit.bare else quoting.literal(value, flow)
    return Splice(start, end, f" {new}" if not item.style and spot.key is not None else new)


def _pair(item: Item) -> str:
    """`key=value` of a mapping of one key, to the letter."""
    key, value = item.value[0]
    if len(item.value) != 1 or key.kind is not SCALAR or value.kind is not SCALAR or key.alias or value.alias:
        raise RefusedError("it is no single pair")
    return f"{key.value}={value.value}"


def remove(page: Page, edit: Edit) -> list[Splice]:
    """An entry, with its comment on the same line; the collection as well, if nothing else is in it.

    Raises `RefusedError`.
    """
    spot = find_entry(page, edit)
    return without(page, spot.outer, [spot.item])


def without(page: Page, outer: tuple[Item, ...], items: list[Item], comments: bool = False) -> list[Splice]:
    """The text without some entries of the innermost collection; without that, if none is left, and with `comments`
    without those among them."""
    around = outer[-1]
    pairs = list(around.value) if around.kind is MAPPING else [(item, item) for item in around.value]
    at = [number for number, (_, value) in enumerate(pairs) if any(value is item for item in items)]
    if len(at) == len(pairs):
        return _collection(page, outer, comments)
    runs: list[list[int]] = []
    for number in at:
        if runs and runs[-1][-1] == number - 1 and around.style:  # comments may stand between lines
            runs[-1].append(number)
        else:
            runs.append([number])
    return [_run(page, around, pairs, run[0], run[-1]) for run in runs]


Pairs = list[tuple[Item, Item]]


def _runs(page: Page, around: Item) -> list[Splice]:
    """The text without all entries of a mapping in block style, comments and empty lines between them kept."""
    pairs = list(around.value)
    lines = page.text[pairs[0][0].head : _end(page, around, pairs[-1])].splitlines()
    if all(line.strip() and line.strip()[0] != "#" for line in lines):
        return [_run(page, around, pairs, 0, len(pairs) - 1)]
    return [_run(page, around, pairs, at, at) for at in range(len(pairs))]


def _run(page: Page, around: Item, pairs: Pairs, first: int, final: int) -> Splice:
    """Entries that follow one another."""
    end = _end(page, around, pairs[final])
    start = pairs[first][0].head
    if around.style and final + 1 < len(pairs):
        return Splice(start, pairs[final + 1][0].head, "")
    if around.style:
        return Splice(_end(page, around, pairs[first - 1]), end, "")
    if around.kind is SEQUENCE:
        start = page.text.rfind("-", page.line_start(start), start)
    if start < 0 or not page.comment_only(end):
        raise RefusedError("something else stands on the line")
    if page.first_on_line(start):
        return whole_lines(page, start, end)
    after = pairs[final + 1][0].head if final + 1 < len(pairs) else -1
    if around.kind is SEQUENCE or after < 0 or "#" in page.text[end:after]:
        raise RefusedError("something else stands on the line")
    return Splice(start, after, "")


def _collection(page: Page, outer: tuple[Item, ...], comments: bool) -> list[Splice]:
    """A whole collection and its key; comments between its entries stay, if they are not to go as well."""
    if len(outer) < 4 or outer[-2].kind is not MAPPING or outer[-1].anchor is not None:
        raise RefusedError("nothing would be left")
    inner, around = outer[-1], outer[-2]
    key = next(key for key, value in around.value if value is inner)
    text = page.text[key.head : last(page.text, inner, key)]
    comment = note(page, key)
    among = bool(comment) or any(line.lstrip().startswith("#") for line in text.splitlines())
    if comments or inner.style or around.style or not among:
        return without(page, outer[:-1], [inner])
    if len(around.value) == 1 or not page.first_on_line(key.head) or not page.comment_only(colon(page.text, key)):
        raise RefusedError("only comments would be left")
    pairs = list(inner.value) if inner.kind is MAPPING else [(item, item) for item in inner.value]
    runs = [_run(page, inner, pairs, number, number) for number in range(len(pairs))]
    if comment:
        return [Splice(key.head, page.line_end(key.head) - len(comment), ""), *runs]
    return [whole_lines(page, key.head, key.head), *runs]


def note(page: Page, key: Item) -> str:
    """The comment behind a key with a block below it."""
    at = colon(page.text, key)
    rest = page.text[at : page.line_end(at)].lstrip()
    return rest if rest[:1] == "#" and page.comment_only(at) else ""


def whole_lines(page: Page, start: int, end: int) -> Splice:
    """The lines from one offset to another; at the end of a text without a line break, that before them as well."""
    first, behind = page.line_start(start), page.next_line(end)
    if page.line_end(end) == len(page.text) and first:
        return Splice(page.break_before(first), behind, "")
    return Splice(first, behind, "")


def _end(page: Page, around: Item, pair: tuple[Item, Item]) -> int:
    key, value = pair
    return last(page.text, value, key if around.kind is MAPPING else None)


def move(page: Page, edits: list[Edit]) -> list[Splice]:
    """Entries of one collection into the mapping at their `to`, as they are written if they stand on one line.

    Raises `RefusedError`.
    """
    spots = [find_entry(page, edit) for edit in edits]
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
    around = spots[0].outer[-1]
    deeper = target.item is around and around.kind is MAPPING and len(around.value) == len(spots)  # all of it
    block = None if renamed or deeper else _whole_block(page, spots, entries, target.whole)
    if block is not None:
        entries = [block]
    added = into(page, target, target.item, entries, to[target.steps :])
    if deeper and around.style:
        gone = [Splice(around.value[0][0].head, _end(page, around, around.value[-1]), "")]
        added = added._replace(new=added.new.lstrip(", "))
    elif deeper:
        gone = _runs(page, around)
    else:
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
    comment = note(page, key) if key is not None else ""
    return "", LINES, "\n".join([*([comment] if comment else []), *(line.strip() for line in lines)])


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
    spot = find_entry(page, edit)
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


def splices(pages: Mapping[str, Page], fix: Fix) -> dict[str, list[Splice]]:
    """The splices of a fix in each of its files, apart from each other and in order. Raises `RefusedError`."""
    made: dict[str, list[Splice]] = {}
    moves: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        page = by_file(pages, edit.place)
        if page is None:
            raise RefusedError(f"{edit.place.file} is no file that is written to")
        of_file = made.setdefault(page.source.name, [])
        if page.source.dialect == "toml":
            of_file += toml_splices(page, edit)
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


def toml_splices(page: Page, edit: Edit) -> list[Splice]:
    """The splices of one edit in Interlock's config. Raises `RefusedError` for what is not written over."""
    import json

    source = page.source
    assert isinstance(source, TomlSource)
    mark = source.marks.get(edit.place.path)
    if edit.op != "write" or mark is None:
        raise RefusedError("only values and keys of such a file are written over")
    if edit.place.key:
        if mark.key is None or page.text[mark.key[0]] in "\"'":
            raise RefusedError("the key is written in a form that is not changed")
        again = [span for span in source.repeats.get(edit.place.path, ()) if span != mark.key]
        if any(page.text[start] in "\"'" for start, _ in again):
            raise RefusedError("the key is written in a form that is not changed")
        return [trimmed(page.text, Splice(*span, str(edit.value))) for span in (mark.key, *again)]
    if not mark.scalar:
        raise RefusedError("only values and keys of such a file are written over")
    start, end = mark.value
    old = page.text[start:end]
    value = edit.value
    if edit.place.chars is not None:
        inner = str(source.written(edit.place.path))
        value = inner[: edit.place.chars[0]] + str(value) + inner[edit.place.chars[1] :]
    new = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        if old[:3] in ('"""', "'''") or "\\" in old:
            raise RefusedError("the text is written in a form that is not changed")
        if old[:1] == "'" and "'" not in value and value.isprintable():
            new = f"'{value}'"
    return [trimmed(page.text, Splice(start, end, new))]
