"""The page of a label: what `lblint labels` shows and docs/labels.md holds, from the one table of labels."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.interlock import LABELS, LabelSpec
from lblint.interlock.labels import Relation
from lblint.report.table import table


def overview(format_: str) -> str:
    """A table of all labels."""
    rows = [(spec.key, spec.kind, spec.default, spec.since, spec.dead) for spec in LABELS.values()]
    if format_ == "json":
        return table(("label", "value", "default", "since", "dead"), rows, format_)
    return table(("label", "value", "default"), [(key, kind, default) for key, kind, default, *_ in rows], format_)


def _facts(spec: LabelSpec) -> Iterator[tuple[str, str]]:
    yield "value", spec.kind
    yield "default", spec.default
    yield "since", f"{spec.since} (UCP or MKE)"
    if spec.dead:
        yield "do not use", f"it {spec.dead}"
    for relation in spec.needs:
        yield "needs", _relation(relation)
    for relation in spec.excludes:
        yield "not beside", _relation(relation)


def _relation(relation: Relation) -> str:
    value = f": {relation.value}" if relation.value else ""
    return f"{relation.name}{value} ({relation.says})"


def as_text(spec: LabelSpec) -> str:
    """The page of a label for a terminal."""
    import textwrap

    lines = [spec.key, "", *textwrap.wrap(spec.doc, 100), ""]
    lines += [f"  {name + ':':<12}{said}" for name, said in _facts(spec)]
    return "\n".join([*lines, "", f'    {spec.key}: "{spec.example}"', ""])


def as_markdown() -> Iterator[str]:
    """All labels, as the sections of docs/labels.md."""
    from lblint.report.markdown import prose_text

    for spec in LABELS.values():
        yield from (f"## {spec.name}", "", prose_text(spec.doc), "")
        yield from (f"- {name}: {prose_text(said)}" for name, said in _facts(spec))
        yield from ("", f'```yaml\n{spec.key}: "{spec.example}"\n```', "")
