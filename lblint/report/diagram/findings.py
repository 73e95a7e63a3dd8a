"""The findings in the page: the first errors as links at its top, all findings below the routes; each has an anchor,
`#f<number>`."""

from __future__ import annotations

from lblint.report.diagram.html_table import LONGEST, by_host
from lblint.report.diagram.model import Note, Picture, count
from lblint.report.escape import remarks, said, text
from lblint.report.xml import element, leaf

NAMED = 6
"""So many of the hosts that a finding hits are named."""


FIRST = 5
"""So many errors are named above the routes, each in one line; all of them are below."""


def first_errors(picture: Picture) -> str:
    """The first errors, one line each, with a link to the whole finding."""
    errors = [note for note in picture.notes if note.error]
    if not errors:
        return ""
    services = _services(picture)
    lines = []
    for note in errors[:FIRST]:
        link = leaf("a", (("href", f"#f{note.number}"),), said(note.finding.message[:LONGEST]))
        where = leaf("code", (), f"{text(note.finding.file)}:{note.finding.position.line}")
        numbers = " ".join(map(str, services.get(note.number, [])))
        lines.append(element("li", (("data-b", numbers),), link, where))
    more = len(errors) - FIRST
    rest = element("p", (), leaf("a", (("href", "#broken"),), f"and {count(more, 'more error')}")) if more > 0 else ""
    title = leaf("h2", (), f"What breaks ({len(errors)})")
    return element("div", (("id", "breaks"),), title, element("ol", (("aria-label", "first errors"),), *lines), rest)


def broken(picture: Picture) -> str:
    """The errors, open."""
    return _list(picture, [note for note in picture.notes if note.error], "broken", "errors", True)


def rest(picture: Picture) -> str:
    """Warnings and advice, closed."""
    return _list(picture, [note for note in picture.notes if not note.error], "rest", "warnings and advice", False)


def _list(picture: Picture, notes: list[Note], id_: str, what: str, opened: bool) -> str:
    if not notes:
        return ""
    title = "Errors" if opened else "Warnings and advice"
    hits, services = _hits(picture), _services(picture)
    items = [_note(note, hits.get(note.number, []), services.get(note.number, [])) for note in notes]
    summary = element("summary", (), leaf("h2", (), f"{title} ({len(notes)})"))
    shown = (("id", id_), ("class", "findings"), *((("open", ""),) if opened else ()))
    return element("details", shown, summary, element("ol", (("aria-label", what),), *items))


def _note(note: Note, hits: list[tuple[str, str]], services: list[int]) -> str:
    finding = note.finding
    parts = [leaf("p", (("class", "message"),), said(finding.message))]
    parts += [_fact(label, said(text)) for label, text in remarks(finding)]
    if finding.help:
        parts.append(element("dl", (), leaf("dt", (), "help"), element("dd", (), leaf("pre", (), finding.help))))
    if hits:
        links = [leaf("a", (("href", f"#{id_}"),), host[:LONGEST]) for id_, host in hits[:NAMED]]
        more = [f"and {count(len(hits) - NAMED, 'more host')}\n"] if len(hits) > NAMED else []
        parts.append(element("dl", (), "<dt>hits</dt>\n", element("dd", (), *links, *more)))
    where = f"{text(finding.file)}:{finding.position.line}:{finding.position.column}"
    parts.append(element("p", (("class", "where"),), leaf("code", (), where), leaf("code", (), finding.rule)))
    names = (("id", f"f{note.number}"), ("class", str(finding.severity)), ("data-b", " ".join(map(str, services))))
    return element("li", names, *parts)


def _fact(name: str, value: str) -> str:
    return element("dl", (), leaf("dt", (), name), leaf("dd", (), value))


def _hits(picture: Picture) -> dict[int, list[tuple[str, str]]]:
    """What a note hits, by its number: the anchor and the name of each host, then of each proxy that it stops."""
    result: dict[int, dict[str, str]] = {}
    for number, proxy in enumerate(picture.proxies, 1):
        for at, (host, entries) in enumerate(by_host(proxy).items(), 1):
            for note in (note for _, backend, _ in entries for note in backend.notes):
                result.setdefault(note.number, {})[f"h{number}-{at}"] = host
    for number, proxy in enumerate(picture.proxies, 1):
        named = f"{proxy.shown} ({count(len(proxy.hosts), 'host')})"
        for note in proxy.notes:
            result.setdefault(note.number, {})[f"p{number}"] = named
    return {number: list(hosts.items()) for number, hosts in result.items()}


def _services(picture: Picture) -> dict[int, list[int]]:
    """The numbers of the services that a note is about, by its own."""
    result: dict[int, list[int]] = {}
    for backend in picture.backends:
        for note in backend.notes:
            result.setdefault(note.number, []).append(backend.number)
    return result
