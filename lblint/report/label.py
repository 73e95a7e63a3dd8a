"""The page of a label: what `lblint labels` shows and docs/labels/ holds, from the one table of labels."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.interlock import LABELS, LabelSpec
from lblint.interlock.label_table import Relation
from lblint.report.text_table import table


def overview(format_: str, name: str = "") -> str:
    """A table of all labels. As JSON it has all their fields, of the one with this name where one is given."""
    if format_ == "json":
        head = ("label", "value", "default", "since", "dead", "doc", "example")
        chosen = [LABELS[name]] if name else LABELS.values()
        rows = [(one.key, one.kind, one.default, one.since, one.dead, one.doc, one.example) for one in chosen]
        return table(head, rows, format_)
    return table(("label", "value", "default"), [(one.key, one.kind, one.default) for one in LABELS.values()], format_)


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

    from lblint.report.printable import printable
    from lblint.report.rule_page import examples
    from lblint.report.sample import adds, mistakes, sample

    lines = [spec.key, "", *textwrap.wrap(spec.doc, 100), ""]
    lines += [f"  {name + ':':<12}{said}" for name, said in _facts(spec)]
    if not spec.dead:
        lines += ["", "Good:", "", *(f"    {line}" for line in sample(spec).splitlines())]
        lines += ["", _CHANGES if adds(spec) else _UNSEEN, *([""] if adds(spec) else [])]
        lines += [f"    {line}" for line in adds(spec)]
    lines += ["", "What goes wrong (`lblint explain RULE` for each):"]
    for found in mistakes(spec, examples()):
        said = f"{found.severity}: {printable(found.message)} [{found.rule}]"
        lines += ["", f"    {printable(found.line)}", f"      {said}"]
        lines += [f"      write: {printable(found.write)}"] if found.write else []
    return "\n".join([*lines, ""])


_CHANGES = "What it changes in the trial nginx.conf (`lblint render`):"
_UNSEEN = "It changes nothing in nginx.conf: it says which proxy serves the route, or over which network."


def as_markdown(spec: LabelSpec) -> str:
    """The page of a label, as docs/labels/<name>.md."""
    from lblint.report.markdown import fence, prose_text
    from lblint.report.rule_page import examples
    from lblint.report.sample import adds, mistakes, sample

    lines = [f"# {spec.name}", "", f"`{spec.key}`", "", prose_text(spec.doc), ""]
    lines += [f"- {name}: {prose_text(said)}" for name, said in _facts(spec)]
    if not spec.dead:
        changes = adds(spec)
        lines += ["", "Good:", "", fence(sample(spec), "yaml"), "", _CHANGES if changes else _UNSEEN]
        lines += ["", fence("\n".join(changes), "diff")] if changes else []
    lines += ["", "What goes wrong:", ""]
    for found in mistakes(spec, examples()):
        said = f"[{found.rule}](../rules/{found.rule}.md), {found.severity}: {prose_text(found.message)}."
        write = f" Write: {prose_text(found.write)}" if found.write else ""
        lines.append(f"- {_code(found.line)}  \n  {said}{write}")
    return "\n".join([*lines, ""])


def _code(text: str) -> str:
    """A line of code, whatever backticks are in it."""
    from lblint.report.printable import printable

    ticks = "``" if "`" in text else "`"
    return f"{ticks}{printable(text)}{ticks}"


def index() -> str:
    """All labels as a table with links, for docs/labels.md."""
    rows = [
        (f"[{one.name}](labels/{one.name}.md)", one.kind, one.default, one.since, f"it {one.dead}" if one.dead else "")
        for one in LABELS.values()
    ]
    return table(("label", "value", "default", "since", "do not use"), rows, "markdown")
