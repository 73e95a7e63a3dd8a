"""The picture as one HTML file that needs nothing else: the drawing of each proxy, a table to search, the findings.

Nothing in it asks for another file, and its content security policy forbids that: it allows one style sheet and one
script, each by its hash, so that no text of a stack file could ever become either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lblint.report.diagram.model import WARNED, Address, Backend, Note, Picture, Proxy, Way, count
from lblint.report.diagram.svg import BREAKS, WARNS, described, document, lane, mark, style
from lblint.report.escape import remarks, said, text
from lblint.report.xml import element, leaf

OPEN = 40
"""So many services of a proxy are drawn at first sight; above it, the drawing is to be opened."""
CAUSES = 5
"""So many errors that stop a proxy are named beside it."""


def render_html(picture: Picture) -> str:
    """The page. All of its text is ASCII."""
    sheet, script = f"\n{style('page.css')}{style('picture.css')}", f"\n{style('page.js')}"
    policy = (f"default-src 'none'; style-src '{_hash(sheet)}'; script-src '{_hash(script)}'; img-src data:; "
              "base-uri 'none'; form-action 'none'")  # fmt: skip
    head = (
        '<meta charset="utf-8">\n',
        _open("meta", (("http-equiv", "Content-Security-Policy"), ("content", policy))),
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="referrer" content="no-referrer">\n',
        '<meta name="color-scheme" content="light dark">\n',
        '<link rel="icon" href="data:,">\n',
        leaf("title", (), f"Ingress: {picture.summary}"),
        f"<style>{sheet}</style>\n",
    )
    body = (_top(picture), element("main", (), *_main(picture)), FOOT, f"<script>{script}</script>\n")
    return f'<!doctype html>\n<html lang="en">\n{element("head", (), *head)}{element("body", (), *body)}</html>\n'


STOPS = "&#10005; This hits the whole proxy, and with it every host below:\n"
SAID_OF_WARNINGS = "&#9650; Warnings on this proxy:\n"
FOOT = "<footer>What the stack files say, not what runs: <code>lblint status</code> asks the managers.</footer>\n"
FORM = """\
<form id="find" role="search" hidden>
<label for="q">Find</label>
<input id="q" type="search" placeholder="host, path, service, stack, network" autocomplete="off" spellcheck="false" \
aria-keyshortcuts="/">
<label class="only"><input id="only" type="checkbox"> only what is broken</label>
<output id="hits" aria-live="polite"></output>
</form>
"""


def _top(picture: Picture) -> str:
    links = [
        leaf("a", (("href", f"#p{number}"),), f"{proxy.shown} ({count(len(proxy.hosts), 'host')})")
        for number, proxy in enumerate(picture.proxies, 1)
    ]
    nav = element("nav", (("aria-label", "Proxies"),), *links) if len(links) > 1 else ""
    return element("header", (), "<h1>Ingress</h1>\n", leaf("p", (), picture.summary), nav) + FORM


def _main(picture: Picture) -> Iterable[str]:
    yield first_errors(picture)
    for number, proxy in enumerate(picture.proxies, 1):
        yield _section(number, proxy)
    if not picture.proxies:
        yield '<p class="empty">No service of these stacks asks for a route.</p>\n'
    yield broken(picture)
    yield rest(picture)


def _section(number: int, proxy: Proxy) -> str:
    """A proxy: its name, its drawing, its table."""
    backends = list(proxy.backends)
    facts = [f"service cluster {proxy.cluster}"] if proxy.cluster and proxy.name else []
    facts += [*proxy.facts, count(len(proxy.hosts), "host"), count(len(backends), "service")]
    parts = [leaf("h2", (("id", f"p{number}-name"),), proxy.shown), leaf("p", (("class", "facts"),), " · ".join(facts))]
    parts += [_stopped(proxy)] if proxy.notes else []
    parts += [_warned(proxy)] if proxy.warnings else []
    if backends:
        height, drawn = lane(proxy, linked=True)
        drawing = document(f"d{number}", proxy.shown, described([proxy]), height + 12, "".join(drawn))
        frame = (("class", "scroll"), ("tabindex", 0), ("role", "region"), ("aria-labelledby", f"p{number}-name"))
        shown = (("class", "drawing"), *((("open", ""),) if len(backends) <= OPEN else ()))
        parts.append(element("details", shown, leaf("summary", (), "Picture"), element("div", frame, drawing)))
        parts.append(table(number, proxy))
    names = (("id", f"p{number}"), ("class", "proxy"), ("aria-labelledby", f"p{number}-name"))
    return element("section", names, *parts)


def _stopped(proxy: Proxy) -> str:
    """That errors of one route stop them all, with the way to each."""
    links = [leaf("a", (("href", f"#f{note.number}"),), _cause(note)) for note in proxy.notes[:CAUSES]]
    more = [f"and {count(len(proxy.notes) - CAUSES, 'more error')}\n"] if len(proxy.notes) > CAUSES else []
    return element("p", (("class", "stopped"),), STOPS, *links, *more)


def _warned(proxy: Proxy) -> str:
    """The warnings on the proxy itself, with the way to each."""
    links = [leaf("a", (("href", f"#f{note.number}"),), note.finding.rule) for note in proxy.warnings[:CAUSES]]
    more = [f"and {len(proxy.warnings) - CAUSES} more\n"] if len(proxy.warnings) > CAUSES else []
    return element("p", (("class", "stopped warning"),), SAID_OF_WARNINGS, *links, *more)


def _cause(note: Note) -> str:
    return f"{note.finding.rule} in {note.finding.service or text(note.finding.file)}"


def _open(name: str, attributes: Iterable[tuple[str, object]]) -> str:
    """An element of HTML that has no end."""
    return element(name, attributes).replace("/>\n", ">\n")


def _hash(text: str) -> str:
    from base64 import b64encode
    from hashlib import sha256

    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


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


HEADS = ("Host", "Path", "TLS", "Over", "Service", "Tasks", "Stack")
LONGEST = 300
"""So many characters of a name are shown in a cell."""
TLS = {"proxy": "at the proxy", "service": "passed through", "-": "none"}
"""Who ends it."""
Entry = tuple[Way, Backend, Address]


def table(number: int, proxy: Proxy) -> str:
    """All routes of a proxy, by host; `number` is that of the proxy in its page."""
    head = element("thead", (), element("tr", (), *(leaf("th", (("scope", "col"),), name) for name in HEADS)))
    groups = by_host(proxy).items()
    bodies = (_group(f"h{number}-{at}", host, entries) for at, (host, entries) in enumerate(groups, 1))
    return element("table", (("aria-labelledby", f"p{number}-name"),), head, *bodies)


def by_host(proxy: Proxy) -> dict[str, list[Entry]]:
    """The routes of each host, sorted; the default backend comes last."""
    of_host: dict[str, list[Entry]] = {}
    for way in proxy.ways:
        for backend in way.backends:
            for address in backend.addresses:
                of_host.setdefault(address.host, []).append((way, backend, address))
    order = sorted(of_host, key=lambda host: (host == "*", host))
    return {host: sorted(of_host[host], key=lambda entry: (entry[2].paths, entry[1].service)) for host in order}


def _group(id_: str, host: str, entries: list[Entry]) -> str:
    """The rows of a host; its name stands beside all of them."""
    rows: list[list[str]] = []
    listed: set[int] = set()
    for way, backend, address in entries:
        rows.append(_cells(way, backend, address))
        new = [note for note in backend.drawn if note.number not in listed]
        rows += [[_told(note, f"{mark(note)} {note.finding.message[:LONGEST]}", note.finding.rule)] for note in new]
        if new and backend.undrawn:
            rows.append([_told(backend.warnings[WARNED], f"{WARNS} {count(backend.undrawn, 'more warning')}")])
        listed |= {note.number for note in backend.drawn}
    notes = ["any other host"] if host == "*" else []
    rows[0].insert(0, cell("th", "host", "", host, *notes, scope="rowgroup", rowspan=len(rows)))
    numbers = " ".join(str(backend.number) for _, backend, _ in entries)
    state = "broken" if any(other.errors for _, other, _ in entries) else "warned" if listed else ""
    kind = (("class", state),) if state else ()
    return element("tbody", (("id", id_), ("data-b", numbers), *kind), *(element("tr", (), *row) for row in rows))


def _cells(way: Way, backend: Backend, address: Address) -> list[str]:
    """A row: one host and its paths to one service."""
    tls = [f"secret {backend.secret}"] if backend.secret else []
    stack = [backend.where] if backend.stack == "?" else [backend.stack, backend.where]
    wrong = f" {BREAKS}" if backend.errors else f" {WARNS}" if backend.warnings else ""
    return [
        cell("td", "path", HEADS[1], "  ".join(address.paths), *address.redirected),
        cell("td", "tls", HEADS[2], TLS[backend.tls], *tls),
        cell("td", "over", HEADS[3], " ".join(way.lines[:1]), *way.lines[1:]),
        cell("td", "service", HEADS[4], backend.service + wrong, f"port {backend.port}", *backend.options),
        cell("td", "tasks", HEADS[5], backend.replicas, *(["backend mode vip"] if backend.mode == "vip" else [])),
        cell("td", "stack", HEADS[6], *stack),
    ]


def _told(note: Note, text: str, rule: str = "") -> str:
    """What breaks the route above, or may: a cell as wide as the table beside the host."""
    link = leaf("a", (("href", f"#f{note.number}"),), text)
    kind = "told" if note.error else "told warning"
    return element("td", (("colspan", len(HEADS) - 1), ("class", kind)), link, leaf("code", (), rule) if rule else "")


def cell(name: str, kind: str, head: str, text: str, *more: str, **attributes: object) -> str:
    """A cell: a text, and in smaller letters what is said of it. `head` is shown where there is no room for columns."""
    names = (("class", kind), *((("data-head", head),) if head else ()), *attributes.items())
    return element(name, names, *_texts(text, more))


def _texts(text: str, more: tuple[str, ...]) -> Iterator[str]:
    yield leaf("bdi", (), text[:LONGEST])
    yield from (leaf("small", (), text[:LONGEST]) for text in more)
