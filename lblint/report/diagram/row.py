"""One service in the picture: its hosts on the left, its box on the right, and between them what breaks it."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.records import NamedTuple
from lblint.report.diagram.fit import fit, wrap
from lblint.report.diagram.graph import Address, Backend
from lblint.report.message import whole
from lblint.report.printable import said as shown
from lblint.report.xml import element, leaf

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
        self.told = [(note, wrap(f"✕ {note.finding.message} [{note.finding.rule}]", HOST.words, TOLD))
                     for note in backend.errors]  # fmt: skip
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
        told = (backend.service, *self.lines, *(whole(note.finding) for note in backend.notes))
        parts = [
            leaf("title", (), shown("\n".join(told))),
            rect("box", SERVICE, y, self.height),
        ]
        names = [label(10, 18, fit(backend.service, SERVICE.columns), "m b")]
        names += [label(10, 34 + LINE * at, fit(line, SERVICE.words), "s q") for at, line in enumerate(self.lines)]
        return [element("g", (), *parts, within(SERVICE, y, self.height, *names))]


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
    """What breaks the service, below its hosts."""
    y += sum(_height(address) + 4 for address in service.backend.addresses)
    for note, lines in service.told:
        drawn = [label(10, 12 + LINE * at, line, "s e") for at, line in enumerate(lines)]
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
