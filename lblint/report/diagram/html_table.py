"""The table of a proxy's routes in the page: a group of rows for each host, found by its name."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.report.diagram.model import WARNED, Address, Backend, Note, Proxy, Way, count
from lblint.report.diagram.svg import BREAKS, WARNS, mark
from lblint.report.xml import element, leaf

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
