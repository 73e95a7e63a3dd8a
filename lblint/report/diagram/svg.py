"""The picture as SVG: a lane for each proxy, and in it four columns that are read from left to right. Whatever is on
one height belongs together, so no line crosses another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.report.diagram.fit import fit, wrap
from lblint.report.diagram.graph import Picture, Proxy
from lblint.report.diagram.row import HOST, SERVICE, Column, Service, label, rect, row, said, within
from lblint.report.diagram.style import style
from lblint.report.message import whole
from lblint.report.printable import said as shown
from lblint.report.xml import HEAD, element, leaf

WIDTH = 1200
"""Of the whole picture, in units of it: pixels, where nothing scales it."""
PROXY, NETWORK = Column(416, 194), Column(644, 200)
TOP, GAP, EDGE = 30, 8, 12
"""Height of the columns' heads; between two services; around everything."""
REPEAT = 640
"""The name of a tall proxy is written anew so often, in units: it is read wherever one has scrolled to."""
LISTED = 40
"""So many errors are listed below the picture; `lblint check` tells them all."""
STOPS = "✕ an error hits the whole proxy"
HEADS = ((HOST, "host"), (PROXY, "proxy"), (NETWORK, "network"), (SERVICE, "service"))


def render_svg(picture: Picture) -> str:
    """A file that needs nothing else: no font, no script, no other file."""
    parts: list[str] = []
    y = 44
    for proxy in picture.proxies:
        height, drawn = lane(proxy)
        parts.append(element("g", (("transform", f"translate(0 {y})"),), *drawn))
        y += height + 2 * GAP
    listed = list(_list(picture, y + 12))
    height = y + (12 + 15 * len(listed) if listed else 0) + EDGE
    head = leaf("text", (("x", EDGE), ("y", 27), ("class", "s h")), f"Ingress: {picture.summary}")
    paper = element("rect", (("class", "paper"), ("width", WIDTH), ("height", height)))
    everything = "".join((element("style", (), style("picture.css")), paper, head, *parts, *listed))
    size = (("width", WIDTH), ("height", height))
    return HEAD + document("picture", picture.summary, described(picture.proxies), height, everything, size)


def document(
    id_: str, title: str, description: str, height: int, drawn: str, size: Sequence[tuple[str, object]] = ()
) -> str:
    """An `svg` element with its title and description for those who do not see it; what is `drawn` is XML already."""
    names = (("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", f"0 0 {WIDTH} {height}"), *size,
             ("role", "graphics-document"), ("aria-roledescription", "diagram"),
             ("aria-labelledby", f"{id_}-title"), ("aria-describedby", f"{id_}-text"))  # fmt: skip
    told = leaf("title", (("id", f"{id_}-title"),), title) + leaf("desc", (("id", f"{id_}-text"),), description)
    return element("svg", names, told, drawn)


def described(proxies: Sequence[Proxy]) -> str:
    """What the picture shows, in words."""
    return " ".join(
        f"{proxy.shown}: " + (", ".join(
            f"{' and '.join(address.shown for address in backend.addresses)} to {backend.service}"
            + (" (broken)" if backend.errors else "") for backend in proxy.backends) or "no route") + "."
        for proxy in proxies
    )  # fmt: skip


def lane(proxy: Proxy, linked: bool = False) -> tuple[int, list[str]]:
    """A proxy and all that is behind it: its height, and its elements. `linked`: what breaks leads to `#f<number>`."""
    heads = [label(column.x, 18, name, "s q") for column, name in HEADS]
    bands: list[str] = []
    bars: list[str] = []
    y = TOP
    for way in proxy.ways:
        start = y
        for backend in way.backends:
            service = Service(backend)
            bands.append(_band(service, y, linked))
            y += service.height + GAP
        lines = [(fit(line, NETWORK.columns), "m") for line in way.lines]
        lines = [(way.what, "s q"), *lines] if way.what else lines
        bars += _bar(NETWORK, start, y - GAP, "net", lines, "\n".join(way.lines))
        middle = start + min(26, (y - GAP - start) // 2)
        broken = all(backend.errors for backend in way.backends)
        bars.append(_line(PROXY.end, NETWORK.x, middle, " broken" if broken else ""))
    if not proxy.ways:
        bands.append(label(HOST.x + 10, y + 26, "no route leads here", "s q"))
        y += 44 + GAP
    lines = [(fit(proxy.shown, PROXY.columns), "m b")]
    facts = (*([f"service cluster {proxy.cluster}"] if proxy.cluster and proxy.name else []), *proxy.facts)
    lines += [(line, "s q") for fact in facts for line in wrap(fact, PROXY.words, 2)]
    lines += [(line, "s e") for line in wrap(STOPS, PROXY.words, 3)] * bool(proxy.notes)
    least = TOP + 14 + 15 * len(lines)
    bottom = max(y - GAP, least)
    told = "\n".join((proxy.shown, *proxy.facts, *(whole(note.finding) for note in proxy.notes)))
    kind = "bar stopped" if proxy.notes else "bar"
    return bottom, [*heads, *bands, *_bar(PROXY, TOP, bottom, kind, lines, told), *bars]


def _band(service: Service, y: int, linked: bool) -> str:
    backend = service.backend
    parts = [element("rect", (("class", "band"), ("x", 4), ("y", y - 3), ("width", WIDTH - 8),
                              ("height", service.height + 6), ("rx", 5)))]  # fmt: skip
    for at, address in service.rows(y):
        parts += row(address, backend, at)
        parts.append(_line(HOST.end, PROXY.x, at + 13))
    parts += said(service, y, linked)
    parts += service.box(y)
    parts.append(_line(NETWORK.end, SERVICE.x, y + 13))
    broken = " broken" if backend.errors else ""
    return element("g", (("class", f"to{broken}"), ("data-b", backend.number)), *parts)


def _line(start: int, end: int, y: int, kind: str = "") -> str:
    drawn = element("path", (("class", "way"), ("d", f"M{start} {y}H{end}")))
    return element("g", (("class", kind.strip()),), drawn) if kind else drawn


def _bar(
    column: Column, top: int, bottom: int, kind: str, lines: Sequence[tuple[str, str]], told: str
) -> Iterator[str]:
    room = max((bottom - top - 8) // 15, 1)
    names = [
        label(10, at + 19 + 15 * number, text, kinds)
        for at in range(0, max(bottom - top - 15 * len(lines), 1), REPEAT)
        for number, (text, kinds) in enumerate(lines[:room])
    ]
    box = rect(kind, column, top, bottom - top)
    yield element("g", (), leaf("title", (), shown(told)), box, within(column, top, bottom - top, *names))


def _list(picture: Picture, y: int) -> Iterator[str]:
    """The errors, and how many other findings there are."""
    errors = [note for note in picture.notes if note.error]
    lines: list[tuple[str, str]] = []
    for note in errors[:LISTED]:
        found = note.finding
        first = f"{found.file}:{found.position.line}: {found.message} [{found.rule}]"
        lines += [(line, "s e" if not at else "s") for at, line in enumerate(wrap(first, 170, 3))]
        lines += [(line, "s q") for line in wrap(found.consequence, 170, 2)]
    rest = len(picture.notes) - len(errors[:LISTED])
    if rest:
        lines.append((f"{rest} more finding{'s' * (rest > 1)}: lblint check tells them", "s q"))
    for at, (text, kind) in enumerate(lines):
        yield label(EDGE, y + 15 * at, text, kind)
