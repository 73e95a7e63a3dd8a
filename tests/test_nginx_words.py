"""What the real nginx says of the rules' bad examples: `fixtures/rules/<id>/nginx.txt`, which their pages show.

`pytest tests/test_nginx_words.py --update` asks it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixture import FIXTURES, mains, run
from nginx import SETTINGS, Sandbox, sandbox, version

from lblint import rules
from lblint.finding import Breaks, Severity
from lblint.interlock.routes import Route, Word
from lblint.proxy import trial

RULES = [rule for rule in rules.load().values() if rule.breaks is Breaks.PROXY]
MOST = 8
"""So many different complaints of one rule are shown."""


def complaints(box: Sandbox, path: Path, rule: str) -> Iterator[str]:
    """What nginx says of the services that a rule finds broken: of each alone, or where it takes each, of all."""
    result = run(path)
    broken = {f.service for f in result.findings if f.rule == rule and f.severity > Severity.INFO}
    routes = [with_port(route) for route in result.checked.ingress.routes if route.service.key in broken]
    said = [box.test(trial(result.checked.ingress._replace(routes=(one,)), SETTINGS).text) for one in routes]
    if broken and all(verdict.ok for verdict in said):
        said = [box.test(trial(result.checked.ingress, SETTINGS).text)]
    yield from (verdict.message.replace(f":{SETTINGS.port}", ":80") for verdict in said if not verdict.ok)


def with_port(route: Route) -> Route:
    """The route with the text of its label as the port: what is no port is left out of a trial otherwise."""
    label = route.label("port")
    return route._replace(port=Word(label.value, label.place)) if label and route.port is None else route


def shape(message: str) -> str:
    """A complaint without the names in it."""
    return re.sub(r'"[^"]*"|\S*\d\S*', "_", message)


@pytest.mark.needs_nginx
def test_the_words_of_nginx_are_those_of_the_pages(update: bool) -> None:
    if version()[:2] != (1, 22) and not update:
        pytest.skip("other versions of nginx may have other words")
    wrong = {}
    with sandbox() as box:
        for rule in RULES:
            folder = FIXTURES / "rules" / rule.id
            golden = folder / "nginx.txt"
            said: dict[str, str] = {}
            for path in mains(folder, "bad*.yml"):
                for message in complaints(box, path, rule.id):
                    if len(message) < 200 and message.isprintable():
                        said.setdefault(shape(message), message)
            text = "".join(f"nginx: [emerg] {message}\n" for message in list(said.values())[:MOST])
            if update and text:
                golden.write_text(text, "utf-8")
            if text != (golden.read_text("utf-8") if golden.exists() else ""):
                wrong[rule.id] = text
    assert wrong == {}, "run: pytest tests/test_nginx_words.py --update"
