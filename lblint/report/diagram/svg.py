"""The diagram as SVG: a lane for each proxy, and in it four columns that are read from left to right.

What belongs together is on one height, so that no line crosses another one. Text is cut and wrapped by the width of a
fixed font, as its real width is known to the viewer alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from lblint.records import NamedTuple
from lblint.report.diagram.model import WARNED, Address, Backend, Note, Picture, Proxy, count
from lblint.report.escape import columns, printable, whole
from lblint.report.escape import said as shown
from lblint.report.xml import HEAD, element, leaf

_MARKS = 2
"""So many characters may share a column: what is drawn over others has no width, and no end."""


def fit(text: str, width: int) -> str:
    """The text in at most `width` columns; what is too much is taken out of its middle, for names differ at the end."""
    shown = printable(text[: 4 * width] + text[-4 * width :] if len(text) > 8 * width else text)
    if columns(shown) <= width and len(shown) <= _MARKS * width:
        return shown
    tail = _first(shown[::-1], (width - 1) // 2)[::-1]
    taken = max(columns(tail), -(-len(tail) // _MARKS))  # marks have no width, and are kept to a number all the same
    return _first(shown, width - 1 - taken) + "…" + tail


def wrap(text: str, width: int, most: int) -> list[str]:
    """The text in lines of at most `width` columns (eight at least), at most `most` of them; the last one ends in `…`
    if cut."""
    lines = list(_lines(printable(text[: 4 * width * most]), width))
    if len(lines) > most:
        last = " ".join(lines[most - 1 : most + 1])
        lines = [*lines[: most - 1], _first(last, width - 1).rstrip() + "…"]
    return lines


def _lines(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        while columns(word) > width or len(word) > _MARKS * width:  # no room for it in any line
            room = width - columns(line) - 1 if line else width
            if room < width // 4:
                yield line
                line = ""
                continue
            head = _first(word, room)
            yield f"{line} {head}" if line else head
            line, word = "", word[len(head) :]
        if line and columns(line) + 1 + columns(word) > width:
            yield line
            line = ""
        line = f"{line} {word}" if line and word else line or word
    if line:
        yield line


def _first(text: str, width: int) -> str:
    """As much of the start as there is room for."""
    taken = 0
    for at, char in enumerate(text):
        taken += columns(char)
        if taken > width or at >= _MARKS * width:
            return text[:at]
    return text


def style(name: str) -> str:
    """The text of a file of this package."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8", newline="") as file:
        return file.read()


MONO, SANS = 7.3, 6.4
"""The widest that a character of the two fonts is drawn, on average, in units of the picture."""
LINE, ROW, DETAIL = 15, 26, 15
"""Heights: a line of text, a host, what is said below its name."""
TOLD = 3
"""So many lines of a finding's message are drawn; all of it stands in the tooltip and the list."""


class Column(NamedTuple):
    """Where a column of the picture begins, and how wide it is."""

    x: int
    width: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.x + self.width

    @property
    def columns(self) -> int:
        """How many characters of the fixed-width font a box of it holds."""
        return int((self.width - 20) / MONO)

    @property
    def words(self) -> int:
        """How many characters of the other font a box of it holds."""
        return int((self.width - 20) / SANS)


HOST, SERVICE = Column(12, 370), Column(878, 310)
TLS = {"proxy": "TLS", "service": "TLS passed through", "-": "no TLS"}
"""Who ends it, in short."""


class Service:
    """The measures of a service's part of the picture, in units of it."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.lines = list(_facts(backend))
        self.told = [(note, wrap(f"{mark(note)} {note.finding.message} [{note.finding.rule}]", HOST.words, TOLD))
                     for note in backend.drawn]  # fmt: skip
        if backend.undrawn:
            self.told.append((backend.warnings[WARNED], [f"{WARNS} {count(backend.undrawn, 'more warning')}"]))
        hosts = sum(_height(address) + 4 for address in backend.addresses)
        text = sum(LINE * len(lines) + 4 for _, lines in self.told)
        self.height = max(hosts + text - 4 + 4 * bool(text), LINE * len(self.lines) + 30)

    def rows(self, y: int) -> Iterator[tuple[int, Address]]:
        """Its hosts, each with where it begins."""
        for address in self.backend.addresses:
            yield y, address
            y += _height(address) + 4

    def box(self, y: int) -> list[str]:
        """Its box."""
        backend = self.backend
        lines = (backend.service, *self.lines, *(whole(note.finding) for note in backend.notes))
        parts = [
            leaf("title", (), shown("\n".join(lines))),
            rect("box", SERVICE, y, self.height),
        ]
        names = [label(10, 18, fit(backend.service, SERVICE.columns), "m b")]
        names += [label(10, 34 + LINE * at, fit(line, SERVICE.words), "s q") for at, line in enumerate(self.lines)]
        return [element("g", (), *parts, within(SERVICE, y, self.height, *names))]


def mark(note: Note) -> str:
    """The sign that stands before a message, so that color is never the only one."""
    return BREAKS if note.error else WARNS


def row(address: Address, backend: Backend, y: int) -> list[str]:
    """A host with its path, and who ends TLS."""
    side = TLS[backend.tls]
    room = HOST.columns - len(side)
    parts = [
        leaf("title", (), shown("\n".join((address.shown, *_details(address))))),
        rect("box", HOST, y, _height(address)),
    ]
    names = [label(10, 17, fit(address.shown, room), "m b"), label(HOST.width - 10, 17, side, "s q", end=True)]
    names += [label(10, 32 + DETAIL * at, fit(line, HOST.words), "s q") for at, line in enumerate(_details(address))]
    return [element("g", (), *parts, within(HOST, y, _height(address), *names))]


def said(service: Service, y: int, linked: bool) -> Iterator[str]:
    """What breaks the service or may break it, below its hosts."""
    y += sum(_height(address) + 4 for address in service.backend.addresses)
    for note, lines in service.told:
        drawn = [label(10, 12 + LINE * at, line, "s e" if note.error else "s w") for at, line in enumerate(lines)]
        parts = (leaf("title", (), whole(note.finding)), within(HOST, y, LINE * len(lines) + 2, *drawn))
        yield element("a", (("href", f"#f{note.number}"),), *parts) if linked else element("g", (), *parts)
        y += LINE * len(lines) + 4


def label(x: int, y: int, text: str, kind: str, end: bool = False) -> str:
    """A line of text; `end`: it ends at `x`."""
    anchor = (("text-anchor", "end"),) if end else ()
    return leaf("text", (("x", x), ("y", y), ("class", kind), *anchor), text)


def within(column: Column, y: int, height: int, *drawn: str) -> str:
    """What is drawn from the corner of a box, and ends where the box does, however wide a viewer's font is: an inner
    `svg` cuts off what is outside of it."""
    size = (("x", column.x), ("y", y), ("width", column.width), ("height", height))
    return element("svg", (("class", "in"), *size), *drawn)


def rect(kind: str, column: Column, y: int, height: int) -> str:
    """A box of a column's width."""
    size = (("x", column.x), ("y", y), ("width", column.width), ("height", height), ("rx", 5))
    return element("rect", (("class", kind), *size))


def _height(address: Address) -> int:
    return ROW + DETAIL * len(_details(address))


def _details(address: Address) -> list[str]:
    """What is said of a host besides: several paths, and redirects."""
    lines = ["any other host"] if address.host == "*" else []
    lines += ["paths " + " ".join(address.paths)] if len(address.paths) > 1 else []
    return [*lines, *address.redirected[:3]]


def _facts(backend: Backend) -> Iterator[str]:
    facts = (f"port {backend.port}", backend.replicas, "vip" if backend.mode == "vip" else "", backend.where)
    line = " · ".join(fact for fact in facts if fact)
    yield from [line] if len(line) <= SERVICE.words else [" · ".join(fact for fact in facts[:-1] if fact), facts[-1]]
    yield from backend.options


WIDTH = 1200
"""Of the whole picture, in units of it: pixels, where nothing scales it."""
PROXY, NETWORK = Column(416, 194), Column(644, 200)
TOP, GAP, EDGE = 30, 8, 12
"""Height of the columns' heads; between two services; around everything."""
REPEAT = 640
"""The name of a tall proxy is written anew so often, in units: it is read wherever one has scrolled to."""
LISTED = 40
"""So many errors and warnings are listed below the picture; `lblint check` prints them all."""
BREAKS, WARNS = "✕", "▲"
"""The signs of an error and of a warning."""
STOPS = f"{BREAKS} an error hits the whole proxy"
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
    texts = leaf("title", (("id", f"{id_}-title"),), title) + leaf("desc", (("id", f"{id_}-text"),), description)
    return element("svg", names, texts, drawn)


def described(proxies: Sequence[Proxy]) -> str:
    """What the picture shows, in words."""
    return " ".join(
        f"{proxy.shown}: " + (", ".join(
            f"{' and '.join(address.shown for address in backend.addresses)} to {backend.service}"
            + (" (broken)" if backend.errors else " (warning)" if backend.warnings else "")
            for backend in proxy.backends) or "no route") + "."
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
    lines += [(f"{WARNS} {count(len(proxy.warnings), 'warning')}", "s w")] * bool(proxy.warnings)
    least = TOP + 14 + 15 * len(lines)
    bottom = max(y - GAP, least)
    tooltip = "\n".join((proxy.shown, *proxy.facts, *(whole(note.finding) for note in (*proxy.notes, *proxy.warnings))))
    kind = "bar stopped" if proxy.notes else "bar"
    return bottom, [*heads, *bands, *_bar(PROXY, TOP, bottom, kind, lines, tooltip), *bars]


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
    state = " broken" if backend.errors else " warned" if backend.warnings else ""
    return element("g", (("class", f"to{state}"), ("data-b", backend.number)), *parts)


def _line(start: int, end: int, y: int, kind: str = "") -> str:
    drawn = element("path", (("class", "way"), ("d", f"M{start} {y}H{end}")))
    return element("g", (("class", kind.strip()),), drawn) if kind else drawn


def _bar(
    column: Column, top: int, bottom: int, kind: str, lines: Sequence[tuple[str, str]], tooltip: str
) -> Iterator[str]:
    room = max((bottom - top - 8) // 15, 1)
    last = bottom - top - 15 * len(lines) - 8  # from here on, the last line would be cut at the lower edge
    names = [
        label(10, at + 19 + 15 * number, text, kinds)
        for at in range(0, max(last + 1, 1), REPEAT)
        for number, (text, kinds) in enumerate(lines[:room])
    ]
    box = rect(kind, column, top, bottom - top)
    yield element("g", (), leaf("title", (), shown(tooltip)), box, within(column, top, bottom - top, *names))


def _list(picture: Picture, y: int) -> Iterator[str]:
    """The errors and warnings, and how many other findings there are."""
    listed = [note for note in picture.notes if note.error or note.warning][:LISTED]
    lines: list[tuple[str, str]] = []
    for note in listed:
        finding = note.finding
        first = f"{mark(note)} {finding.file}:{finding.position.line}: {finding.message} [{finding.rule}]"
        kind = "s e" if note.error else "s w"
        lines += [(line, kind if not at else "s") for at, line in enumerate(wrap(first, 170, 3))]
        lines += [(line, "s q") for line in wrap(finding.consequence, 170, 2)]
    rest = len(picture.notes) - len(listed)
    if rest:
        lines.append((f"{count(rest, 'more finding')}: run lblint check", "s q"))
    for at, (text, kind) in enumerate(lines):
        yield label(EDGE, y + 15 * at, text, kind)
