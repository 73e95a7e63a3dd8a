"""A strict reader of the mermaid flowcharts that lblint writes: whatever it takes, mermaid's own grammar takes.

Mermaid 10.9 and 11.17 were asked about this form by hand: every text of `HOSTILE` came out as itself, in every place.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LABEL = r'"((?:[A-Za-z0-9 ,/]|#[0-9]{1,7};|<br/>)+)"'
_ID = r"([a-z]+[0-9]*(?:[a-z][0-9]+)?)"
_KIND = r"(?::::(proxy|network|broken|told|warned|warning))?"
_NODE = re.compile(rf"  {_ID}(?:\(\[{_LABEL}\]\)|\{{\{{{_LABEL}\}}\}}|\[{_LABEL}\]){_KIND}")
_EDGE = re.compile(rf"  {_ID} (-->|-\.-)(?:\|{_LABEL}\|)? {_ID}")
_STYLE = re.compile(r"  (?:classDef [a-z]+|linkStyle ([0-9,]+)) [a-z-]+:[#a-z0-9]+(?:,[a-z-]+:[#a-z0-9]+)*")
_HEAD = re.compile(r"flowchart LR\n  accTitle: [A-Za-z ]+\n  accDescr: [A-Za-z0-9, ]+\n")


class Edge(NamedTuple):
    start: str
    end: str
    label: str
    broken: bool


class Chart(NamedTuple):
    """Nodes by their id, each with its lines and kind, and edges."""

    nodes: dict[str, tuple[list[str], str]]
    edges: list[Edge]


def shown(label: str) -> list[str]:
    """The lines of a label as mermaid shows them."""
    return [re.sub("#([0-9]+);", lambda match: chr(int(match[1])), line) for line in label.split("<br/>")]


def parse(text: str) -> Chart:
    """The chart; an `AssertionError` for a line of no known form, an edge of no node, a style of no edge."""
    head = _HEAD.match(text)
    assert head is not None
    assert text.isascii()
    nodes: dict[str, tuple[list[str], str]] = {}
    edges: list[tuple[str, str, str]] = []
    red: set[int] = set()
    for line in text[head.end() :].splitlines():
        if node := _NODE.fullmatch(line):
            assert node[1] not in nodes, line
            nodes[node[1]] = shown(node[2] or node[3] or node[4]), node[5] or ""
        elif edge := _EDGE.fullmatch(line):
            edges.append((edge[1], edge[4], "\n".join(shown(edge[3] or ""))))
        else:
            style = _STYLE.fullmatch(line)
            assert style is not None, line
            red |= {int(number) for number in (style[1] or "").split(",") if number}
    assert red <= set(range(len(edges)))
    assert {name for start, end, _ in edges for name in (start, end)} <= set(nodes)
    return Chart(nodes, [Edge(*edge, number in red) for number, edge in enumerate(edges)])
