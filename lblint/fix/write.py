"""Splices for values and keys that are written over."""

from __future__ import annotations

from lblint.finding import Edit
from lblint.fix import quoting
from lblint.fix.document import Page, RefusedError, Splice
from lblint.fix.syntax_tree import Item, Spot, colon, last, locate
from lblint.source.nodes import MAPPING, SCALAR


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
