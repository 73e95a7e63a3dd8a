"""Splices in a TOML file, Interlock's config: values and keys that are written over."""

from __future__ import annotations

from lblint.finding import Edit
from lblint.fix.document import Page, RefusedError, Splice, trimmed
from lblint.source.toml import TomlSource


def splices(page: Page, edit: Edit) -> list[Splice]:
    """The splices of one edit. Raises `RefusedError` for what is not written over."""
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
