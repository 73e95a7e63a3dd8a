"""The picture as a mermaid flowchart, which GitHub, GitLab and many wikis draw.

Every text stands in quotes, and every character of it but letters, digits and a few harmless ones is written as its
number (`#34;`), which mermaid shows as the character: nothing can end a text, or be taken for a keyword, a directive,
Markdown or HTML. Source: mermaid's pages on flowcharts ("entity codes to escape characters") and on configuration
(`maxTextSize`, `maxEdges`, which a diagram cannot raise by itself).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lblint.report.diagram.model import Address, Backend, Picture, Proxy, count
from lblint.report.diagram.svg import STOPS, TLS, WARNS, fit, mark, wrap

MOST_EDGES, MOST_TEXT = 500, 50_000
"""What renderers draw, unless their own configuration says otherwise: lines, and characters."""
NAMED = 3
"""So many hosts are named on the way to a service; where there are more, their number."""
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ,/")
_END = """\
  classDef default fill:#f6f8fa,stroke:#9aa7b5,color:#1f2933
  classDef proxy fill:#e3eaf3,stroke:#9aa7b5,color:#1f2933
  classDef network fill:#e6ede6,stroke:#9db09d,color:#1f2933
  classDef broken fill:#fef3f2,stroke:#d92d20,color:#7a1a12,stroke-width:2px
  classDef told fill:#fef3f2,stroke:none,color:#b42318
  classDef warned fill:#fff9ec,stroke:#b7791f,color:#5c3700
  classDef warning fill:#fff9ec,stroke:none,color:#8a5300
"""


def render_mermaid(picture: Picture) -> str:
    """A flowchart. Where one node for each host would be more than renderers draw, those of a service share one."""
    drawn = _chart(picture, False)
    return drawn if fits(drawn) else _chart(picture, True)


def fits(text: str) -> bool:
    """Whether renderers draw a chart of this length."""
    return len(text) <= MOST_TEXT and sum(" --> " in line or " -.- " in line or " -->|" in line
                                          for line in text.splitlines()) <= MOST_EDGES  # fmt: skip


def quoted(*lines: str) -> str:
    """Texts as one label of a node or an edge, line below line; an empty label would be a syntax error."""
    shown = ("".join(_char(char) for char in line) for line in lines if line)
    return f'"{"<br/>".join(shown) or " "}"'


def _char(char: str) -> str:
    if char == "\ufb02":  # a ligature that mermaid itself puts in the place of a number's `#`
        return "fl"
    return char if char in _PLAIN else f"#{ord(char)};"


class _Chart:
    """Lines of a chart, which count the edges among them: a style names an edge by its number."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.nodes: dict[tuple[str, ...], str] = {}
        self.red: list[int] = []
        self.edges = 0

    def add(self, line: str) -> None:
        self.lines.append(f"  {line}\n")

    def edge(self, start: str, end: str, broken: bool, arrow: str = "-->") -> None:
        self.add(f"{start} {arrow} {end}")
        self.red += [self.edges] * broken
        self.edges += 1


def _chart(picture: Picture, folded: bool) -> str:
    chart = _Chart()
    for number, proxy in enumerate(picture.proxies, 1):
        _proxy(chart, f"p{number}", proxy, folded)
    if not picture.proxies:
        chart.add('none["no service of these stacks asks for a route"]')
    summary = picture.summary.replace(";", ",")
    red = f"  linkStyle {','.join(map(str, chart.red))} stroke:#d92d20,stroke-width:2px\n" if chart.red else ""
    return f"flowchart LR\n  accTitle: Ingress\n  accDescr: {summary}\n{''.join(chart.lines)}{_END}{red}"


def _proxy(chart: _Chart, id_: str, proxy: Proxy, folded: bool) -> None:
    cluster = f"service cluster {proxy.cluster}" if proxy.cluster and proxy.name else ""
    stopped = STOPS if proxy.notes else ""
    warned = f"{WARNS} {count(len(proxy.warnings), 'warning')}" if proxy.warnings else ""
    lines = (fit(proxy.shown, 40), fit(cluster, 40), *(fit(fact, 40) for fact in proxy.facts), stopped, warned)
    chart.add(f"{id_}([{quoted(*lines)}]):::{'broken' if proxy.notes else 'proxy'}")
    for at, way in enumerate(proxy.ways, 1):
        network = f"{id_}n{at}"
        chart.add(f"{network}{{{{{quoted(*(fit(line, 40) for line in way.lines))}}}}}:::network")
        chart.edge(id_, network, all(backend.errors for backend in way.backends))
        for backend in way.backends:
            _backend(chart, id_, network, backend, folded)


def _backend(chart: _Chart, proxy: str, network: str, backend: Backend, folded: bool) -> None:
    broken = bool(backend.errors)
    kind = ":::broken" if broken else ":::warned" if backend.warnings else ""
    groups = [backend.addresses] if folded else [(address,) for address in backend.addresses]
    for group in groups:
        lines = tuple(line for address in group[:20] for line in _address(address, backend))
        lines += (f"and {len(group) - 20} more hosts",) if len(group) > 20 else ()
        key = (proxy, *lines, kind)
        if key not in chart.nodes:
            chart.nodes[key] = f"h{len(chart.nodes) + 1}"
            chart.add(f"{chart.nodes[key]}[{quoted(*lines)}]{kind}")
            chart.edge(chart.nodes[key], proxy, broken)
    service = f"s{backend.number}"
    facts = f"port {backend.port} · {backend.replicas}{' · vip' if backend.mode == 'vip' else ''}"
    options = (fit(option, 48) for option in backend.options)
    chart.add(f"{service}[{quoted(fit(backend.service, 48), fit(facts, 48), *options)}]{kind}")
    chart.edge(network, service, broken, f"-->|{quoted(*_names(backend))}|")
    for note in backend.drawn:
        node = f"{service}f{note.number}"
        label = " ".join(wrap(f"{mark(note)} {note.finding.message}", 40, 4))  # renderers break lines, but not words
        chart.add(f"{node}[{quoted(label, f'({note.finding.rule})')}]:::{'told' if note.error else 'warning'}")
        chart.edge(service, node, note.error, "-.-")


def _address(address: Address, backend: Backend) -> Iterator[str]:
    yield fit("any other host" if address.host == "*" else address.shown, 48)
    if len(address.paths) > 1:
        yield fit("paths " + " ".join(address.paths), 48)
    if backend.tls != "-":
        yield TLS[backend.tls]
    yield from (fit(line, 64) for line in address.redirected[:3])


def _names(backend: Backend) -> Iterable[str]:
    """The hosts that lead to a service, for the line to it: at the proxy all lines meet."""
    names = [fit("any other host" if address.host == "*" else address.shown, 40) for address in backend.addresses]
    return names if len(names) <= NAMED else [*names[: NAMED - 1], f"and {len(names) - NAMED + 1} more hosts"]
