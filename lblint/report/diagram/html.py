"""The picture as one HTML file that needs nothing else: the drawing of each proxy, a table to search, the findings.

Nothing in it asks for another file, and its content security policy forbids that: it allows one style sheet and one
script, each by its hash, so that no text of a stack file could ever become either.
"""

from __future__ import annotations

from collections.abc import Iterable

from lblint.report.diagram.findings import broken, first_errors, rest
from lblint.report.diagram.html_table import table
from lblint.report.diagram.model import Note, Picture, Proxy, count
from lblint.report.diagram.svg import described, document, lane, style
from lblint.report.escape import text
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
WARNED = "&#9650; Warnings on this proxy:\n"
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
    return element("p", (("class", "stopped warning"),), WARNED, *links, *more)


def _cause(note: Note) -> str:
    return f"{note.finding.rule} in {note.finding.service or text(note.finding.file)}"


def _open(name: str, attributes: Iterable[tuple[str, object]]) -> str:
    """An element of HTML that has no end."""
    return element(name, attributes).replace("/>\n", ">\n")


def _hash(text: str) -> str:
    from base64 import b64encode
    from hashlib import sha256

    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
