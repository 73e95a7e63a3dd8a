"""Pictures for tests: of fixtures, of texts drawn at random, and what a parser finds in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from fixture import FIXTURES, mains, run
from hypothesis import strategies as st

from lblint.finding import Breaks, Finding, Position, Severity
from lblint.lint import Options, Result, check_stacks
from lblint.report.diagram.model import Address, Backend, Note, Picture, Proxy, Way
from lblint.source import read

STACKS = mains(FIXTURES / "stacks", "*/*.yml")
TOWNS = sorted(path for path in (FIXTURES / "routes").iterdir() if path.is_dir())
"""Folders with the stacks of one ingress each."""
SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta", "link", "input", "img"}

HOSTILE = (
    '"><script>document.title="taken"</script>', "</style><script>", "<img src=x onerror=alert(1)>", "]]>", "-->",
    "' onmouseover='x", "&lt;b&gt;", "&#60;", "javascript:alert(1)", "end", "a --> b", '"];x["', "click h1 call x()",
    "%%{init: {}}%%", "line\nbreak", "\r\n\r\n", "\x00\x1b[31m", "\u202egnp.exe", "\ud800", "`${1}`", "e\u0301" * 40,
    "{{x}}", "|x|", "#35;", "x" * 700, "日本" * 300, "", " ", "\ufb02°°60¶ß", ":::broken", "</title>", "<!--",
    "\ufeff",
)  # fmt: skip
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))


def of_fixture(path: Path) -> Result:
    """The check of a stack, or of all stacks of a folder."""
    if not path.is_dir():
        return run(path)
    return check_stacks([[read(p.read_bytes(), p.name)] for p in sorted(path.glob("*.yml"))], Options())


def findings(text: st.SearchStrategy[str]) -> st.SearchStrategy[Finding]:
    return st.builds(
        Finding, file=text, position=st.just(Position(3, 4, 3, 9)), rule=text, severity=st.sampled_from(Severity),
        breaks=st.sampled_from(Breaks), message=text, consequence=text, help=text, path=st.just(()), stack=text,
        service=text, fixes=st.just(()),
    )  # fmt: skip


@st.composite
def pictures(draw: st.DrawFn, text: st.SearchStrategy[str] = TEXTS) -> Picture:
    """Pictures of any shape, with any text in every place that a stack file can fill."""
    some = st.lists(text, max_size=2).map(tuple)
    notes = tuple(Note(number, found) for number, found in enumerate(draw(st.lists(findings(text), max_size=4)), 1))
    picked = st.lists(st.sampled_from(notes), max_size=2, unique_by=lambda note: note.number) if notes else st.just([])
    addresses = st.builds(
        Address, host=st.one_of(text, st.just("*")), paths=st.lists(text, min_size=1, max_size=3).map(tuple),
        redirects=st.lists(st.tuples(text, text), max_size=2).map(tuple),
    )  # fmt: skip
    count = 0

    def backend() -> Backend:
        nonlocal count
        count += 1
        return Backend(
            number=count, service=draw(text), stack=draw(text), where=draw(text), port=draw(text), replicas=draw(text),
            mode=draw(st.sampled_from(["task", "vip"])), tls=draw(st.sampled_from(["proxy", "service", "-"])),
            secret=draw(text), options=draw(some), notes=tuple(draw(picked)),
            addresses=tuple(draw(st.lists(addresses, min_size=1, max_size=3))),
        )  # fmt: skip

    def way() -> Way:
        return Way(draw(st.booleans()), draw(some), tuple(backend() for _ in range(draw(st.integers(1, 3)))))

    def proxy() -> Proxy:
        ways = tuple(way() for _ in range(draw(st.integers(0, 2))))
        told = draw(picked)
        errors, warnings = (tuple(note for note in told if getattr(note, kind)) for kind in ("error", "warning"))
        return Proxy(draw(text), draw(text), draw(some), ways, errors, warnings)

    return Picture(tuple(proxy() for _ in range(draw(st.integers(0, 2)))), notes, draw(st.integers(0, 3)))


def mapped(value: Any, change: Callable[[str], str]) -> Any:
    """A picture with every text changed that is a stack file's; words of lblint's own (a mode, a severity) stay."""
    if isinstance(value, (Severity, Breaks)):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Backend):
        own = {name: mapped(getattr(value, name), change) for name in value._fields if name not in ("mode", "tls")}
        return value._replace(**own)
    if isinstance(value, tuple):
        changed = [mapped(item, change) for item in value]
        return type(value)(*changed) if hasattr(value, "_fields") else tuple(changed)
    return value


def texts(value: Any) -> set[str]:
    """All texts that `mapped` would change."""
    found: set[str] = set()
    mapped(value, lambda text: found.add(text) or text)  # type: ignore[func-returns-value]
    return found


class Page(HTMLParser):
    """What a browser's parser makes of a page: elements with their attributes in order, and whether all are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert "svg" in self.open, f"HTML has no <{tag}/>"
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]


def without_drawings(page: str) -> str:
    """A page without its drawings, in which texts are cut and broken into lines."""
    return re.sub(r'<div class="scroll".*?</div>', "", page, flags=re.DOTALL)


def svg(text: str) -> ElementTree.Element:
    """The root of a drawing."""
    return ElementTree.fromstring(text.encode("ascii"))
